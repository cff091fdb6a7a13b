import DTrainDist
import KernelTable

/// Watches a clustering run; called on rank 0 alone.
public protocol ClusterObserver: AnyObject {
  /// Something that the user should know but that does not stop the run.
  func warn(_ message: String)
  /// Before the first iteration.
  func started(_ description: String, directory: String)
  /// After an iteration.
  func iterated(_ iteration: ClusterIteration, restart: Int)
  /// After everything is written.
  func finished(_ summary: JSON, directory: String)
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
    let (directory, earlier) = (opened.directory, opened.earlier)
    let configuration = job.configuration
    let data = try ClusterData.load(job.data, topology: topology)
    guard configuration.clusters <= data.count else {
      throw world.unanimous(
        TrainerError(
          .badData,
          "--clusters \(configuration.clusters): \(data.source.name) has only \(data.count) rows"))
    }
    if let positive = data.weights?.positive, configuration.clusters > positive {
      throw world.unanimous(
        TrainerError(
          .badData,
          "--clusters \(configuration.clusters): only \(positive) rows have a positive weight"))
    }
    var seconds = ClusterRecord.Seconds()
    seconds.load = MonotonicClock.seconds - start
    let geometry = ClusterGeometry(
      data, metric: configuration.metric, clusters: configuration.clusters, kernels: kernels,
      median: configuration.median, pruning: job.pruning)
    let starts = ClusterStarts(
      geometry: geometry, configuration: configuration,
      meanDistance: try data.meanDistance(configuration.metric))
    let record = ClusterRecord(configuration: configuration, data: data)
    try world.agree {
      try earlier?.check(against: record.config, changeable: ["max_iterations"])
    }
    // A start file is read before anything is written: one that is wrong leaves no run behind.
    let given = earlier == nil ? try starts.givenCenters() : nil
    let session = ClusterSession(
      job, starts: starts, given: given, seconds: seconds, began: start, directory: directory,
      observer: observer)
    var resumedFrom: String?
    if earlier == nil {
      try world.onRoot {
        try directory?.writeConfiguration(record.config)
        try directory?.writeInputs(job.data.record(directory: RunDirectory.workingDirectory))
      }
    } else {
      resumedFrom = try Activity.perform("reading a checkpoint") {
        try resume(session, directory, record, observer: observer)
      }
    }
    observer?.started(
      record.description + (resumedFrom.map { ", continued from \($0)" } ?? ""),
      directory: directory?.path ?? "")

    guard let best = try session.run() else { return .stopped(try session.recordStop()) }
    for warning in best.warnings(configuration) { observer?.warn(warning) }
    try Activity.perform("writing the centres") {
      if configuration.savesLabels {
        try RowWriter(
          path: world.fromRootText(directory?.file("labels.npy")), rows: data.count, columns: 1,
          isVector: true, isInteger: true
        ).write(session.labels(of: best).map { Float($0) }, among: world)
      }
      try finish(
        record, best, session, resumedFrom: resumedFrom, directory: directory, observer: observer)
    }
    return .finished
  }

  /// Takes up the newest checkpoint, and makes the directory what it was then; the checkpoint's name.
  private static func resume(
    _ session: ClusterSession, _ directory: RunDirectory?, _ record: ClusterRecord,
    observer: (any ClusterObserver)?
  ) throws -> String {
    let world = record.data.world
    let point = try ResumePoint(
      newestOf: directory?.checkpoints(unit: ClusterSession.unit), among: world
    ) { observer?.warn($0) }
    try session.restore(point)
    let warning = try world.onRoot {
      try directory?.rewind(toMetrics: point.metricsByteCount, configuration: record.config)
    }
    if let text = warning ?? nil { observer?.warn(text) }
    return point.name
  }

  /// Writes the centres, then the summary that makes a run a finished one; collective.
  private static func finish(
    _ record: ClusterRecord, _ best: ClusterOutcome, _ session: ClusterSession,
    resumedFrom: String?, directory: RunDirectory?, observer: (any ClusterObserver)?
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
