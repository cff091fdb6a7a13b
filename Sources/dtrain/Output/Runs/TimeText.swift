import DTrainCore

/// Where the time of a run went: figures that add up to the whole as they are printed.
enum TimeText {
  /// A part of a run's time.
  private struct Part {
    let name: String
    /// In units of the resolution.
    var units: Int
  }

  /// `time: 4.46 s = loading 0.42 s + training 3.20 s + …`, in lines that fit.
  ///
  /// - Parameters:
  ///   - summary: of a run, or of a range of runs, whose seconds are those of all its runs.
  ///   - width: columns; nil for 80.
  static func lines(_ summary: JSON, width: Int?) -> [String] {
    guard let total = summary["seconds_total"]?.double, total.isFinite else { return [] }
    func seconds(_ phase: String) -> Double { summary["seconds_\(phase)"]?.double ?? 0 }
    let isTraining = summary["epochs"] != nil
    let phases = [
      ("load", "loading"), ("init", isTraining ? "initialization" : "seeding"),
      ("train", isTraining ? "training" : "iterations"), ("evaluate", "evaluation"),
      ("save", "writing"),
    ]
    // Whole seconds are enough beyond a minute.
    let resolution = total < 60 ? 0.01 : 1
    func units(_ seconds: Double) -> Int { Int((max(0, seconds) / resolution).rounded()) }
    let all = units(total)
    var parts = phases.map { Part(name: $1, units: units(seconds($0))) }
    var rest = all - parts.reduce(0) { $0 + $1.units }
    // What rounding made too much is taken from the largest parts.
    while rest < 0, let largest = parts.indices.max(by: { parts[$0].units < parts[$1].units }) {
      parts[largest].units -= 1
      rest += 1
    }
    parts.append(Part(name: "other", units: rest))
    func text(_ units: Int) -> String {
      let seconds = Double(units) * resolution
      return seconds < 60
        ? "\(NumberFormat.fixed(seconds, total < 60 ? 2 : 0)) s"
        : NumberFormat.duration(seconds)
    }
    let shown = parts.filter { $0.units > 0 }
    return FittedLines.wrapped(
      "time: \(text(all))",
      shown.enumerated().map { "\($0 == 0 ? "=" : "+") \($1.name) \(text($1.units))" },
      width: width ?? 80)
  }
}
