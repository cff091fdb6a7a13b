/// `model.safetensors`, which every finished run writes and this program reads again: see ``MLPModel``.
///
/// Tensors have PyTorch's layout: `layers.L.weight` `[outputs, inputs]` and `layers.L.bias` `[outputs]`.
/// The metadata says the rest that is needed to use the model: `layers` (sizes), `activation`, `loss` and its own
/// options, `targets` (see ``TargetKind``), `classes` (their number, if any), `class_names` (a JSON list, where they have names), and `scaling` with `scaling_shift` and
/// `scaling_factor`, where an input is (x - shift) * factor; when these differ by column they are tensors
/// `scaling.shift` and `scaling.factor` `[features]`. Where there is a tensor `scaling.offset` (F64), it is subtracted
/// from x in float64 first, and the difference rounded to float32: (float32(x - offset) - shift) * factor. Of targets that are numbers it says the same under
/// `target_scaling` and so on, tensors `target_scaling.shift` and `target_scaling.factor` `[outputs]`, where a
/// prediction is output / factor + shift, and + offset where there is a tensor `target_scaling.offset` (F64).
enum SafetensorsExport {
  /// The file in the run directory.
  static let fileName = "model.safetensors"

  /// Elements that are turned to PyTorch's layout at a time.
  private static let blockLength = 1 << 18

  /// Writes a model to a new file, or over an old one, which keeps its name until the new one is whole.
  ///
  /// - Parameter parameters: `[parameterCount]` in the order of ``Network``.
  /// - Returns: the SHA-256 of the file's bytes as 64 hexadecimal digits.
  /// - Throws: `TrainerError(.inputOutput)`.
  /// - Complexity: O(parameters); a block of them is copied at a time.
  static func write(
    _ parameters: UnsafePointer<Float>, of model: MLPSpecification, to path: String
  ) throws(TrainerError) -> String {
    let contents = model.contents
    let writer = try TensorFileWriter(
      path: path, metadata: model.metadata, tensors: contents.map(\.tensor))
    let network = model.network
    let byName = Dictionary(uniqueKeysWithValues: contents.map { ($0.tensor.name, $0.content) })
    for tensor in writer.tensors {
      switch byName[tensor.name]! {
      case .values(let values): try writer.append(values[...])
      case .doubles(let values):
        try writer.append(values)
      case .bias(let layer):
        let end = parameters + network.range(of: layer).upperBound
        let count = network.sizes[layer + 1]
        try writer.append(UnsafeRawBufferPointer(start: end - count, count: count * 4))
      case .weight(let layer):
        try writeWeight(
          parameters + network.offsets[layer], inputs: network.sizes[layer],
          outputs: network.sizes[layer + 1], to: writer)
      }
    }
    return try writer.commit()
  }

  /// Writes W `[inputs, outputs]` transposed.
  private static func writeWeight(
    _ W: UnsafePointer<Float>, inputs: Int, outputs: Int, to writer: TensorFileWriter
  ) throws(TrainerError) {
    let rows = max(1, Self.blockLength / inputs)
    var block = [Float](repeating: 0, count: min(rows, outputs) * inputs)
    for first in stride(from: 0, to: outputs, by: rows) {
      let count = min(rows, outputs - first)
      for input in 0..<inputs {
        for row in 0..<count { block[row * inputs + input] = W[input * outputs + first + row] }
      }
      try writer.append(block[..<(count * inputs)])
    }
  }
}

/// What the file holds of a model.
extension MLPSpecification {
  /// The text beside the tensors.
  var metadata: [String: String] {
    var metadata = [
      "format": "pt", "dtrain": Version.current,
      "layers": network.sizes.map(String.init).joined(separator: ","),
      "activation": network.activation.name, "loss": loss.name,
      "targets": targets.rawValue,
    ]
    if !classNames.isEmpty {
      metadata["class_names"] = JSON.array(classNames.map { .string($0) }).compact
    }
    if !rowShape.isEmpty {
      metadata["row_shape"] = rowShape.map(String.init).joined(separator: ",")
    }
    if let schema { metadata["columns"] = schema.json.compact }
    for (name, value) in loss.options { metadata[name] = "\(value)" }
    if targets != .numbers { metadata["classes"] = "\(network.outputs)" }
    for (name, scaling) in scalings {
      metadata[name] = scaling.kind.rawValue
      guard let (shift, factor) = scaling.uniform else { continue }
      metadata["\(name)_shift"] = "\(shift)"
      metadata["\(name)_factor"] = "\(factor)"
    }
    return metadata
  }

  /// The scalings by their names in the file.
  private var scalings: [(name: String, scaling: ColumnScaling)] {
    [("scaling", scaling)] + (targetScaling.map { [("target_scaling", $0)] } ?? [])
  }

  /// A tensor of the file and how its elements come about.
  fileprivate enum Content {
    case weight(layer: Int)
    case bias(layer: Int)
    case values([Float])
    case doubles([Double])
  }

  fileprivate var contents: [(tensor: TensorFile.Description, content: Content)] {
    var contents: [(tensor: TensorFile.Description, content: Content)] = []
    for layer in 0..<network.layerCount {
      let (inputs, outputs) = (network.sizes[layer], network.sizes[layer + 1])
      contents += [
        (.init("layers.\(layer).weight", shape: [outputs, inputs]), .weight(layer: layer)),
        (.init("layers.\(layer).bias", shape: [outputs]), .bias(layer: layer)),
      ]
    }
    for (name, scaling) in scalings where scaling.uniform == nil {
      let shape = [scaling.factor.count]
      contents += [
        (.init("\(name).shift", shape: shape), .values(scaling.shift)),
        (.init("\(name).factor", shape: shape), .values(scaling.factor)),
      ]
    }
    for (name, scaling) in scalings where !scaling.offsets.isEmpty {
      contents.append(
        (
          .init("\(name).offset", type: .f64, shape: [scaling.offsets.count]),
          .doubles(scaling.offsets)
        ))
    }
    return contents
  }
}

extension ColumnScaling {
  /// The shift and factor that all columns have, or nil.
  fileprivate var uniform: (shift: Float, factor: Float)? {
    guard let shift = shift.uniform, let factor = factor.uniform else { return nil }
    return (shift, factor)
  }
}

extension TensorFileWriter {
  fileprivate func append(_ values: [Double]) throws(TrainerError) {
    try values.withUnsafeBufferPointer { (values) throws(TrainerError) in
      try append(UnsafeRawBufferPointer(values))
    }
  }

  fileprivate func append(_ values: ArraySlice<Float>) throws(TrainerError) {
    try values.withUnsafeBufferPointer { (values) throws(TrainerError) in
      try append(UnsafeRawBufferPointer(values))
    }
  }
}

extension [Float] {
  /// The one value that all elements have, or nil.
  fileprivate var uniform: Float? {
    guard let first, allSatisfy({ $0 == first }) else { return nil }
    return first
  }
}
