extension ONNXGraph {
  /// The number of rows, which is free.
  static let rows = Extent.free("rows")

  /// A vector of a graph: one value a column, or one for all where they are the same.
  mutating func columns(_ name: String, _ values: [Float], of type: ElementType = .float) -> String
  {
    let isUniform = values.allSatisfy { $0 == values[0] }
    let kept = isUniform ? [values[0]] : values
    let bytes = type == .double ? littleEndian(kept.map { Double($0) }) : littleEndian(kept)
    return constant(name, type, [kept.count], bytes)
  }

  /// Takes rows as they were read and subtracts the offsets of their columns in float64: what `predict` reads.
  ///
  /// Numbers come in `rows`, float64 where there are offsets, else float32, in the order of their columns; each column of
  /// texts is an input of its own, `[rows, 1]`, called as it is: see ``Names``.
  mutating func addRows(columns: Int, offsets: [Double], schema: TableSchema?) -> String {
    let type = offsets.isEmpty ? ElementType.float : .double
    let features = schema?.features ?? []
    let numbers = features.isEmpty ? columns : features.count(where: \.texts.isEmpty)
    var rows =
      numbers > 0 ? addInput(Names.rows, type, [Self.rows, .fixed(numbers)]) : ""
    let fill = features.filter(\.texts.isEmpty).flatMap(\.fill)
    if !fill.isEmpty, numbers > 0 {
      let bytes = offsets.isEmpty ? littleEndian(fill.map { Float($0) }) : littleEndian(fill)
      let standing = constant("missing", type, [numbers], bytes)
      let isMissing = add("IsNaN", [rows], as: "is_missing")
      rows = add("Where", [isMissing, standing, rows], as: "filled_rows")
    }
    if numbers < features.count { rows = addTexts(features, rows, type) }
    guard !offsets.isEmpty else { return rows }
    let offset = constant("scaling_offset", .double, [columns], littleEndian(offsets))
    return cast(add("Sub", [rows, offset], as: "far_rows"), to: .float, as: "near_rows")
  }

  /// Rows of numbers and of a column for each text, in the order of the features.
  private mutating func addTexts(
    _ features: [TableSchema.Feature], _ numbers: String, _ type: ElementType
  ) -> String {
    var pieces: [String] = []
    var number = 0
    for (index, feature) in features.enumerated() {
      guard !feature.texts.isEmpty else {
        let place = constant("place_\(index)", .int64, [1], littleEndian([number]))
        pieces.append(add("Gather", [numbers, place], as: "column_\(index)", ["axis": .int(1)]))
        number += 1
        continue
      }
      let texts = addInput(
        names.input(of: feature.inputName(at: index)), .string, [Self.rows, .fixed(1)])
      // Without something that stands for them, other texts end the computation.
      let isOpen = !feature.fill.isEmpty
      let encoded = add(
        "OneHotEncoder", [texts], as: "encoded_\(index)",
        ["cats_strings": .strings(feature.texts), "zeros": .int(isOpen ? 1 : 0)],
        domain: Self.learningDomain)
      let axis = constant("axis_\(index)", .int64, [1], littleEndian([1]))
      var piece = add("Squeeze", [encoded, axis], as: "known_\(index)")
      if isOpen {
        let one = constant("one_\(index)", .float, [1], littleEndian([Float(0.5)]))
        let sum = add("ReduceSum", [piece, axis], as: "sum_\(index)")
        let isKnown = add("Greater", [sum, one], as: "is_known_\(index)")
        let share = constant(
          "share_\(index)", type, [1, feature.fill.count],
          type == .double
            ? littleEndian(feature.fill) : littleEndian(feature.fill.map { Float($0) }))
        if type == .double { piece = cast(piece, to: .double, as: "wide_known_\(index)") }
        piece = add("Where", [isKnown, piece, share], as: "columns_\(index)")
      } else if type == .double {
        piece = cast(piece, to: .double, as: "columns_\(index)")
      }
      pieces.append(piece)
    }
    return add("Concat", pieces, as: "all_columns", ["axis": .int(1)])
  }
}

extension TableSchema.Feature {
  /// What the input for its texts should be called, at that place among the features.
  fileprivate func inputName(at index: Int) -> String {
    guard let name, !name.isEmpty else { return "column_\(index)_text" }
    return name
  }
}

extension ONNXGraph.Names {
  /// Those of a graph for the rows of a table.
  init(outputs: [String], schema: TableSchema?) {
    let features = (schema?.features ?? []).enumerated().filter { !$1.texts.isEmpty }
    self.init(outputs: outputs, columns: features.map { $1.inputName(at: $0) })
  }
}
