/// The Linear layers in a safetensors file that another program wrote, as
/// `safetensors.torch.save_file(model.state_dict(), path)` does.
///
/// A layer is a tensor `NAME.weight` `[outputs, inputs]` and, unless it has no biases, a tensor `NAME.bias` `[outputs]`;
/// the file has nothing else. The layers follow each other in the natural order of their names (`2` before `10`) if
/// each takes as many numbers as the one before it gives, and else in the only order in which this is so.
struct PlainModel {
  /// The layers in their order.
  let layers: [LinearLayer]
  /// Their names, in the same order; that of a file's only layer may be empty.
  let names: [String]
  /// The parameters in the order of ``Network``.
  let parameters: [Float]
  /// Whether the names gave the order.
  let isOrderedByName: Bool

  /// The layers of a file.
  ///
  /// - Throws: `TrainerError(.badData)` where a tensor is no part of a Linear layer, where no order or more than one makes
  ///   a network, or where a number is beyond the range of float32.
  /// - Complexity: O(parameters), and O(layers²) where the names do not give the order.
  init(_ file: ModelFile) throws(TrainerError) {
    do throws(TensorFileFault) {
      let found = try Self.layers(of: file.content)
      let order = try Self.order(of: found)
      isOrderedByName = order == Array(found.indices)
      (names, layers) = (order.map { found[$0].name }, order.map { found[$0].layer })
      parameters = try layers.parameters()
    } catch {
      throw TrainerError(.badData, "\(file.name) is no model to start from: \(error.problem)")
    }
  }

  /// A layer and its name, which its tensors begin with.
  private typealias Named = (name: String, layer: LinearLayer)

  /// All layers, in the natural order of their names.
  private static func layers(of file: TensorFile) throws(TensorFileFault) -> [Named] {
    let byName = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    var layers: [Named] = []
    for tensor in file.tensors {
      let (name, part) = split(tensor.name)
      let (weight, bias) = (byName[name + "weight"], byName[name + "bias"])
      guard let weight, ["weight", "bias"].contains(part), isFilled(weight, dimensions: 2) else {
        throw foreign(tensor)
      }
      if let bias, !isFilled(bias, dimensions: 1) || bias.shape[0] != weight.shape[0] {
        throw TensorFileFault(
          "tensor \(described(bias)) is not the bias of \(described(weight)), a weight of [outputs, inputs]; write the "
            + "file again")
      }
      if part == "weight" { layers.append((name, LinearLayer(weight: weight, bias: bias))) }
    }
    guard !layers.isEmpty else {
      throw TensorFileFault("it has no tensors; write the file again from a model of Linear layers")
    }
    return layers.sorted { NaturalOrder.precedes($0.name, $1.name) }
  }

  /// `net.0.` and `weight` of `net.0.weight`.
  private static func split(_ name: String) -> (name: String, part: String) {
    let end = name.lastIndex(of: ".").map(name.index(after:)) ?? name.startIndex
    return (String(name[..<end]), String(name[end...]))
  }

  /// Whether a tensor has elements that are floats, and this many dimensions.
  private static func isFilled(_ tensor: TensorFile.Tensor, dimensions: Int) -> Bool {
    tensor.type.isFloat && tensor.shape.count == dimensions && !tensor.shape.contains(0)
  }

  private static func foreign(_ tensor: TensorFile.Tensor) -> TensorFileFault {
    TensorFileFault(
      "tensor \(described(tensor)) is neither the weight [outputs, inputs] nor the bias [outputs] of a Linear layer; "
        + "save a model of Linear layers alone, or one of dtrain with its metadata")
  }

  private static func described(_ tensor: TensorFile.Tensor) -> String {
    "\(TensorLayout.quoted(tensor.name)) (\(tensor.type.rawValue) \(tensor.shape))"
  }

  /// The places of the layers in the order in which they follow each other.
  private static func order(of layers: [Named]) throws(TensorFileFault) -> [Int] {
    let links = layers.map { ($0.layer.inputs, $0.layer.outputs) }
    if LayerChain.holds(links) { return Array(links.indices) }
    let orders = LayerChain.orders(of: links)
    if case .one(let order) = orders { return order }
    let shown = layers.prefix(mostShown).map {
      "\(TensorLayout.quoted($0.name + "weight")) \($0.layer.weight.shape)"
    }
    let left = layers.count - shown.count
    throw TensorFileFault(
      "its weights [outputs, inputs] do not follow each other in the order of their names, "
        + shown.joined(separator: ", ") + (left > 0 ? " and \(left) more" : "")
        + (orders == .none
          ? ", nor in any other; save a model whose layers each take what the one before gives"
          : ", and do in several others; name them in their order, such as 0.weight, 1.weight"))
  }

  /// The layers that a message shows.
  private static let mostShown = 8
}
