/// NPZ: arrays that `numpy.load` reads without pickle, and a text with the formula that makes predictions of them.
///
/// The names of the members are the variables of the formula.
struct NPZExport: ModelExport {
  let name = "npz"
  let ending = ".npz"

  func encode(_ model: ExportedModel) throws(TrainerError) -> FilePieces {
    var archive = StoredZip()
    archive.add(text: "format", "dtrain \(Version.current)")
    switch model {
    case .network(let network): network.add(to: &archive)
    case .centers(let centers): centers.add(to: &archive)
    }
    if !model.rowShape.isEmpty { archive.add("row_shape", [model.rowShape.count], model.rowShape) }
    if let schema = model.schema { archive.add(schema) }
    if !model.classNames.isEmpty { archive.add(texts: "class_names", model.classNames) }
    return try archive.finished(for: self)
  }
}

extension StoredZip {
  /// Adds an array in NumPy's format.
  fileprivate mutating func add(
    _ name: String, type: String, _ shape: [Int], _ bytes: [UInt8]
  ) {
    var member = FilePieces()
    member.append(NPYWriter.header(type: type, shape: shape))
    member.append(bytes)
    add("\(name).npy", member)
  }

  fileprivate mutating func add(_ name: String, _ shape: [Int], _ values: some Sequence<Float>) {
    add(name, type: "<f4", shape, littleEndian(values))
  }

  fileprivate mutating func add(_ name: String, _ shape: [Int], _ values: some Sequence<Double>) {
    add(name, type: "<f8", shape, littleEndian(values))
  }

  fileprivate mutating func add(_ name: String, _ shape: [Int], _ values: some Sequence<Int>) {
    add(name, type: "<i8", shape, littleEndian(values))
  }

  /// Adds what rows are made of.
  fileprivate mutating func add(_ schema: TableSchema) {
    add(text: "columns", schema.json.compact)
    if !schema.columnNames.isEmpty { add(texts: "column_names", schema.columnNames) }
    let fill = schema.features.flatMap(\.fill)
    if !fill.isEmpty { add("missing", [fill.count], fill) }
  }

  /// Adds a vector of texts; NumPy keeps as many characters of each as the longest has.
  fileprivate mutating func add(texts name: String, _ texts: [String]) {
    let length = max(1, texts.map(\.unicodeScalars.count).max() ?? 0)
    let characters = texts.flatMap { text in
      let own = text.unicodeScalars.map { $0.value.littleEndian }
      return own + [UInt32](repeating: 0, count: length - own.count)
    }
    add(name, type: "<U\(length)", [texts.count], characters.withUnsafeBytes { Array($0) })
  }

  /// Adds a text as an array without extents; NumPy keeps four bytes a character.
  fileprivate mutating func add(text name: String, _ text: String) {
    let characters = text.unicodeScalars.map { $0.value.littleEndian }
    add(name, type: "<U\(characters.count)", [], characters.withUnsafeBytes { Array($0) })
  }
}

extension KnownFunction {
  /// What NumPy computes it by.
  fileprivate func formula(of x: String) -> String {
    switch self {
    case .identity: x
    case .tanh: "np.tanh(\(x))"
    case .relu: "np.maximum(\(x), 0)"
    case .sigmoid: "1 / (1 + np.exp(-\(x)))"
    case .softmax:
      "np.exp(\(x) - \(x).max(axis=1, keepdims=True)) / "
        + "np.exp(\(x) - \(x).max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)"
    }
  }
}

