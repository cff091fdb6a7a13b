/// Clusterings of the same rows into different numbers of clusters, for choosing among these.
///
/// Each is a run of its own in a directory of the range, `clusterings/K`; the summary of the range compares them.
struct ClusterRangeRun {
  let run: Run<ClusterConfiguration>
  let range: ClusterRange
  let scene: ClusterScene
  let observer: (any ClusterObserver)?

  /// What a line of the comparison tells, as each run's summary calls it.
  private static let compared =
    [
      "clusters", "objective", "calinski_harabasz", "davies_bouldin", "simplified_silhouette",
      "iterations", "stopped",
    ] + phases

  /// What the runs took one after another, which adds up to what the range took.
  private static let phases = [
    "seconds_init", "seconds_train", "seconds_evaluate", "seconds_save", "seconds_communication",
  ]

  /// Makes the runs that are not finished yet; collective.
  func perform() throws -> RunEnd {
    let configuration = run.job.configuration.recorded(of: scene.data)
    try run.check(configuration)
    try checkEvents()
    if run.isContinued { try run.reopen() } else { try run.begin(configuration) }
    observer?.started(scene.start(of: run))
    var summaries: [JSON] = []
    for clusters in range.values {
      let (end, summary) = try perform(clusters)
      if case .stopped = end { return end }
      summaries.append(summary)
      observer?.compared(summary, of: range)
    }
    let lines = summaries.map { summary in
      JSON.object(Self.compared.map { .init($0, summary[$0] ?? .null) })
    }
    func seconds(_ phase: String) -> Double {
      summaries.reduce(0) { $0 + ($1[phase]?.double ?? 0) }
    }
    run.countSaving(seconds("seconds_save"))
    try run.finish(
      [
        .init("seed", .integer(Int(run.job.configuration.seed))),
        .init("rows", .integer(scene.data.count)),
        .init("features", .integer(scene.data.columns)),
        .init("clusters", .string(range.description)),
        .init("seconds_load", .number(scene.secondsLoad)),
      ] + Self.phases.filter { $0 != "seconds_save" }.map { .init($0, .number(seconds($0))) } + [
        .init(RunDirectory.membersFolder, .array(lines))
      ], stopped: .range)
    return .finished
  }

  /// Refuses to mix the events of the runs with those of others; collective.
  private func checkEvents() throws {
    let job = run.job
    guard job.tensorboard != nil, job.resume == nil else { return }
    try run.world.onRoot {
      for path in range.values.compactMap(eventPath) {
        try EventDirectory(path).check(
          run: run.directory?.path ?? "", reading: [], isNew: true, overwrite: job.overwrite)
      }
    }
  }

  /// Where TensorBoard finds a run.
  private func eventPath(_ clusters: Int) -> String? {
    run.job.tensorboard.map { "\($0)/\(clusters)" }
  }

  /// Makes, continues or finds one run; its summary is rank 0's. Collective.
  private func perform(_ clusters: Int) throws -> (RunEnd, JSON) {
    let directory = run.directory?.path ?? ""
    let path = "\(directory)/\(RunDirectory.membersFolder)/\(clusters)"
    let isBegun =
      try run.world.broadcast(
        RunDirectory.newestCheckpoint(in: path) != nil
          || FileSystem.exists("\(path)/summary.json") ? 1 : 0) == 1
    var job = run.job
    job.rangeDirectory = directory
    job.configuration.range = nil
    job.configuration.clusters = clusters
    job.output = path
    job.tensorboard = eventPath(clusters)
    job.overwrite = true
    job.resume = isBegun ? ClusterJob.Resume(path) : nil
    let watch = observer.map { MemberObserver(of: $0, clusters: clusters) }
    let member = try Run(job, on: run.topology, began: scene.began, observer: watch)
    // What was made of the range before was made with the same options.
    try member.check(job.configuration.recorded(of: scene.data))
    let end: RunEnd
    if member.rest == nil {
      end = try ClusterRun.cluster(member, scene, observer: watch)
    } else {
      try member.export()
      end = .finished
    }
    let summary = try run.world.onRoot {
      if case .stopped = end { try run.directory?.copyStop(from: path) }
      return try member.directory?.summary() ?? .null
    }
    return (end, summary ?? .null)
  }
}

/// Passes on what happens in one run of a range, but for its beginning and its end.
private final class MemberObserver: ClusterObserver {
  private let observer: any ClusterObserver
  private let clusters: Int

  init(of observer: any ClusterObserver, clusters: Int) {
    self.observer = observer
    self.clusters = clusters
  }

  func advise(_ advice: any Advice) {
    observer.advise(ClusteringAdvice.ofMember(clusters: clusters, advice))
  }
  func started(_ start: ClusterStart) {}
  func began(_ part: ClusterPart) { observer.began(ofRange(part)) }
  func iterated(_ iteration: ClusterIteration, of part: ClusterPart) {
    observer.iterated(iteration, of: ofRange(part))
  }
  func compared(_ summary: JSON, of range: ClusterRange) {}
  func finished(_ summary: JSON, directory: String) {}

  private func ofRange(_ part: ClusterPart) -> ClusterPart {
    var part = part
    part.isOfRange = true
    return part
  }
}
