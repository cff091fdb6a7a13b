import ArgumentParser

/// Which model is applied.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A run directory, or its model.safetensors.", valueName: "path"))
  var model: String
}