extension ExportedNetwork {
  fileprivate func add(to archive: inout StoredZip) {
    archive.add(text: "kind", "network")
    archive.add("layers", [sizes.count], sizes)
    archive.add(text: "activation", activation.rawValue)
    archive.add(text: "output", output.rawValue)
    archive.add(text: "loss", loss)
    archive.add(text: "targets", targets.name)
    for (index, layer) in layers.enumerated() {
      archive.add("weight_\(index)", [layer.outputs, layer.inputs], layer.transposed)
      archive.add("bias_\(index)", [layer.outputs], layer.bias)
    }
    archive.add("scaling_offset", [sizes[0]], scaling.allOffsets)
    archive.add("scaling_shift", [sizes[0]], scaling.shift)
    archive.add("scaling_factor", [sizes[0]], scaling.factor)
    if case .numbers(let scaling) = targets {
      let outputs = sizes[sizes.count - 1]
      archive.add("target_offset", [outputs], scaling.allOffsets)
      archive.add("target_shift", [outputs], scaling.shift.map { Double($0) })
      archive.add("target_factor", [outputs], scaling.factor.map { Double($0) })
    } else {
      archive.add("classes", [], [sizes[sizes.count - 1]])
    }
    archive.add(text: "formula", formula)
  }

  private var formula: String {
    var lines =
      schema.missingFormula + [
        "x = ((rows - scaling_offset).astype(np.float32) - scaling_shift) * scaling_factor"
      ]
    for index in 0..<sizes.count - 1 {
      lines.append("x = x @ weight_\(index).T + bias_\(index)")
      if index < sizes.count - 2, activation != .identity {
        lines.append("x = \(activation.formula(of: "x"))")
      }
    }
    lines.append("logits = x")
    switch targets {
    case .classes:
      lines += [
        "outputs = \(output.formula(of: "logits"))",
        "probabilities = outputs / outputs.sum(axis=1, keepdims=True)",
        "label = logits.argmax(axis=1)",
      ]
    case .labels:
      lines += [
        "outputs = probabilities = \(output.formula(of: "logits"))", "label = 1 * (logits > 0)",
      ]
    case .numbers(let scaling):
      // float64 only where there are offsets, as predictions are.
      let end = scaling.offsets.isEmpty ? "" : " + target_offset"
      lines.append(
        "outputs = (logits / target_factor + target_shift).astype(np.float32)\(end)")
    }
    return lines.joined(separator: "\n")
  }
}

extension ExportedCenters {
  fileprivate func add(to archive: inout StoredZip) {
    archive.add(text: "kind", "centers")
    archive.add(text: "metric", metric.rawValue)
    archive.add("classes", [], [count])
    // Less the offsets, so that nothing is lost twice.
    archive.add("centers", [count, columns], values)
    archive.add("scaling_offset", [columns], scaling.allOffsets)
    archive.add("scaling_shift", [columns], scaling.shift.map { Double($0) })
    archive.add("scaling_factor", [columns], scaling.factor.map { Double($0) })
    archive.add(text: "formula", formula)
  }

  private var formula: String {
    let distance =
      switch metric {
      case .l2: "np.sqrt(((x - c) ** 2).sum(axis=1))"
      case .l1: "np.abs(x - c).sum(axis=1)"
      case .cosine: "((x - c) ** 2).sum(axis=1) / 2"
      }
    let direction =
      switch metric {
      case .l2, .l1: ""
      case .cosine:
        "\nx = (x / np.sqrt((x ** 2).sum(axis=1, keepdims=True))).astype(np.float32).astype(np.float64)"
      }
    return (schema.missingFormula + [""]).joined(separator: "\n") + """
      scaled = lambda x: ((x.astype(np.float32) - scaling_shift) * scaling_factor).astype(np.float32).astype(np.float64)
      x = scaled(rows - scaling_offset)\(direction)
      distances = np.stack([\(distance) for c in scaled(centers)], axis=1)
      label = distances.argmin(axis=1)
      """
  }
}

extension TableSchema? {
  /// What is done with missing values; nothing where they have no place.
  fileprivate var missingFormula: [String] {
    self?.features.contains { !$0.fill.isEmpty } ?? false
      ? ["rows = np.where(np.isnan(rows), missing, rows)"] : []
  }
}

extension ColumnScaling {
  /// The offset of each column, 0 where there are none.
  var allOffsets: [Double] {
    offsets.isEmpty ? [Double](repeating: 0, count: shift.count) : offsets
  }
}
