/// What a process tells TensorBoard of its run: scalars of each epoch or iteration, and exhibits of some of them.
///
/// The file is made with the first line, so that a run which fails before leaves none.
final class EventLog {
  private let directory: EventDirectory
  private let isContinued: Bool
  private let overwrite: Bool
  private var file: EventFile?
  private var offers = 0

  /// - Parameters:
  ///   - isContinued: whether an earlier process worked on the run.
  ///   - overwrite: whether events of an earlier run are replaced.
  init(in directory: EventDirectory, isContinued: Bool, overwrite: Bool) {
    self.directory = directory
    self.isContinued = isContinued
    self.overwrite = overwrite
  }

  /// Appends the numbers of a line of `metrics.jsonl` and, if their turn has come, exhibits.
  ///
  /// - Parameter exhibits: nil where the step has none.
  /// - Throws: `TrainerError(.inputOutput)`.
  func append(
    _ line: JSON, step: Int, isLast: Bool, exhibits: (() -> [Event.Member])?
  ) throws(TrainerError) {
    var events: [Event] = []
    if file == nil {
      events.append(.version)
      if isContinued { events.append(.start(at: step)) }
    }
    var members: [Event.Member] = (line.members ?? []).compactMap { member in
      member.value.double.flatMap { $0.isFinite ? (member.key, .scalar($0)) : nil }
    }
    if let exhibits {
      offers += 1
      if isLast || Self.isShown(offers) { members += exhibits() }
    }
    events.append(.summary(members, step: step))
    let file = try openFile()
    do throws(SystemCallFailure) {
      try file.append(events)
    } catch {
      throw error.error(.inputOutput)
    }
  }

  private func openFile() throws(TrainerError) -> EventFile {
    if let file { return file }
    let opened = try directory.begin(replacing: overwrite && !isContinued)
    file = opened
    return opened
  }

  /// Whether exhibits are shown that are offered for the n-th time: the first 50, then each tenth up to the 500th, each
  /// hundredth up to the 5000th, and so on. A long run has 45 for each power of ten.
  static func isShown(_ offer: Int) -> Bool {
    var stride = 1
    while offer > 50 * stride { stride *= 10 }
    return offer % stride == 0
  }
}
