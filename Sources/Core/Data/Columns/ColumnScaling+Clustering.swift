/// Distances are measured among scaled rows, while centers are in the units of the rows as they were read.
extension ColumnScaling {
  /// The scaling that changes nothing.
  package static func none(_ columns: Int, offsets: [Double] = []) -> ColumnScaling {
    ColumnScaling(
      kind: .none, offsets: offsets, shift: [Float](repeating: 0, count: columns),
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

  /// Throws `TrainerError(.badData)` where a point of `[count, columns]` is too large to be scaled.
  package func checkScaled(
    _ points: [Float], columns: Int, of name: String
  ) throws(TrainerError) {
    guard let index = scaled(points).firstIndex(where: { !$0.isFinite }) else { return }
    throw Self.overflow(row: index / columns, column: index % columns, of: name, points[index])
  }

  /// Points, `[count, columns]`, in the units that they had before they were scaled, less the offsets.
  package func unscaled(_ points: [Float]) -> [Float] {
    guard kind != .none else { return points }
    return points.indices.map {
      let column = $0 % shift.count
      return Float(Double(points[$0]) / Double(factor[column]) + Double(shift[column]))
    }
  }

  /// Points, `[count, columns]`, which the offsets were subtracted from, without that.
  package func withOffsets(_ points: [Float]) -> [Double] {
    points.indices.map {
      Double(points[$0]) + (offsets.isEmpty ? 0 : offsets[$0 % offsets.count])
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
        + "that the scaling of its column was made for, and infinite when it is scaled; check its unit, or leave the row out"
    )
  }

  /// In `config.json`: a value is scaled as (value - scaling_offset - scaling_shift) * scaling_factor of its column,
  /// the first difference rounded to float32. Without `scaling_offset` nothing is subtracted first.
  package var members: [JSON.Member] {
    func list(_ values: [Double]) -> JSON { .array(values.map { .number($0) }) }
    var members: [JSON.Member] = [.init("scale", .string(kind.rawValue))]
    if !offsets.isEmpty { members.append(.init("scaling_offset", list(offsets))) }
    guard kind != .none else { return members }
    return members + [
      .init("scaling_shift", list(shift.map { Double($0) })),
      .init("scaling_factor", list(factor.map { Double($0) })),
    ]
  }

  /// The scaling that a `config.json` tells, none where it tells of none; nil where it makes no sense.
  package init?(recorded json: JSON) {
    guard let name = json["scale"] else {
      self = .none(0)
      return
    }
    guard let kind = name.text.flatMap({ Kind(rawValue: $0) }) else { return nil }
    func list(_ name: String) -> [Double]? {
      let items = json[name]?.items ?? []
      let values = items.compactMap(\.double).filter { Float($0).isFinite }
      return values.count == items.count ? values : nil
    }
    guard let offsets = list("scaling_offset"), let shift = list("scaling_shift"),
      let factor = list("scaling_factor")?.map({ Float($0) }),
      shift.count == factor.count, factor.allSatisfy({ $0 > 0 }),
      shift.isEmpty == (kind == .none), kind == .none || [0, shift.count].contains(offsets.count)
    else { return nil }
    if kind == .none {
      self = .none(offsets.count, offsets: offsets)
    } else {
      self.init(kind: kind, offsets: offsets, shift: shift.map { Float($0) }, factor: factor)
    }
  }
}
