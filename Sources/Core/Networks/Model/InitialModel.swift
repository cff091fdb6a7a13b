/// The parameters that a training begins with instead of random ones.
///
/// A model of dtrain says what stands between its layers. One of another program has weights alone (``PlainModel``).
/// Everything else, as the scaling of columns, is that of the run.
struct InitialModel {
  /// What messages call the file.
  let name: String
  /// `[features, hidden…, outputs]`.
  let sizes: [Int]
  /// What stands between the layers; nil where the file does not say.
  let activation: Activation?
  /// The parameters in the order of ``Network``.
  let parameters: [Float]
  /// What a user should know of how the file was read.
  let advice: NetworkAdvice?

  /// What a file holds; `TrainerError(.badData)` where a network cannot begin with it.
  ///
  /// - Complexity: O(parameters), and O(layers²) where their names do not give their order.
  init(_ file: ModelFile) throws(TrainerError) {
    name = file.name
    if file.isOwn {
      let (network, parameters) = try file.network()
      (sizes, activation, self.parameters) = (network.sizes, network.activation, parameters)
      advice = nil
    } else {
      let plain = try PlainModel(file)
      (sizes, activation, parameters) = (plain.layers.sizes, nil, plain.parameters)
      advice =
        plain.isOrderedByName
        ? nil : .orderedByShape(name: name, weights: plain.names.map { $0 + "weight" })
    }
  }

  /// Reads a model, or the one in a run directory, on rank 0, and copies it to all ranks; collective.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  static func read(_ path: String, among world: Communicator) throws -> InitialModel {
    try ModelFile.read(path, among: world) { try InitialModel($0) }
  }

  /// Checks that a network can begin with it.
  ///
  /// - Parameter hasClasses: whether the network's outputs are classes, of which there can be more than the data name.
  /// - Throws: `TrainerError(.badData)` that says what would fit.
  func check(_ network: Network, hasClasses: Bool) throws(TrainerError) {
    let hidden = Array(sizes.dropFirst().dropLast())
    let wantsClasses = hasClasses && sizes.last! > network.outputs
    let fitsData =
      sizes.first == network.features && (sizes.last == network.outputs || wantsClasses)
    var options: [String] = []
    if wantsClasses { options.append("\(parameter: "classes") \(sizes.last!)") }
    if hidden != network.sizes.dropFirst().dropLast() || (sizes != network.sizes && !wantsClasses) {
      options.append("\(parameter: "hidden") \(hidden.optionText)")
    }
    if let activation, activation != network.activation {
      options.append("\(parameter: "activation") \(activation)")
    }
    let remedy =
      fitsData
      ? "give \(options.joined(separator: " and "))"
      : "take a model of \(network.features.counted("input")) and \(network.outputs.counted("output"))"
        + (hasClasses ? ", other data, or other \(parameter: "classes")" : ", or other data")
    func words(_ sizes: [Int], _ activation: Activation) -> String {
      sizes.map(String.init).joined(separator: "-")
        + (self.activation == nil ? "" : " with \(activation)")
    }
    try require(
      options.isEmpty, .badData,
      "\(name) does not fit this run: it has layers \(words(sizes, activation ?? network.activation)), and the run "
        + "\(words(network.sizes, network.activation)); \(remedy)")
  }
}
