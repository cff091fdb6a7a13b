import DTrainBase
import DTrainDist

/// Distances are measured among scaled rows, while centers are in the units of the rows as they were read.
extension ColumnScaling {
  /// The scaling that changes nothing.
  package static func none(_ columns: Int) -> ColumnScaling {
    ColumnScaling(
      kind: .none, shift: [Float](repeating: 0, count: columns),
      factor: [Float](repeating: 1, count: columns))
  }

  /// Computes a scaling by rows of which each counts as often as it weighs; collective, and the same on every rank.
  ///
  /// Sums are exact (``ExactSum``), so that a row of weight w is what w equal rows are. A column without spread gets
  /// the factor 1.
  ///
  /// - Complexity: O(own elements), three passes at most.
  package init(
    _ kind: Kind, of rows: RowBlock, _ weights: RowWeights?, among world: Communicator
  ) throws {
    let columns = rows.columns
    guard kind != .none, !(kind == .unit && rows.element == .uint8) else {
      try self.init(kind, of: rows, among: world)
      return
    }
    func forEachRow(_ body: (UnsafeBufferPointer<Float>, _ weight: Double) -> Void) {
      rows.forEachRow { row, values in
        let weight = weights.map { Double($0.values[row]) } ?? 1
        if weight > 0 { body(values, weight) }
      }
    }
    var least = [Float](repeating: .infinity, count: columns)
    var greatest = [Float](repeating: -.infinity, count: columns)
    forEachRow { values, _ in
      for column in values.indices {
        least[column] = min(least[column], values[column])
        greatest[column] = max(greatest[column], values[column])
      }
    }
    try world.allReduce(&least, .minimum)
    try world.allReduce(&greatest, .maximum)
    if kind == .unit {
      self.init(
        kind: kind, shift: [Float](repeating: 0, count: columns),
        factor: zip(least, greatest).map { Self.inverse(of: Double(max(-$0, $1))) })
      return
    }
    /// The weighted mean of a term of each value, column by column.
    func means(_ term: (_ column: Int, _ value: Double) -> Double) throws -> [Double] {
      var sums = [ExactSum](repeating: ExactSum(), count: columns + 1)
      forEachRow { values, weight in
        sums[columns].add(weight)
        for column in values.indices {
          let term = term(column, Double(values[column]))
          let product = term * weight
          sums[column].add(product)
          // What the product lost.
          if weight != 1 { sums[column].add((-product).addingProduct(term, weight)) }
        }
      }
      try ExactSum.combine(&sums, among: world)
      return sums[..<columns].map { $0.value / sums[columns].value }
    }
    var mean = try means { $1 }
    for column in 0..<columns where least[column] == greatest[column] {
      mean[column] = Double(least[column])
    }
    let variance = try means { ($1 - mean[$0]) * ($1 - mean[$0]) }
    self.init(
      // A zero's sign would depend on which rank held it.
      kind: kind, shift: mean.map { Float($0) + 0 },
      factor: variance.map { Self.inverse(of: $0.squareRoot()) })
  }

  /// The rows scaled, each value rounded once; nil where nothing is to be done.
  ///
  /// - Parameter name: of the rows, for messages.
  /// - Throws: `TrainerError(.badData)` where memory is short, or a value too large to be scaled, which it names.
  package func scaled(_ rows: RowBlock, of name: String) throws -> RowBlock? {
    guard kind != .none else { return nil }
    let target = try RowBlock(
      rows: rows.rows, columns: rows.columns, element: .float32, name: "scaled rows of \(name)")
    let values = target.memory.assumingMemoryBound(to: Float.self)
    var fault: TrainerError?
    rows.forEachRow { row, read in
      for column in read.indices {
        let value = scaled(read[column], column)
        values[row * rows.columns + column] = value
        if !value.isFinite, fault == nil {
          fault = Self.overflow(
            row: rows.rows.lowerBound + row, column: column, of: name, read[column])
        }
      }
    }
    if let fault { throw fault }
    return target
  }

  /// Points, `[count, columns]`, scaled.
  package func scaled(_ points: [Float]) -> [Float] {
    guard kind != .none else { return points }
    return points.indices.map { scaled(points[$0], $0 % shift.count) }
  }

  private func scaled(_ value: Float, _ column: Int) -> Float {
    Float((Double(value) - Double(shift[column])) * Double(factor[column]))
  }

  /// A value of which scaling would make an infinite one.
  package static func overflow(row: Int, column: Int, of name: String, _ value: Float)
    -> TrainerError
  {
    TrainerError(
      .badData,
      "\(name): the element at row \(row), column \(column) (counting from 0) is \(value), far beyond the rows "
        + "that the scaling of its column was made for: scaled it would be infinite")
  }

  /// In `config.json`: a value is scaled as (value - scaling_shift) * scaling_factor of its column.
  package var members: [JSON.Member] {
    let name = JSON.Member("scale", .string(kind.rawValue))
    guard kind != .none else { return [name] }
    func list(_ values: [Float]) -> JSON { .array(values.map { .number(Double($0)) }) }
    return [
      name, .init("scaling_shift", list(shift)), .init("scaling_factor", list(factor)),
    ]
  }

  /// The scaling that a `config.json` tells, none where it tells of none; nil where it makes no sense.
  package init?(recorded json: JSON) {
    guard let name = json["scale"] else {
      self = .none(0)
      return
    }
    guard let kind = name.text.flatMap({ Kind(rawValue: $0) }) else { return nil }
    func list(_ name: String) -> [Float]? {
      let items = json[name]?.items ?? []
      let values = items.compactMap { $0.double.map { Float($0) } }.filter(\.isFinite)
      return values.count == items.count ? values : nil
    }
    guard let shift = list("scaling_shift"), let factor = list("scaling_factor"),
      shift.count == factor.count, factor.allSatisfy({ $0 > 0 }),
      shift.isEmpty == (kind == .none)
    else { return nil }
    self.init(kind: kind, shift: shift, factor: factor)
  }
}
