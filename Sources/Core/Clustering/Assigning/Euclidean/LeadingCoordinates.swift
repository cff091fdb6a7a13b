/// Points along some axes, in integers: their coordinates, and the length of what these leave of them, rounded up.
///
/// Let x be a point (shifted and scaled), y = Aᵀx, E = AᵀA - 1, and r = x - Ay. Then |r|² = |x|² - |y|² + yᵀEy, and
/// for two points x·c = y·y' - yᵀEy' + r·r', where |r·r'| <= |r||r'|: without looking at r, their product is known
/// within |r||r'| + ‖E‖|y||y'|. So the lengths |r| are one more coordinate, whose product with another's makes of the
/// product of coordinates an upper bound of x·c, however the axes lie; the better they are, the closer it is.
struct LeadingCoordinates {
  let axes: PrincipalAxes
  private let kernels: KernelTable
  private let shift: AlignedFloats
  private let factor: AlignedFloats
  private let columns: Int

  /// Points at a time.
  static let most = 64
  private let scaled: AlignedFloats
  private let found: AlignedFloats

  init(_ axes: PrincipalAxes, of rows: CenteredRows, kernels: KernelTable) {
    self.axes = axes
    self.kernels = kernels
    columns = rows.rows.columns
    let room = AlignedFloats.stride(columns)
    (shift, factor) = rows.shiftAndFactor(room: room)
    scaled = AlignedFloats(count: Self.most * room)
    found = AlignedFloats(count: Self.most * axes.room)
  }

  /// Words of two integers that a point takes.
  var words: Int { (axes.count + 1 + 31) / 32 * 16 }

  /// What the coordinates of a point of norm 1 may be off by before they are rounded: each is a chain of products in
  /// single precision, of numbers that were shifted and scaled in it.
  var relativeError: Double {
    1.02 * Double(axes.count).squareRoot() * Double(columns + 4) * 0x1p-24
  }

  /// What rounding a point to multiples of 2^-bits may add.
  func rounding(bits: Int) -> Double {
    Double(axes.count).squareRoot() * Double(sign: .plus, exponent: -bits, significand: 0.5)
  }

  /// The bits behind the point that fit a number of norm `largest` into 16.
  static func bits(for largest: Double) -> Int {
    14 - Int(max(largest * 1.02, 0x1p-40).exponent)
  }

  /// Encodes rows as they were read.
  ///
  /// - Parameters:
  ///   - block: the points, of which `count` from `first` on are encoded; at most ``most``.
  ///   - norm: of each of them, at least its norm after shift and scale.
  ///   - words: receives `[count, words]`.
  /// - Complexity: O(count · columns · axes).
  func encode(
    _ block: RowBlock, _ first: Int, _ count: Int, bits: Int, norm: (Int) -> Double,
    into words: UnsafeMutablePointer<Int32>
  ) {
    switch block.element {
    case .float32:
      encode(block.floats(first), count, bits: bits, norm: norm, into: words)
    case .uint8:
      kernels.gather(
        block.bytes(first), columns: columns, rows: nil, count: count, shift: shift.base,
        factor: factor.base, into: scaled.base, stride: columns)
      encodeScaled(count, bits: bits, norm: norm, into: words)
    }
  }

  /// Encodes points, `[count, columns]`.
  func encode(
    _ points: UnsafePointer<Float>, _ count: Int, bits: Int, norm: (Int) -> Double,
    into words: UnsafeMutablePointer<Int32>
  ) {
    kernels.gather(
      points, columns: columns, rows: nil, count: count, shift: shift.base, factor: factor.base,
      into: scaled.base, stride: columns)
    encodeScaled(count, bits: bits, norm: norm, into: words)
  }

  private func encodeScaled(
    _ count: Int, bits: Int, norm: (Int) -> Double, into words: UnsafeMutablePointer<Int32>
  ) {
    kernels.product(
      scaled.base, stride: columns, axes.axes.base, stride: axes.room, rows: count,
      columns: axes.count, inner: columns, into: found.base, stride: axes.room)
    let power = Float(sign: .plus, exponent: bits, significand: 1)
    let unit = Double(sign: .plus, exponent: -bits, significand: 1)
    let rounding = rounding(bits: bits)
    for place in 0..<count {
      let integers = UnsafeMutableRawPointer(words + place * self.words)
        .assumingMemoryBound(to: Int16.self)
      let coordinates = found.base + place * axes.room
      var square = 0.0
      for axis in 0..<axes.count {
        let value = (coordinates[axis] * power).rounded(.toNearestOrEven)
        integers[axis] = Int16(value)
        square += Double(value) * Double(value)
      }
      let norm = norm(place)
      let least = max(0, square.squareRoot() * unit - (relativeError * norm + rounding))
      let rest = norm * norm - (1 - axes.departure) * least * least
      integers[axes.count] = Int16(
        (max(0, rest).squareRoot() * (1 + 0x1p-30) / unit).rounded(.up))
    }
  }
}

/// The leading coordinates of this rank's rows. They take 2 bytes an axis and row.
final class LeadingRows {
  let coordinates: LeadingCoordinates
  let rows: CenteredRows
  /// Coordinates are in units of 2^-bits.
  let bits: Int
  let words: Int
  /// `[rows, words]` of two 16-bit integers.
  let encoded: AlignedArray<Int32>
  /// The largest norm of a row.
  let largest: Double

  /// - Returns: nil for axes too far from orthonormal to prove anything, and for rows whose squared distances single
  ///   precision may not hold.
  /// - Complexity: O(own rows · columns · axes).
  init?(_ axes: PrincipalAxes, of rows: CenteredRows, kernels: KernelTable) {
    guard axes.departure < 1e-3, abs(rows.scale.exponent) <= 40 else { return nil }
    coordinates = LeadingCoordinates(axes, of: rows, kernels: kernels)
    self.rows = rows
    words = coordinates.words
    largest = Double(rows.norms.max() ?? 0)
    bits = LeadingCoordinates.bits(for: largest)
    let count = rows.rows.count
    encoded = AlignedArray(count: count * words)
    for first in stride(from: 0, to: count, by: LeadingCoordinates.most) {
      Progress.beat()
      coordinates.encode(
        rows.rows, first, min(LeadingCoordinates.most, count - first), bits: bits,
        norm: { Double(rows.norms[first + $0]) }, into: encoded.base + first * words)
    }
  }

  /// The length of what the coordinates leave of a row, or more.
  @inline(__always)
  func rest(_ row: Int) -> Double {
    let integers = UnsafeRawPointer(encoded.base + row * words).assumingMemoryBound(to: Int16.self)
    return Double(integers[coordinates.axes.count])
      * Double(sign: .plus, exponent: -bits, significand: 1)
  }
}
