extension ExportedCenters {
  /// From `rows` to `label`, the nearest center, and `distances`.
  ///
  /// Costs are sums of float64, and one center is compared with all rows at a time: no `[rows, centers, columns]` is
  /// ever there.
  var graph: ONNXGraph {
    var graph = ONNXGraph(
      "dtrain_centers", .init(outputs: ["label", "distances"], schema: schema))
    let rows = addMeasuredRows(to: &graph)
    let centers = graph.cast(
      graph.constant(
        "centers", .float, [count, columns], littleEndian(scaling.scaled(values))),
      to: .double, as: "wide_centers")
    let costs = graph.add(
      "Scan", [centers], as: "costs_by_center",
      ["body": .graph(costGraph(of: rows, graph.names)), "num_scan_inputs": .int(1)])
    let matrix = [ONNXGraph.rows, .fixed(count)]
    let cost = graph.add("Transpose", [costs], as: "costs", ["perm": .ints([1, 0])])
    graph.addOutput(
      graph.add("ArgMin", [cost], as: "label", ["axis": .int(1), "keepdims": .int(0)]), .int64,
      [ONNXGraph.rows])
    let distance =
      switch metric {
      case .l2: graph.add("Sqrt", [cost], as: "wide_distances")
      case .l1: cost
      case .cosine:
        graph.add(
          "Mul", [cost, graph.constant("half", .double, [1], littleEndian([0.5]))],
          as: "wide_distances")
      }
    graph.addOutput(graph.cast(distance, to: .float, as: "distances"), .float, matrix)
    return graph
  }

  /// What all rows cost with one center.
  private func costGraph(of rows: String, _ names: ONNXGraph.Names) -> ONNXGraph {
    var graph = ONNXGraph("cost_of_a_center", names)
    let center = graph.addInput(names.value("center"), .double, [.fixed(columns)])
    let axes = graph.constant("columns_axis", .int64, [1], littleEndian([1]))
    let difference = graph.add("Sub", [rows, center], as: "differences")
    let share =
      switch metric {
      case .l2, .cosine: graph.add("Mul", [difference, difference], as: "squares")
      case .l1: graph.add("Abs", [difference], as: "magnitudes")
      }
    graph.addOutput(
      graph.add("ReduceSum", [share, axes], as: "cost", ["keepdims": .int(0)]), .double,
      [ONNXGraph.rows])
    return graph
  }

  /// The rows among which distances are measured, in float64.
  private func addMeasuredRows(to graph: inout ONNXGraph) -> String {
    let rows = addScaledRows(to: &graph)
    switch metric {
    case .l2, .l1: return rows
    case .cosine:
      // x / |x| in float64, rounded to float32 as the rows of a clustering are.
      let axes = graph.constant("axis_of_columns", .int64, [1], littleEndian([1]))
      let squares = graph.add("Mul", [rows, rows], as: "squares_of_rows")
      let square = graph.add("ReduceSum", [squares, axes], as: "squared_lengths")
      let direction = graph.add(
        "Div", [rows, graph.add("Sqrt", [square], as: "lengths")], as: "directions")
      return graph.cast(
        graph.cast(direction, to: .float, as: "rounded_directions"), to: .double,
        as: "measured_directions")
    }
  }

  /// (x - shift) * factor in float64, rounded to float32 as the rows of a clustering are.
  private func addScaledRows(to graph: inout ONNXGraph) -> String {
    let rows = graph.addRows(columns: columns, offsets: scaling.offsets, schema: schema)
    let wide = graph.cast(rows, to: .double, as: "wide_rows")
    guard scaling.kind != .none else { return wide }
    let shift = graph.columns("scaling_shift", scaling.shift, of: .double)
    let factor = graph.columns("scaling_factor", scaling.factor, of: .double)
    let shifted = graph.add("Sub", [wide, shift], as: "shifted_rows")
    let scaled = graph.add("Mul", [shifted, factor], as: "scaled_rows")
    return graph.cast(
      graph.cast(scaled, to: .float, as: "rounded_rows"), to: .double, as: "measured_rows")
  }
}
