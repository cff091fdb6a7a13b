import ArgumentParser
import DTrainCore

/// How long a job of several ranks may stand still.
struct StallOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Say which rank waits where after this time without progress: 60s, 5m, 1h or never.",
      valueName: "time"))
  var stallWarning = StallTime(seconds: 60)

  @Option(
    help: ArgumentHelp(
      "End the job, with exit code 86, after this time without progress.", valueName: "time"))
  var stallTimeout = StallTime(seconds: 300)

  /// The same for the watchdog.
  var limits: StallLimits {
    StallLimits(warning: stallWarning.seconds, timeout: stallTimeout.seconds)
  }
}

/// A time, or never.
struct StallTime {
  /// At least 1; nil for never.
  let seconds: Double?
}

extension StallTime: ExpressibleByArgument {
  init?(argument: String) {
    if argument == "never" {
      self.init(seconds: nil)
      return
    }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[$0] }),
      let number = Double(argument.dropLast()), (1...1e6).contains(number * unit)
    else { return nil }
    self.init(seconds: number * unit)
  }

  var defaultValueDescription: String {
    guard let seconds else { return "never" }
    return seconds.truncatingRemainder(dividingBy: 60) == 0 && seconds > 60
      ? "\(Int(seconds / 60))m" : "\(Int(seconds))s"
  }
}
