/// The rows that a network is surest of and wrong about: those whose predicted class is ahead of their own by most.
struct ConfusedRows {
  /// How many are kept, and the most bytes that the pictures of all of them take.
  static let most = 32, mostPixels = 1 << 18

  private struct Row {
    /// How far the logit of the predicted class is above that of the row's own.
    let margin: Float
    /// The row among all rows of its file, from 0.
    let row: Int
    let actual: Int, predicted: Int

    func precedes(_ other: Row) -> Bool { (other.margin, row) < (margin, other.row) }
  }

  /// In order, the logits of each beside it.
  private var found: [(row: Row, logits: [Float])] = []
  private let data: RowBlock
  private let shape: [Int]
  /// The extents of rows that are images, nil of others or of images that are too large.
  private let image: ImageExtents?
  private let loss: Loss
  private let kernels: KernelTable

  /// - Parameters:
  ///   - data: this rank's rows, with those that will be added.
  ///   - shape: the extents of a row.
  ///   - loss: one of classes.
  init(of data: RowBlock, shape: [Int], loss: Loss, kernels: KernelTable) {
    (self.data, self.loss, self.kernels) = (data, loss, kernels)
    image = ImageExtents(shape).flatMap {
      $0.count == data.columns && $0.count <= Self.mostPixels ? $0 : nil
    }
    self.shape = shape
  }

  /// Adds a row whose prediction is wrong, if it is among the worst.
  ///
  /// - Parameter row: its number among this rank's rows.
  mutating func add(
    row local: Int, actual: Int, predicted: Int, logits: UnsafeBufferPointer<Float>
  ) {
    let row = Row(
      margin: logits[predicted] - logits[actual], row: data.rows.lowerBound + local,
      actual: actual, predicted: predicted)
    guard row.margin.isFinite,
      found.count < Self.most || row.precedes(found.last!.row)
    else { return }
    let place = found.firstIndex { row.precedes($0.row) } ?? found.count
    found.insert((row, Array(logits)), at: place)
    if found.count > Self.most { found.removeLast() }
  }

  /// The worst rows of all ranks, with the probabilities of the class predicted and of their own and, where rows are
  /// images, their pixels; collective.
  ///
  /// - Parameter classNames: empty where classes are numbers.
  func report(
    classNames: [String], among world: Communicator
  ) throws(MPIError) -> [JSON.Member] {
    var margins = found.map(\.row.margin)
    var facts = found.flatMap { [$0.row.row, $0.row.actual, $0.row.predicted] }
    margins += [Float](repeating: -.infinity, count: Self.most - found.count)
    facts += [Int](repeating: 0, count: 3 * (Self.most - found.count))
    (margins, facts) = (try world.allGather(margins), try world.allGather(facts))
    let all = margins.indices.filter { margins[$0].isFinite }.map {
      Row(
        margin: margins[$0], row: facts[3 * $0], actual: facts[3 * $0 + 1],
        predicted: facts[3 * $0 + 2])
    }
    let worst = all.sorted { $0.precedes($1) }.prefix(Self.most)
    let pictured = image.map { min(worst.count, Self.mostPixels / $0.count) } ?? 0
    // Each is filled in by the rank that has the row; the others add zeros.
    var probabilities = [Double](repeating: 0, count: 2 * worst.count)
    var pixels = [UInt8](repeating: 0, count: pictured * (image?.count ?? 0))
    for (place, row) in worst.enumerated() {
      guard let own = found.first(where: { $0.row.row == row.row }) else { continue }
      let shares = loss.classProbabilities(own.logits, kernels)
      probabilities[2 * place] = Double(shares[row.predicted])
      probabilities[2 * place + 1] = Double(shares[row.actual])
      if place < pictured {
        let size = data.columns
        pixels.replaceSubrange(place * size..<(place + 1) * size, with: picture(of: row.row))
      }
    }
    try world.allReduce(&probabilities, .sum)
    try world.allReduce(&pixels, .maximum)
    func name(_ label: Int) -> JSON {
      classNames.isEmpty ? .integer(label) : .string(classNames[label])
    }
    let rows = worst.enumerated().map { place, row in
      let (first, size) = (place * data.columns, data.columns)
      return JSON.object(
        [
          .init("row", .integer(row.row)), .init("actual", name(row.actual)),
          .init("predicted", name(row.predicted)),
          .init("probability", .number(probabilities[2 * place])),
          .init("actual_probability", .number(probabilities[2 * place + 1])),
        ]
          + (place < pictured
            ? [.init("pixels", .string(Base64.encoded(Array(pixels[first..<first + size]))))] : []))
    }
    let extents =
      pictured > 0
      ? [JSON.Member("row_shape", .array(shape.map { .integer($0) }))] : []
    return extents + [.init("confused", .array(rows))]
  }

  /// A row as bytes in its own order: bytes as they are, other numbers from the lowest of the row, 0, to the highest, 255.
  private func picture(of row: Int) -> [UInt8] {
    let local = row - data.rows.lowerBound
    if data.element == .uint8 {
      return Array(
        UnsafeRawBufferPointer(start: data.base + local * data.rowBytes, count: data.columns))
    }
    var floats = [Float](repeating: 0, count: data.columns)
    data.copyRow(local, to: &floats, at: 0)
    let values = floats.enumerated().map {
      Double($1) + (data.offsets.isEmpty ? 0 : data.offsets[$0])
    }
    let (low, high) = (values.min()!, values.max()!)
    return values.map { high > low ? UInt8((255 * ($0 - low) / (high - low)).rounded()) : 0 }
  }
}
