/// A whole training run, from the data files to the run directory.
public enum MLPRun {
  /// Trains as asked, on all ranks of `world`; collective.
  ///
  /// - Parameters:
  ///   - observer: told of the progress on rank 0.
  /// - Returns: whether it finished, had nothing to do, or was stopped on request (see ``StopRequest``).
  /// - Throws: `TrainerError` or `AgreedFailure`; the run directory then has no `summary.json`.
  @discardableResult
  public static func train(
    _ job: MLPJob, world: Communicator, observer: (any MLPObserver)? = nil
  ) throws -> RunEnd {
    try job.traced(among: world) { try made(job, world: world, observer: observer) }
  }

  private static func made(
    _ job: MLPJob, world: Communicator, observer: (any MLPObserver)?
  ) throws -> RunEnd {
    let load = Span(.load)
    let kernels = try world.agree {
      try job.validate(unit: .step)
      return try KernelTable.readyForProducts()
    }
    let topology = try NodeTopology(of: world)
    let world = topology.world
    let observer = world.isRoot ? observer : nil
    try KernelAgreement.check(among: world)
    let node = try CrowdedNode(topology)
    if let advice = try node.advice() { observer?.advise(advice) }

    var job = job
    if let path = job.configuration.initModel {
      job.configuration.initModelHash = try Activity.perform("reading \(path)") {
        try ModelFile.hash(path, among: world)
      }
    }
    // The directory is claimed first, so that a bad one is known before hours of reading.
    let run = try Run(job, on: topology, began: load.start, observer: observer)
    if let rest = run.rest {
      try run.export()
      return rest
    }
    let initial =
      run.isContinued
      ? nil
      : try job.configuration.initModel.map { path in
        try Activity.perform("reading \(path)") { try InitialModel.read(path, among: world) }
      }
    let data = try MLPData.load(
      run.job.data, run.job.configuration, activation: initial?.activation,
      topology: topology)
    let resolved = data.configuration
    try world.agree {
      try EarlyStopping.check(
        resolved, hasTest: data.test != nil, hasClasses: data.targets != .numbers)
    }
    if let advice = initial?.advice { observer?.advise(advice) }
    for advice in data.advice { observer?.advise(advice) }
    for advice in data.columnAdvice { observer?.advise(advice) }
    if let advice = try node.adviceOnOthers() { observer?.advise(advice) }
    if data.baseline.loss == nil, let targets = data.catalog.trainTargets {
      observer?.advise(NetworkAdvice.constantTargets(name: targets.name))
    }
    if let label = data.assignment.heldOutClass {
      observer?.advise(
        NetworkAdvice.heldOutClass(data.classNames.isEmpty ? "\(label)" : data.classNames[label]))
    }
    let network = Network(
      sizes: [data.training.columns] + resolved.hidden + [data.outputs],
      activation: resolved.activation)
    let configuration = resolved.recorded(of: data, network)
    try run.check(configuration)
    let method = try NetworkMethod(
      run, data: data, network: network, initial: initial, kernels: kernels, load: load,
      observer: observer)
    for advice in data.advice(
      on: method.trainer.placement, isContinued: run.isContinued)
    { observer?.advise(advice) }
    return try run.perform(method, configuration)
  }
}

extension MLPConfiguration {
  /// What `config.json` says beside the options.
  public static let facts: [String: RecordedType] = [
    "blas_kernels": .text, "blas": .text, "layers": .list, "rows": .integer,
    "test_rows": .integer, "weighted": .flag, "chosen": .list, "data_sha256": .text,
  ]

  /// `config.json`: nothing in it depends on the number of ranks, the host or the time.
  fileprivate func recorded(of data: MLPData, _ network: Network) -> JSON {
    var resolved = self
    resolved.initScales = (0..<network.layerCount).map { initialScale(layer: $0, of: network) }
    return .object(
      [
        .init("format", 1), .init("command", .string(commandName)),
        .init("version", .string(Version.current)),
      ] + resolved.members + [
        .init("blas_kernels", .string(KernelAgreement.blasClass)),
        .init("blas", .string(MatrixMultiply.libraryVersion)),
        .init("layers", .array(network.sizes.map { .integer($0) })),
        .init("rows", .integer(data.catalog.train.rows)),
        .init("test_rows", .integer(data.test?.rowCount ?? 0)),
        .init("weighted", .bool(data.weights != nil)),
        .init("chosen", .array(chosen.map { .string($0) })),
        .init("data_sha256", .string(data.fingerprint.hex)),
      ])
  }
}
