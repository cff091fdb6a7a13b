extension ExportedNetwork {
  /// From `rows` to `logits`, `outputs` and, of classes and labels, `probabilities` and `label`; of classes with names the
  /// label is one of these, and `class` its number.
  var graph: ONNXGraph {
    var graph = ONNXGraph(
      "dtrain_mlp",
      .init(
        outputs: ["logits", "outputs", "probabilities", "class", "label"], schema: schema))
    var value = addScaledRows(to: &graph)
    let layers = layers
    for (index, layer) in layers.enumerated() {
      let isLast = index == layers.count - 1
      let weight = graph.constant(
        "weight_\(index)", .float, [layer.inputs, layer.outputs], littleEndian(layer.weight))
      let bias = graph.constant("bias_\(index)", .float, [layer.outputs], littleEndian(layer.bias))
      value = graph.add(
        "Gemm", [value, weight, bias], as: isLast ? "logits" : "layer_\(index)")
      if !isLast { value = apply(activation, to: value, in: &graph, as: "layer_\(index)_output") }
    }
    let matrix = [ONNXGraph.rows, .fixed(sizes[sizes.count - 1])]
    graph.addOutput(value, .float, matrix)
    switch targets {
    case .classes:
      let outputs = addOutputs(of: value, to: &graph)
      graph.addOutput(outputs, .float, matrix)
      graph.addOutput(addShares(of: outputs, to: &graph), .float, matrix)
      let number = graph.add(
        "ArgMax", [value], as: classNames.isEmpty ? "label" : "class",
        ["axis": .int(1), "keepdims": .int(0)])
      graph.addOutput(number, .int64, [ONNXGraph.rows])
      guard !classNames.isEmpty else { break }
      let names = graph.constant("class_names", classNames)
      graph.addOutput(
        graph.add("Gather", [names, number], as: "label"), .string, [ONNXGraph.rows])
    case .labels:
      let outputs = addOutputs(of: value, to: &graph)
      graph.addOutput(outputs, .float, matrix)
      graph.addOutput(graph.add("Identity", [outputs], as: "probabilities"), .float, matrix)
      let zero = graph.columns("zero", [0])
      let isPositive = graph.add("Greater", [value, zero], as: "is_positive")
      graph.addOutput(graph.cast(isPositive, to: .int64, as: "label"), .int64, matrix)
    case .numbers(let scaling):
      let type = ONNXGraph.ElementType.self
      let outputs = addNumbers(value, scaling, to: &graph)
      graph.addOutput(outputs, scaling.offsets.isEmpty ? type.float : type.double, matrix)
    }
    return graph
  }

  /// (x - shift) * factor, both rounded to float32; what changes nothing is left out.
  private func addScaledRows(to graph: inout ONNXGraph) -> String {
    var value = graph.addRows(columns: sizes[0], offsets: scaling.offsets, schema: schema)
    if scaling.shift.contains(where: { $0 != 0 }) {
      let shift = graph.columns("scaling_shift", scaling.shift)
      value = graph.add("Sub", [value, shift], as: "shifted_rows")
    }
    if scaling.factor.contains(where: { $0 != 1 }) {
      let factor = graph.columns("scaling_factor", scaling.factor)
      value = graph.add("Mul", [value, factor], as: "scaled_rows")
    }
    return value
  }

  private func apply(
    _ function: KnownFunction, to value: String, in graph: inout ONNXGraph, as output: String
  ) -> String {
    switch function {
    case .identity: value
    case .tanh: graph.add("Tanh", [value], as: output)
    case .relu: graph.add("Relu", [value], as: output)
    case .sigmoid: graph.add("Sigmoid", [value], as: output)
    case .softmax: graph.add("Softmax", [value], as: output, ["axis": .int(1)])
    }
  }

  /// The last function in float64: runtimes compute it in float32 with an absolute error only, and small probabilities
  /// would lose their digits.
  private func addOutputs(of logits: String, to graph: inout ONNXGraph) -> String {
    let wide = graph.cast(logits, to: .double, as: "wide_logits")
    return graph.cast(
      apply(output, to: wide, in: &graph, as: "wide_outputs"), to: .float, as: "outputs")
  }

  /// Outputs of classes divided by their sum; where all are 0 they are equal.
  private func addShares(of outputs: String, to graph: inout ONNXGraph) -> String {
    let classes = sizes[sizes.count - 1]
    let wide = graph.cast(outputs, to: .double, as: "wide_rounded_outputs")
    let axes = graph.constant("classes_axis", .int64, [1], littleEndian([1]))
    let sum = graph.add("ReduceSum", [wide, axes], as: "sum_of_outputs")
    let ratio = graph.add("Div", [wide, sum], as: "wide_shares")
    let share = graph.cast(ratio, to: .float, as: "shares")
    let nothing = graph.constant("nothing", .double, [1], littleEndian([0.0]))
    let equal = graph.columns("equal_share", [1 / Float(classes)])
    let isSome = graph.add("Greater", [sum, nothing], as: "is_some_output")
    return graph.add("Where", [isSome, share, equal], as: "probabilities")
  }

  /// The units of the targets: output / factor + shift in float64, rounded to float32; then + offset in float64.
  private func addNumbers(
    _ value: String, _ scaling: ColumnScaling, to graph: inout ONNXGraph
  ) -> String {
    let hasOffsets = !scaling.offsets.isEmpty
    var value = value
    if scaling.kind != .none {
      let wide = graph.cast(value, to: .double, as: "wide_logits")
      let factor = graph.columns("target_factor", scaling.factor, of: .double)
      let shift = graph.columns("target_shift", scaling.shift, of: .double)
      let ratio = graph.add("Div", [wide, factor], as: "unscaled")
      let sum = graph.add("Add", [ratio, shift], as: "unshifted")
      value = graph.cast(sum, to: .float, as: hasOffsets ? "near_outputs" : "outputs")
    } else if !hasOffsets {
      value = graph.add("Identity", [value], as: "outputs")
    }
    guard hasOffsets else { return value }
    let offset = graph.constant(
      "target_offset", .double, [scaling.offsets.count], littleEndian(scaling.offsets))
    let wide = graph.cast(value, to: .double, as: "wide_near_outputs")
    return graph.add("Add", [wide, offset], as: "outputs")
  }
}
