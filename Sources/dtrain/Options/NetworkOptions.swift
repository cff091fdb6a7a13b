import ArgumentParser
import DTrainCore

private let standard = MLPConfiguration()

/// What is trained.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Units of each hidden layer, such as 512,256; none for no hidden layer \
      (default: \(standard.hidden.map(String.init).joined(separator: ","))).
      """, valueName: "units,…"))
  var hidden: HiddenSizes?

  @Option(help: "The function between layers (default: \(standard.activation.rawValue)).")
  var activation: Activation?

  @Option(
    help: "What is minimised (default: squared for floats other than 0 and 1, else sigmoid-ce).")
  var loss: Loss?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The number of classes; labels outside are refused (default: the largest label and one more).
      """, valueName: "number"))
  var classes: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Deviation of the initial weights (default: 0.01 for one tanh or sigmoid layer, else by fan-in).",
      valueName: "sigma"))
  var initScale: Double?

  @Option(
    help: ArgumentHelp(
      "A model.safetensors, or a run directory, to start from instead of random weights.",
      valueName: "path"))
  var initModel: String?

  /// Carries what was given over to a configuration.
  func apply(to configuration: inout MLPConfiguration) throws(TrainerError) {
    if initScale != nil, initModel != nil {
      throw TrainerError(
        .usage, "--init-scale and --init-model exclude each other: a model brings its own weights")
    }
    if let hidden { configuration.hidden = hidden.sizes }
    if let activation { configuration.activation = activation }
    configuration.loss = loss
    configuration.classes = classes
    configuration.initScale = initScale
    configuration.initModel = initModel
  }
}
