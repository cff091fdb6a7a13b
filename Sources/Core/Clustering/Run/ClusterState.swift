import DTrainBase

/// Where a clustering run stands, as a checkpoint records it beside the centers.
struct ClusterState: Equatable {
  /// Which of the starts it is in, from 0, and the iterations done in it.
  var restart = 0, iteration = 0
  /// Why that start has nothing left to iterate; nil while it has.
  var stopped: String?
  /// How often an empty cluster took a row in it.
  var refilled = 0
  /// The seconds of its iterations.
  var secondsOfStart = 0.0
  /// Seconds and iterations of the starts before, of all processes that worked on the run.
  var seconds = ClusterRecord.Seconds()
  /// The best of the starts before.
  var best: ClusterOutcome?

  /// Iterations of all starts.
  var position: Int { seconds.iterations + iteration }

  /// The state as it stands in a manifest.
  var json: JSON {
    [
      "restart": .integer(restart), "iteration": .integer(iteration),
      "stopped": stopped.map { .string($0) } ?? .null, "refilled": .integer(refilled),
      "seconds_of_start": .number(secondsOfStart),
      "seconds_load": .number(seconds.load), "seconds_init": .number(seconds.initialization),
      "seconds_train": .number(seconds.training),
      "seconds_evaluate": .number(seconds.evaluation),
      "seconds_communication": .number(seconds.communication),
      "seconds_total": .number(seconds.earlier),
      "iterations_before": .integer(seconds.iterations),
      "best": best?.recorded ?? .null,
    ]
  }

  /// A run that begins.
  init() {}

  /// The state that a manifest holds; nil where it is no such state.
  ///
  /// - Parameter bestCenters: the centers of the best start before, where there was one.
  init?(json: JSON, bestCenters: [Float]) {
    guard let restart = json["restart"]?.int, restart >= 0,
      let iteration = json["iteration"]?.int, iteration >= 1, let stopped = json["stopped"],
      let refilled = json["refilled"]?.int,
      let secondsOfStart = json["seconds_of_start"]?.double,
      let load = json["seconds_load"]?.double, let initialization = json["seconds_init"]?.double,
      let training = json["seconds_train"]?.double,
      let evaluation = json["seconds_evaluate"]?.double,
      let communication = json["seconds_communication"]?.double,
      let total = json["seconds_total"]?.double,
      let iterations = json["iterations_before"]?.int, iterations >= 0, let best = json["best"]
    else { return nil }
    self.restart = restart
    self.iteration = iteration
    self.stopped = stopped.text
    self.refilled = refilled
    self.secondsOfStart = secondsOfStart
    seconds.load = load
    seconds.initialization = initialization
    seconds.training = training
    seconds.evaluation = evaluation
    seconds.communication = communication
    seconds.earlier = total
    seconds.iterations = iterations
    if !best.isNull {
      guard let found = ClusterOutcome(recorded: best, centers: bestCenters) else { return nil }
      self.best = found
    }
  }
}

extension ClusterOutcome {
  /// All of it but the centers.
  fileprivate var recorded: JSON {
    [
      "objective": .number(objective), "sizes": .array(sizes.map { .integer($0) }),
      "iterations": .integer(iterations), "stopped": .string(stopped),
      "refilled": .integer(refilled), "restart": .integer(restart),
    ]
  }

  fileprivate init?(recorded json: JSON, centers: [Float]) {
    guard let objective = json["objective"]?.double, let sizes = json["sizes"]?.items,
      let iterations = json["iterations"]?.int, let stopped = json["stopped"]?.text,
      let refilled = json["refilled"]?.int, let restart = json["restart"]?.int
    else { return nil }
    let numbers = sizes.compactMap(\.int)
    guard numbers.count == sizes.count else { return nil }
    self.init(
      objective: objective, centers: centers, sizes: numbers, iterations: iterations,
      stopped: stopped, refilled: refilled, restart: restart)
  }
}
