/// Distances are measured among scaled rows, while centers are in the units of the rows as they were read.
extension ColumnScaling {
  /// The scaling that changes nothing.
  package static func none(_ columns: Int) -> ColumnScaling {
    ColumnScaling(
      kind: .none, shift: [Float](repeating: 0, count: columns),
      factor: [Float](repeating: 1, count: columns))
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

  /// Points, `[count, columns]`, in the units that they had before they were scaled.
  package func unscaled(_ points: [Float]) -> [Float] {
    guard kind != .none else { return points }
    return points.indices.map {
      let column = $0 % shift.count
      return Float(Double(points[$0]) / Double(factor[column]) + Double(shift[column]))
    }
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
