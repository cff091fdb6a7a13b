import DTrainDist

/// Scaled rows, in which distances are measured, and centres in the units of the input.
extension ColumnScaling {
  /// The rows scaled, each value rounded once: the same block where nothing is to be done, a new one of floats for
  /// bytes, and for floats the block itself, whose values are replaced.
  ///
  /// - Parameter rows: as they were read, and used by nobody else.
  /// - Throws: `TrainerError(.badData)` where memory is short.
  func applied(to rows: RowBlock) throws -> RowBlock {
    guard kind != .none else { return rows }
    let target =
      rows.element == .float32
      ? rows
      : try RowBlock(
        rows: rows.rows, columns: rows.columns, element: .float32, name: "scaled rows")
    let values = target.memory.assumingMemoryBound(to: Float.self)
    rows.forEachRow { row, read in
      for column in read.indices {
        values[row * rows.columns + column] = scaled(read[column], column)
      }
    }
    return target
  }

  /// Points in the units of the input, `[count, columns]`, scaled.
  func scaled(_ points: [Float]) -> [Float] {
    guard kind != .none else { return points }
    return points.indices.map { scaled(points[$0], $0 % shift.count) }
  }

  /// Scaled points, `[count, columns]`, in the units of the input.
  func restored(_ points: [Float]) -> [Float] {
    guard kind != .none else { return points }
    return points.indices.map { index in
      let column = index % shift.count
      return Float(Double(points[index]) / Double(factor[column]) + Double(shift[column]))
    }
  }

  private func scaled(_ value: Float, _ column: Int) -> Float {
    Float((Double(value) - Double(shift[column])) * Double(factor[column]))
  }

  /// In `config.json`: a value is scaled as (value - scaling_shift) * scaling_factor of its column.
  var members: [JSON.Member] {
    let name = JSON.Member("scale", .string(kind.rawValue))
    guard kind != .none else { return [name] }
    func list(_ values: [Float]) -> JSON { .array(values.map { .number(Double($0)) }) }
    return [
      name, .init("scaling_shift", list(shift)), .init("scaling_factor", list(factor)),
    ]
  }

  /// The scaling that a `config.json` tells, none where it tells of none; nil where it makes no sense.
  init?(recorded json: JSON) {
    guard let name = json["scale"] else {
      self.init(kind: .none, shift: [], factor: [])
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
