import DTrainBase
import DTrainDist
import DTrainRuns

/// Clusterings of the same rows into different numbers of clusters, for choosing among these.
///
/// Each is a run of its own in a directory of the whole, `clusterings/K`; the summary of the whole compares them.
struct ClusterRangeRun {
  let job: ClusterJob
  let range: ClusterRange
  let opened: OpenedRun
  let scene: ClusterScene
  let observer: (any ClusterObserver)?

  private var world: Communicator { scene.data.world }

  /// Makes the runs that are not finished yet; collective.
  func run() throws -> RunEnd {
    let record = ClusterRecord(configuration: job.configuration, data: scene.data, range: range)
    try world.agree {
      try opened.earlier?.check(against: record.config, changeable: [])
    }
    try world.onRoot {
      guard let directory = opened.directory else { return }
      if opened.earlier == nil {
        try directory.writeConfiguration(record.config)
      } else {
        try directory.removeOwned(["stopped.json"])
      }
      try directory.writeInputs(job.inputs)
    }
    observer?.started(record.description, directory: opened.directory?.path ?? "")
    var summaries: [JSON] = []
    for clusters in range.values {
      let (end, summary) = try run(clusters)
      if case .stopped = end { return end }
      summaries.append(summary)
      observer?.compared(summary, of: range)
    }
    let peaks = try world.allGather(ProcessMemory.peakResidentBytes)
    try world.onRoot {
      guard let directory = opened.directory else { return }
      let summary = record.summary(
        of: summaries, ranks: world.size, peaks: peaks, secondsLoad: scene.secondsLoad,
        secondsTotal: MonotonicClock.seconds - scene.start)
      try directory.writeSummary(summary)
      observer?.finished(summary, directory: directory.path)
    }
    return .finished
  }

  /// Makes, continues or finds one run; its summary is rank 0's. Collective.
  private func run(_ clusters: Int) throws -> (RunEnd, JSON) {
    let whole = opened.directory?.path ?? ""
    let path = "\(whole)/\(RunDirectory.partsFolder)/\(clusters)"
    let isBegun =
      try world.broadcast(
        RunDirectory.newestCheckpoint(in: path) != nil
          || FileSystem.exists("\(path)/summary.json")
          ? 1 : 0) == 1
    var part = job
    part.whole = whole
    part.range = nil
    part.configuration.clusters = clusters
    part.output = path
    part.overwrite = true
    part.resume = isBegun ? ClusterJob.Resume(path) : nil
    let watch = observer.map { ClusterPartObserver(of: $0, clusters: clusters) }
    let asked = ClusterRecord(configuration: part.configuration, data: scene.data)
    let openedPart = try part.open(among: world) { watch?.warn($0) }
    // What was made of the range before was made with the same options.
    try world.agree { try openedPart.earlier?.check(against: asked.config, changeable: []) }
    let end =
      openedPart.reasonToRest == nil
      ? try ClusterRun.cluster(part, openedPart, scene, observer: watch) : .finished
    let summary = try world.onRoot {
      if case .stopped = end {
        try opened.directory.map { try $0.writeStop(RunDirectory.stop(in: path)) }
      }
      return try openedPart.directory?.summary() ?? .null
    }
    return (end, summary ?? .null)
  }
}

/// Passes on what the user should know of one run of a range.
private final class ClusterPartObserver: ClusterObserver {
  private let observer: any ClusterObserver
  private let clusters: Int

  init(of observer: any ClusterObserver, clusters: Int) {
    self.observer = observer
    self.clusters = clusters
  }

  func warn(_ message: String) { observer.warn("K=\(clusters): \(message)") }
  func started(_ description: String, directory: String) {}
  func iterated(_ iteration: ClusterIteration, restart: Int) {}
  func compared(_ summary: JSON, of range: ClusterRange) {}
  func finished(_ summary: JSON, directory: String) {}
}

extension ClusterRecord {
  /// `summary.json` of a range: a line for each number of clusters.
  fileprivate func summary(
    of parts: [JSON], ranks: Int, peaks: [Int], secondsLoad: Double, secondsTotal: Double
  ) -> JSON {
    let compared = [
      "clusters", "objective", "calinski_harabasz", "davies_bouldin", "simplified_silhouette",
      "iterations", "stopped", "seconds_init", "seconds_train",
    ]
    return .object([
      .init("command", .string(configuration.command.rawValue)),
      .init("version", .string(Version.current)), .init("ranks", .integer(ranks)),
      .init("nodes", .integer(data.topology.nodeCount)),
      .init("seed", .integer(Int(configuration.seed))), .init("rows", .integer(data.count)),
      .init("features", .integer(data.columns)),
      .init("clusters", .string(range?.description ?? "")),
      .init("seconds_total", .number(secondsTotal)), .init("seconds_load", .number(secondsLoad)),
      .init("peak_rss_bytes", .array(peaks.map { .integer($0) })),
      .init("stopped", "range complete"),
      .init(
        RunDirectory.partsFolder,
        .array(
          parts.map { part in .object(compared.map { .init($0, part[$0] ?? .null) }) })),
    ])
  }
}
