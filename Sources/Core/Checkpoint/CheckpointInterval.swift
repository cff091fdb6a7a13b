/// When a run saves checkpoints of its own accord.
public enum CheckpointInterval: Equatable, Sendable {
  /// After every so many epochs or iterations, at least 1.
  case rounds(Int)
  /// After every so many steps, at least 1; networks only.
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
}

/// When checkpoints are saved and how many are kept.
public struct CheckpointPlan: Equatable, Sendable {
  /// When they are saved.
  public var interval = CheckpointInterval.seconds(300)
  /// How many are kept, at least 1.
  public var keep = 2

  /// The defaults: every five minutes, two kept.
  public init() {}

  /// Throws `TrainerError(.usage)` for values that make no sense.
  public func validate() throws(TrainerError) {
    guard keep >= 1 else {
      throw TrainerError(.usage, "--keep must be at least 1 checkpoint, not \(keep)")
    }
  }
}
