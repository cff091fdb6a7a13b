import ArgumentParser
import DTrainCore

/// What a command says while it works.
struct OutputOptions: ParsableArguments {
  @Option(
    help:
      "A line an epoch or iteration and below them a bar, the lines alone, or nothing; auto: a bar where a terminal shows it."
  )
  var progress: ProgressStyle = .auto

  @Flag(name: .shortAndLong, help: "Say nothing but errors and warnings.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more: how the work is divided, where time and memory went.")
  var verbose = false

  /// Lets messages of this process, whichever rank it is, erase the bar that rank 0 may draw.
  func expectBar() { ProgressPlan(progress, isQuiet: quiet).expectBar() }

  /// Throws where options contradict each other.
  func check() throws(TrainerError) {
    if quiet, verbose {
      throw TrainerError(.usage, "--quiet and --verbose exclude each other: give one of them")
    }
  }
}

/// How progress is shown.
enum ProgressStyle: String, CaseIterable, ExpressibleByArgument {
  case auto, bar, lines, none
}
