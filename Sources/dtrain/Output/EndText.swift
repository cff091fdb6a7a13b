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

  /// Where it stopped, and how it goes on.
  static func sentence(_ stop: RunEnd.Stop) -> String {
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
    return
      "stopped on request (\(signal) to rank \(stop.rank)) after \(place); saved as \(stop.checkpoint); "
      + "to continue: dtrain \(stop.command) --resume \(stop.directory)"
  }
}
