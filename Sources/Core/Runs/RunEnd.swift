/// What a run counts, and what many of these make.
public enum RunUnit: String, Sendable {
  /// Steps, of which epochs consist; iterations, of which restarts consist.
  case step, iteration

  /// What consists of these.
  public var cycle: String {
    switch self {
    case .step: "epoch"
    case .iteration: "restart"
    }
  }
}

/// Why a run has nothing left to do, as `summary.json` says it.
public enum StopReason: String, Sendable {
  /// All epochs are done; the accuracy that was asked for is reached; nothing became better for as long as was asked.
  case epochs, target
  case earlyStop = "early-stop"
  /// No row changed its cluster; the centers moved too little; all iterations are done.
  case settled = "no row changed"
  case tolerance
  case iterations = "max-iterations"
  /// Every number of clusters was tried.
  case range = "range complete"
}

/// How a run ended that did not fail.
public enum RunEnd: Equatable, Sendable {
  /// It did what was asked; everything is written.
  case finished
  /// Nothing was left to do in the run that this directory holds.
  case complete(Rest, directory: String)
  /// Stopped on request; a checkpoint is saved.
  case stopped(Stop)
  /// Saved after the epoch or iteration that was asked for, to be continued later.
  case paused

  /// How far a run came that has nothing left to do.
  public struct Rest: Equatable, Sendable {
    /// Epochs or iterations done, as ``unit`` says.
    public let done: Int
    /// Whether steps or iterations are counted.
    public let unit: RunUnit
    /// Why the run ended.
    public let reason: StopReason
    /// The option that would let it go on; nil where none does.
    public let prolongedBy: String?
    /// The numbers of clusters of a range; nil where there was one.
    public let range: String?

    package init(
      done: Int, unit: RunUnit, reason: StopReason, prolongedBy: String? = nil,
      range: String? = nil
    ) {
      self.done = done
      self.unit = unit
      self.reason = reason
      self.prolongedBy = prolongedBy
      self.range = range
    }
  }

  /// Where a run stopped that was asked to, and how it goes on.
  public struct Stop: Equatable, Sendable {
    /// The signal, and the lowest rank that received one.
    public let signal: String, rank: Int
    /// How far the run came.
    public let place: RunPlace
    /// The checkpoint's path.
    public let checkpoint: String
    /// The command that continues the run, and the directory to give it.
    public let command: String, directory: String
  }

  /// The exit code that says so to scripts; 75 asks to be started again.
  public var exitCode: Int32 {
    switch self {
    case .finished, .complete: 0
    case .stopped, .paused: 75
    }
  }
}

/// How far a run came.
public struct RunPlace: Equatable, Sendable {
  /// What is counted.
  public let unit: RunUnit
  /// Steps since the run began, or iterations of a restart.
  public let count: Int
  /// The epoch, or the restart, from 1; nil where there is only one.
  public let cycle: Int?

  package init(_ unit: RunUnit, _ count: Int, cycle: Int?) {
    self.unit = unit
    self.count = count
    self.cycle = cycle
  }
}

/// What a user should know although it does not stop the run; each floor has its own.
public protocol Advice: Sendable {}

/// What a user should know of a run's directory.
public enum RunAdvice: Advice, Equatable {
  /// Its file system has no locks: nothing keeps a second run out.
  case noLocks(directory: String)
  /// A checkpoint is damaged, and an older one is tried.
  case damagedCheckpoint(path: String, problem: String)
  /// `metrics.jsonl` has fewer bytes than it had at the checkpoint, or others.
  case metricsShort(path: String, has: Int, had: Int)
  case metricsChanged(path: String)
  /// The data, kernels or version of a run that was to be repeated are other ones; the members of `config.json` that differ.
  case notRepeated(path: String, differing: [String])
  /// Some node has more ranks than cores for them.
  case crowded(ranks: Int, cores: Int)
  /// Some node has cores enough, but other programs keep them busy: a rank waited this part of the time for one.
  case busyNode(ranks: Int, cores: Int, waiting: Double)
  /// A column of numbers that were rounded to float32 has so small a range beside their size that few of them differ;
  /// what it is called, and between what they lie.
  case coarseColumn(String, minimum: Double, maximum: Double)
  /// Many numbers of a column are the same as float32: what it is called, how many of those looked at differ, how many still do
  /// after rounding, and between what they lie.
  case mergedNumbers(
    column: String, differing: Int, remaining: Int, minimum: Double, maximum: Double)
  /// Files of rows are in the order of a shell, in which the second of two comes after the first, but not in natural
  /// order, while what goes with their rows is in one file.
  case shellOrder(first: String, second: String, with: String)
  /// A file is read more than once.
  case readTwice(path: String)
  /// Rows that are not read, because values are missing in them, and how many the file has.
  case rowsLeftOut(name: String, Int, of: Int)
  /// Lines between the rows of a table that begin with `#`, and are comments.
  case comments(name: String, Int)
  /// The first line of a table was taken for the names of its columns, although no column holds numbers.
  case doubtfulHeader(name: String)
  /// Columns that are not scaled have very different ranges: two of them by what they are called.
  case unevenColumns(widest: String, range: Double, narrowest: String, smallRange: Double)
}

/// Watches a run; called on rank 0 alone.
public protocol RunObserver: AnyObject {
  /// Something that the user should know.
  func advise(_ advice: any Advice)
  /// After everything is written.
  func finished(_ summary: JSON, directory: String)
}
