import DTrainCore

/// The command line that starts a job, such as `mpirun -np 4 dtrain mlp --data x --out run`, and the one that
/// continues its run.
struct SupervisedCommand {
  /// The commands that write a run which can be continued.
  private static let trainers = Set(
    [MLPConfiguration().commandName] + ClusterCommand.allCases.map(\.rawValue))

  /// The words as they were given.
  let words: [String]
  /// The directory of the run.
  let directory: String
  /// Whether it continues an earlier run.
  let isResuming: Bool
  private let start: Int

  /// Finds the command and the run directory among the words.
  ///
  /// - Throws: `TrainerError(.usage)` where there is none.
  init(_ words: [String]) throws(TrainerError) {
    guard let start = words.firstIndex(where: Self.trainers.contains) else {
      throw TrainerError(
        .usage,
        "supervise needs a command that trains behind '--', for example: dtrain supervise -- mpirun -np 4 "
          + "dtrain mlp --data x.npy --out runs/x")
    }
    let options = words[start...]
    try require(
      !options.contains(":"), .usage,
      "supervise cannot continue a job of several programs (the ':' of mpirun): give one program and -np"
    )
    let resumed = Self.value(of: "--resume", in: options)
    guard let directory = resumed ?? Self.value(of: "--out", in: options) else {
      throw TrainerError(
        .usage, "supervise must know the run directory: give the supervised command --out DIRECTORY"
      )
    }
    self.words = words
    self.start = start
    self.directory = directory
    isResuming = resumed != nil
  }

  /// What names the directory of a new run, or of one that was continued already, or its options.
  private static let placing: Set<String> = ["--out", "--overwrite", "--resume", "--config"]

  /// The words that continue the run from its newest checkpoint; its options may be said again.
  var resumed: [String] {
    var kept = Array(words[...start])
    var isKept = true
    for word in words[(start + 1)...] {
      // The values that follow an option stay or go with it.
      if word.hasPrefix("--") { isKept = !Self.placing.contains(String(word.prefix { $0 != "=" })) }
      if isKept { kept.append(word) }
    }
    return kept + ["--resume", directory]
  }

  /// The words that begin anew, over what an attempt without a checkpoint left.
  var repeated: [String] { words.contains("--overwrite") ? words : words + ["--overwrite"] }

  private static func value(of option: String, in words: ArraySlice<String>) -> String? {
    // Of an option that is given twice the last one counts.
    for (index, word) in zip(words.indices, words).reversed() {
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.utf8.count + 1)) }
      if word == option, words.indices.contains(index + 1) { return words[index + 1] }
    }
    return nil
  }
}
