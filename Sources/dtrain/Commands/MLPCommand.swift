import ArgumentParser
import DTrainCore

/// `dtrain mlp`.
struct MLPCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlp",
    abstract: "Train a multilayer perceptron.",
    usage: "mpirun -np N dtrain mlp --data PATH … [options]",
    discussion: """
      With no option but --data and, where the data bring none, --labels, values are chosen that suit the data, and \
      printed: on MNIST they reach a test accuracy above 0.97. The model is the same to the byte for any number of \
      ranks.
      """)

  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Columns of tables") var table: TableOptions
  @OptionGroup(title: "Test data, weights and scaling") var testData: TestDataOptions
  @OptionGroup(title: "Network") var network: DeclaredOptions<MLPOptions.Network>
  @OptionGroup(title: "Training") var training: DeclaredOptions<MLPOptions.Training>
  @OptionGroup(title: "Updates") var updates: DeclaredOptions<MLPOptions.Updates>
  @OptionGroup(title: "The run directory") var run: RunOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Machine") var machineOptions: MachineOptions

  @Flag(help: .hidden) var measureProducts = false

  var machine: MachineOptions? { machineOptions }
  var kernels: KernelClass? { run.kernels(machineOptions) }
  var lessMemory: String? { "a smaller --batch" }

  func check() throws(TrainerError) {
    try table.check(data: data.data, isKept: run.resume != nil)
    try output.check()
    try run.check()
    guard run.canCheck else { return }
    let file = try run.readConfiguration()
    try file?.check(isOf: Self._commandName)
    try data.check(
      isRecorded: run.resume != nil || file?.namesData == true, isKept: run.resume != nil)
    _ = try job(file)
  }

  func execute() -> Int32 {
    StopRequest.listen()
    return machineOptions.runRanks { world in
      try TrainingReport.of(output, among: world) { report in
        try MLPRun.train(
          try job(try run.readConfiguration(among: world)), world: world, observer: report)
      }
    }
  }

  /// The run that the options describe.
  func job(_ file: ConfigurationFile?) throws(TrainerError) -> MLPJob {
    var catalog = data.catalog
    table.apply(to: &catalog.columns)
    catalog.testData = testData.testData
    catalog.testLabels = testData.testLabels
    catalog.weights = testData.weights
    catalog.classWeights = testData.classWeights
    var job = MLPJob(data: catalog)
    let stated = testData.columns.stated.union(network.stated).union(training.stated)
      .union(updates.stated)
    run.apply(to: &job, stated: stated)
    if let file { try job.take(file, stated: stated) }
    try testData.columns.apply(to: &job.configuration)
    try network.apply(to: &job.configuration)
    try training.apply(to: &job.configuration)
    try updates.apply(to: &job.configuration)
    job.configuration.measuresProducts = measureProducts
    try job.check(stated: stated)
    return job
  }
}
