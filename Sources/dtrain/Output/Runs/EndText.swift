import DTrainCore

/// How a run ended that did not finish now, in sentences.
enum EndText {
  /// Why nothing is to be done.
  static func sentence(_ rest: RunEnd.Rest, directory: String) -> String {
    let reason =
      switch (rest.range, rest.prolongedBy, rest.unit) {
      case (let range?, _, _): "(--clusters \(range))"
      case (nil, let option?, _):
        "(\(TrainingText.count(rest.done, "epoch"))); give \(Spelling.flag(option)) for more"
      case (nil, nil, .step): "(stopped after epoch \(rest.done): \(rest.reason.rawValue))"
      case (nil, nil, .iteration):
        "(\(TrainingText.count(rest.done, "iteration")); stopped: \(rest.reason.rawValue))"
      }
    return "nothing to do: \(directory) is finished \(reason)"
  }

  /// Where it stopped, and how it goes on: lines that fit `width` columns, or one sentence where it is nil.
  static func lines(_ stop: RunEnd.Stop, width: Int?) -> [String] {
    let (unit, count) = (stop.place.unit, stop.place.count)
    let place =
      switch (unit, stop.place.cycle) {
      case (_, nil): "\(unit.rawValue) \(count)"
      case (.step, let epoch?): "step \(count) (epoch \(epoch))"
      case (.iteration, let restart?): "iteration \(count) of restart \(restart)"
      }
    // mpirun has one signal for whatever it is told.
    let signal =
      stop.signal == "SIGTERM" && Launcher.isPresent
      ? "SIGTERM, which mpirun sends on ctrl-C too," : stop.signal
    let what = "stopped on request (\(signal) to rank \(stop.rank)) after \(place)"
    return continued(
      what, saved: stop.checkpoint, by: stop.command, in: stop.directory, width: width)
  }

  /// The same of a sweep.
  static func ofSweep(in directory: String, width: Int?) -> [String] {
    continued("stopped on request", saved: nil, by: "sweep", in: directory, width: width)
  }

  /// - Parameter saved: the checkpoint; nil where there is none by itself.
  private static func continued(
    _ what: String, saved: String?, by command: String, in directory: String, width: Int?
  ) -> [String] {
    let (command, rest) = (
      "\(launcher)dtrain \(command)", "--resume \(Shell.word(directory))"
    )
    guard let width else {
      let place = saved.map { "; saved as \($0)" } ?? ""
      return ["dtrain: \(what)\(place); to continue: \(command) \(rest)"]
    }
    let words = what.split(separator: " ").map(String.init)
    return FittedLines.wrapped("dtrain:", words, width: width)
      + (saved.map { FittedLines.titled("saved as", $0, width: width) } ?? [])
      + ["to continue:"] + FittedLines.command(command, rest, width: width)
  }

  /// How as many ranks are started again, with a blank behind it; empty for one rank.
  private static var launcher: String {
    let ranks = Launcher.declaredSize
    return ranks == 1 ? "" : Launcher.isSrun ? "srun -n \(ranks) " : "mpirun -np \(ranks) "
  }
}
