/// Directions along which the rows differ most: near the principal axes of a sample of them.
///
/// What they are decides how much work a filter saves, never a label: see ``LeadingRows``. They are the same for every
/// number of ranks.
struct PrincipalAxes {
  /// `[columns, room]`, an axis a column, nearly orthonormal; of rows that are shifted and scaled (``CenteredRows``).
  let axes: AlignedFloats
  /// How many axes there are, and the distance from one column's to the next.
  let count: Int
  let room: Int
  /// At least how far the axes are from orthonormal: the Frobenius norm of AᵀA - 1.
  let departure: Double

  /// The most axes that are found.
  static let most = 127
  private static let sampleRows = 2048
  private static let rounds = 4

  /// Axes that are given, `[columns, count]`, however good they are.
  init(_ values: [Float], columns: Int) {
    count = values.count / columns
    room = AlignedFloats.stride(count)
    axes = AlignedFloats(count: columns * room)
    for (index, value) in values.enumerated() {
      axes.base[index / count * room + index % count] = value
    }
    departure = Self.departure(axes, columns: columns, count: count, room: room)
  }

  /// Axes of a sample, found by orthogonal iteration (F. L. Bauer, 1957).
  ///
  /// - Parameter sample: `[some, columns]`, shifted and scaled.
  /// - Complexity: O(some · columns · count + columns · count²).
  init(ofSample sample: AlignedFloats, columns: Int, count: Int, kernels: KernelTable) {
    let room = AlignedFloats.stride(count)
    let rows = sample.count / columns
    let axes = AlignedFloats(count: columns * room)
    let coordinates = AlignedFloats(count: rows * room)
    var random = PhiloxSequence(Philox(seed: 0, purpose: .axes), stream: 1)
    // `[count, columns]`; the first ones are the same however many there are.
    let vectors = AlignedArray<Double>(count: count * columns)
    for place in 0..<vectors.count { vectors.base[place] = random.nextUnit() - 0.5 }
    for round in 0...Self.rounds {
      Progress.beat()
      Self.orthonormalize(vectors.base, count: count, columns: columns)
      for axis in 0..<count {
        for column in 0..<columns {
          axes.base[column * room + axis] = Float(vectors.base[axis * columns + column])
        }
      }
      if round == Self.rounds { break }
      kernels.product(
        sample.base, stride: columns, axes.base, stride: room, rows: rows, columns: count,
        inner: columns, into: coordinates.base, stride: room)
      for first in stride(from: 0, to: rows, by: 64) {
        kernels.productOfTranspose(
          sample.base + first * columns, stride: columns, coordinates.base + first * room,
          stride: room, rows: columns, columns: count, inner: min(64, rows - first),
          into: axes.base, stride: room, accumulate: first > 0, next: nil)
      }
      for axis in 0..<count {
        for column in 0..<columns {
          vectors.base[axis * columns + column] = Double(axes.base[column * room + axis])
        }
      }
    }
    (self.axes, self.count, self.room) = (axes, count, room)
    departure = Self.departure(axes, columns: columns, count: count, room: room)
  }

  /// Gram and Schmidt's method, twice. A vector that the others leave nothing of becomes 0, which is an axis like any.
  private static func orthonormalize(
    _ vectors: UnsafeMutablePointer<Double>, count: Int, columns: Int
  ) {
    for index in 0..<count {
      let vector = vectors + index * columns
      let size = dot(vector, vector, columns).squareRoot()
      for _ in 0..<2 {
        for other in 0..<index {
          let other = vectors + other * columns
          let share = dot(vector, other, columns)
          for column in 0..<columns { vector[column] -= share * other[column] }
        }
      }
      let length = dot(vector, vector, columns).squareRoot()
      let factor = length > size * 1e-6 && length.isFinite ? 1 / length : 0
      for column in 0..<columns { vector[column] *= factor }
    }
  }

  private static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    var sums = SIMD8<Double>(repeating: 0)
    var place = 0
    let (left, right) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    while place + 8 <= count {
      sums +=
        left.loadUnaligned(fromByteOffset: place * 8, as: SIMD8<Double>.self)
        * right.loadUnaligned(fromByteOffset: place * 8, as: SIMD8<Double>.self)
      place += 8
    }
    var sum = sums.sum()
    while place < count {
      sum += a[place] * b[place]
      place += 1
    }
    return sum
  }

  private static func departure(
    _ axes: AlignedFloats, columns: Int, count: Int, room: Int
  ) -> Double {
    let vectors = AlignedArray<Double>(count: count * columns)
    for axis in 0..<count {
      for column in 0..<columns {
        vectors.base[axis * columns + column] = Double(axes.base[column * room + axis])
      }
    }
    var squares = 0.0
    for axis in 0..<count {
      for other in 0...axis {
        let product = dot(
          vectors.base + axis * columns, vectors.base + other * columns, columns)
        if axis != other {
          squares += 2 * product * product
        } else if product != 0 {
          // A vector of zeros is no axis, and adds nothing to any coordinate.
          squares += (product - 1) * (product - 1)
        }
      }
    }
    return squares.squareRoot() * (1 + 0x1p-20) + 0x1p-40
  }
}
