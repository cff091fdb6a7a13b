import ArgumentParser
import DTrainCore

/// How a sweep chooses its points and makes their runs.
struct SweepOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Ranks that make a run together; groups of them work side by side.", valueName: "ranks"))
  var groupSize = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Draw this many points instead of making all that lists and ranges give.", valueName: "points"
    ))
  var random: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of these draws.", valueName: "seed"))
  var randomSeed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop the worst points early: of each round, one in this many goes on.", valueName: "factor"))
  var halving: Int?

  @Flag(help: "Print the points, and make no run.") var dryRun = false

  /// The most points of a sweep.
  static let mostPoints = 1000

  /// Refuses numbers that make no sense.
  func check() throws(TrainerError) {
    try require(
      groupSize >= 1, .usage, "--group-size must be at least 1 rank, not \(groupSize)")
    if let random {
      try require(
        (1...Self.mostPoints).contains(random), .usage,
        "--random takes from 1 to \(Self.mostPoints) points, not \(random)")
    }
    try require(
      halving ?? 2 >= 2, .usage, "--halving must be at least 2, not \(halving ?? 0)")
  }

  /// Refuses a number of ranks that groups cannot share.
  func check(ranks: Int) throws(TrainerError) {
    guard ranks % groupSize != 0 else { return }
    let sizes = (1...ranks).filter { ranks % $0 == 0 }.map(String.init)
    let words =
      sizes.count > 1
      ? "\(sizes.dropLast().joined(separator: ", ")) or \(sizes.last ?? "")" : sizes.joined()
    throw TrainerError(
      .usage,
      "--group-size \(groupSize) does not divide the \(TrainingText.count(ranks, "rank")): give \(words), or start "
        + "\((ranks / groupSize + 1) * groupSize) ranks")
  }
}
