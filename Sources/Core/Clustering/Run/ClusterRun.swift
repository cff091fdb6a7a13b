import DTrainBase
import DTrainData
import DTrainDist
import DTrainRuns
import KernelTable

/// Watches a clustering run; called on rank 0 alone.
public protocol ClusterObserver: AnyObject {
  /// Something that the user should know but that does not stop the run.
  func warn(_ message: String)
  /// Before the first iteration.
  func started(_ description: String, directory: String)
  /// After an iteration.
  func iterated(_ iteration: ClusterIteration, restart: Int)
  /// After one of a range of runs is written, or found finished.
  func compared(_ summary: JSON, of range: ClusterRange)
  /// After everything is written.
  func finished(_ summary: JSON, directory: String)
}

/// What the runs over the same rows share.
struct ClusterScene {
  let data: ClusterData
  let kernels: KernelTable
  /// When the process began its work, by the monotonic clock, and what it took to read the rows.
  let start: Double
  let secondsLoad: Double
}

/// A whole clustering run, from the data files to the run directory.
public enum ClusterRun {
  /// Clusters as asked, on all ranks of `world`; collective.
  ///
  /// - Returns: whether it finished, had nothing to do, or was stopped on request (see ``StopRequest``).
  /// - Throws: `TrainerError` or `AgreedFailure`; the run directory then has no `summary.json`.
  @discardableResult
  public static func cluster(
    _ job: ClusterJob, world: Communicator, observer: (any ClusterObserver)? = nil
  ) throws -> RunEnd {
    let start = MonotonicClock.seconds
    let kernels = try world.agree {
      try job.validate()
      return try KernelTable.select()
    }
    let topology = try NodeTopology(of: world)
    let world = topology.world
    let observer = world.isRoot ? observer : nil
    var job = job
    let opened = try job.open(among: world) { observer?.warn($0) }
    if let reason = opened.reasonToRest { return .complete(reason) }
    let data = try ClusterData.load(
      job.data, scale: job.configuration.scale, topology: topology)
    try checkRows(data, clusters: job.range?.values.last ?? job.configuration.clusters)
    let scene = ClusterScene(
      data: data, kernels: kernels, start: start, secondsLoad: MonotonicClock.seconds - start)
    if let range = job.range {
      return try ClusterRangeRun(
        job: job, range: range, opened: opened, scene: scene, observer: observer
      ).run()
    }
    return try cluster(job, opened, scene, observer: observer)
  }

  /// Throws where there are fewer rows than clusters.
  private static func checkRows(_ data: ClusterData, clusters: Int) throws {
    guard clusters <= data.count else {
      throw data.world.unanimous(
        TrainerError(
          .badData, "--clusters \(clusters): \(data.source.name) has only \(data.count) rows"))
    }
    if let positive = data.weights?.positive, clusters > positive {
      throw data.world.unanimous(
        TrainerError(
          .badData, "--clusters \(clusters): only \(positive) rows have a positive weight"))
    }
  }

  /// Clusters rows that are there, and writes into a directory that is claimed; collective.
  static func cluster(
    _ job: ClusterJob, _ opened: OpenedRun, _ scene: ClusterScene, observer: (any ClusterObserver)?
  ) throws -> RunEnd {
    let (data, world, start) = (scene.data, scene.data.world, scene.start)
    let (directory, earlier) = (opened.directory, opened.earlier)
    let configuration = job.configuration
    let problem = try ClusterProblem(
      data, configuration, kernels: scene.kernels, pruning: job.pruning)
    let record = ClusterRecord(configuration: configuration, data: data)
    try world.agree {
      try earlier?.check(against: record.config, changeable: ["max_iterations"])
    }
    var seconds = ClusterRecord.Seconds()
    seconds.load = scene.secondsLoad
    // A start file is read before anything is written: one that is wrong leaves no run behind.
    let given = earlier == nil ? try problem.givenCenters() : nil
    let session = ClusterSession(
      job, problem, given: given, seconds: seconds, began: start, directory: directory,
      observer: observer)
    var resumedFrom: String?
    if earlier == nil {
      try world.onRoot {
        try directory?.writeConfiguration(record.config)
        try directory?.writeInputs(job.inputs)
      }
    } else {
      resumedFrom = try Activity.perform("reading a checkpoint") {
        try resume(session, directory, record, inputs: job.inputs, observer: observer)
      }
    }
    observer?.started(
      record.description + (resumedFrom.map { ", continued from \($0)" } ?? ""),
      directory: directory?.path ?? "")

    guard let best = try session.run() else { return .stopped(try session.recordStop()) }
    for warning in best.warnings(configuration) { observer?.warn(warning) }
    try Activity.perform("writing the centers") {
      if configuration.savesLabels {
        try RowWriter(
          path: world.fromRootText(directory?.file("labels.npy")), rows: data.count, columns: 1,
          isVector: true, isInteger: true
        ).write(session.labels(of: best).map { Float($0) }, among: world)
      }
      var indices: ClusterIndices?
      if job.whole != nil {
        _ = session.labels(of: best)
        indices = try ClusterIndices(
          data.measured, configuration.metric, problem.assigner, clusters: configuration.clusters)
      }
      try finish(
        record, best, session, indices, resumedFrom: resumedFrom, directory: directory,
        observer: observer)
    }
    return .finished
  }

  /// Takes up the newest checkpoint, and makes the directory what it was then; the checkpoint's name.
  private static func resume(
    _ session: ClusterSession, _ directory: RunDirectory?, _ record: ClusterRecord, inputs: JSON,
    observer: (any ClusterObserver)?
  ) throws -> String {
    let world = record.data.world
    let point = try ResumePoint(
      newestOf: directory?.checkpoints(unit: ClusterSession.unit), of: record.config,
      changeable: record.configuration.restarts == 1 ? ["max_iterations"] : [], among: world
    ) { observer?.warn($0) }
    try session.restore(point)
    let warning = try world.onRoot {
      try directory?.rewind(
        to: point.metrics, configuration: record.config, inputs: inputs)
    }
    if let text = warning ?? nil { observer?.warn(text) }
    return point.name
  }

  /// Writes the centers, then the summary that makes a run a finished one; collective.
  private static func finish(
    _ record: ClusterRecord, _ best: ClusterOutcome, _ session: ClusterSession,
    _ indices: ClusterIndices?, resumedFrom: String?, directory: RunDirectory?,
    observer: (any ClusterObserver)?
  ) throws {
    let (data, world) = (record.data, record.data.world)
    let peaks = try world.allGather(ProcessMemory.peakResidentBytes)
    let rows = try world.allGather(data.rows.count)
    try world.onRoot {
      guard let directory else { return }
      try NPYWriter.write(
        best.centers, shape: [record.configuration.clusters, data.columns],
        to: directory.file("centers.npy"))
      let summary = record.summary(
        best, session.seconds, started: session.began, rows: rows, peaks: peaks,
        indices: indices,
        modelHash: SHA256.hexadecimal(of: try FileContents.read(directory.file("centers.npy"))),
        resumedFrom: resumedFrom)
      try directory.writeSummary(summary)
      observer?.finished(summary, directory: directory.path)
    }
  }
}

extension Communicator {
  /// A text that only rank 0 has, on all ranks; collective.
  fileprivate func fromRootText(_ text: String?) throws(MPIError) -> String {
    String(decoding: try broadcast(bytes: Array((text ?? "").utf8)), as: UTF8.self)
  }
}
