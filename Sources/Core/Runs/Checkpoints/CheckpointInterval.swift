/// When a run saves checkpoints of its own accord.
public enum CheckpointInterval: Equatable, Sendable {
  /// After every so many epochs or iterations, at least 1.
  case rounds(Int)
  /// Each time this many steps are done, at least 1; only in runs that count steps.
  case steps(Int)
  /// When so many seconds have passed since the last, above 0.
  case seconds(Double)
  /// Not at all; a request to stop still saves one.
  case never

  /// Reads `5`, `100steps`, `30s`, `0.5s`, `5m`, `1.5h` or `never`; nil for anything else.
  public init?(_ text: String) {
    if text == "never" {
      self = .never
      return
    }
    let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let unit = text.dropFirst(number.count)
    let count = Int(number).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
    let time = Double(number).flatMap { (1e-3...1e9).contains($0) ? $0 : nil }
    switch (unit, count, time) {
    case ("", let count?, _): self = .rounds(count)
    case ("step", let count?, _), ("steps", let count?, _): self = .steps(count)
    case ("s", _, let time?): self = .seconds(time)
    case ("m", _, let time?): self = .seconds(time * 60)
    case ("h", _, let time?): self = .seconds(time * 3600)
    default: return nil
    }
  }

  /// A text that ``init(_:)`` reads as the same.
  package var text: String {
    switch self {
    case .rounds(let count): "\(count)"
    case .steps(let count): "\(count)steps"
    case .seconds(let time): "\(time)s"
    case .never: "never"
    }
  }
}

/// When checkpoints are saved and how many are kept, as far as it was asked.
public struct CheckpointPlan: Equatable, Sendable {
  /// When they are saved; nil for what a run that is continued did so far, and a new one every five minutes.
  public var interval: CheckpointInterval?
  /// How many are kept, at least 1; nil likewise, and for two.
  public var keep: Int?

  /// Nothing asked.
  public init() {}

  /// Throws `TrainerError(.usage)` for values that make no sense for runs that count such units.
  public func validate(unit: RunUnit = .step) throws(TrainerError) {
    try require(
      keep ?? 1 >= 1, .usage,
      "\(parameter: "keep") must be at least 1 checkpoint, not \(keep ?? 1)")
    guard case .steps = interval, unit != .step else { return }
    throw TrainerError(
      .usage,
      "\(parameter: "checkpoint_every"): this run counts \(unit.rawValue)s, not steps; give a number of these, or "
        + "a time")
  }

  /// What is done.
  package var wantedInterval: CheckpointInterval { interval ?? .seconds(300) }
  package var wantedNumber: Int { keep ?? 2 }

  /// The plan with what an earlier one asked where it does not.
  package func over(_ earlier: CheckpointPlan) -> CheckpointPlan {
    var plan = self
    plan.interval = interval ?? earlier.interval
    plan.keep = keep ?? earlier.keep
    return plan
  }

  /// In `inputs.json`.
  package var members: [JSON.Member] {
    [
      .init("checkpoint_every", interval.map { .string($0.text) } ?? .null),
      .init("keep", keep.map { .integer($0) } ?? .null),
    ]
  }

  /// What `inputs.json` tells; what makes no sense there counts as not asked.
  package init(recorded json: JSON) {
    interval = json["checkpoint_every"]?.text.flatMap { CheckpointInterval($0) }
    keep = json["keep"]?.int.flatMap { $0 >= 1 ? $0 : nil }
  }
}
