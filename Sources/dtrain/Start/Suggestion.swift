import DTrainCore

/// What somebody may have meant who named a command that there is not, or an option of another program.
enum Suggestion {
  /// What is called otherwise elsewhere.
  private static let others = [
    "train": "mlp", "fit": "mlp", "nn": "mlp", "cluster": "kmeans", "k-means": "kmeans",
    "k-medians": "kmedians", "score": "evaluate", "eval": "evaluate", "test": "evaluate",
    "apply": "predict", "infer": "predict", "inspect": "info", "describe": "info",
    "check": "doctor", "list": "runs", "ls": "runs", "history": "runs", "compare": "diff",
    "plot": "report", "draw": "report", "version": "--version", "resume": "mlp --resume RUN",
    "continue": "mlp --resume RUN",
  ]
  private static let devices: Set = ["--gpu", "--gpus", "--cuda", "--device"]

  /// Whether a word may have been meant by another: two letters may be off, of short words one.
  private static func isNear(_ word: String, _ other: String) -> Bool {
    NearWord.distance(word, other) <= (word.count < 4 ? 1 : 2)
  }

  /// The mistake in some arguments, as a sentence; nil where it is another one.
  static func sentence(for arguments: [String], commands: [String]) -> String? {
    if let option = arguments.first(where: { devices.contains(String($0.prefix { $0 != "=" })) }) {
      return "unknown option '\(option.printable)': this program computes on CPUs alone"
    }
    // Behind `help` stands a command's name, too.
    guard let word = arguments.first(where: { $0 != "help" }), !word.hasPrefix("-"),
      !commands.contains(word)
    else { return nil }
    let near = commands.filter { isNear(word, $0) }.min {
      NearWord.distance(word, $0) < NearWord.distance(word, $1)
    }
    let meant = others[word.lowercased()] ?? near
    let advice =
      meant.map { "did you mean \($0)?" } ?? "name one of \(commands.joined(separator: ", "))"
    return "there is no command '\(word.printable)': \(advice)"
  }

  /// What values look like, by what stands for them in the parser's sentences.
  private static let forms = [
    "<interval>": "2 (epochs or iterations), 100steps, 30s, 1.5h or never",
    "<time>": "60s, 5m, 1h or never", "<number>": "a whole number, such as 2",
  ]

  /// What options are called otherwise elsewhere, and here in one command or another.
  private static let otherOptions: [String: [String]] = {
    let called = [
      ["hidden"]: [
        "layers", "layer-sizes", "hidden-layers", "hidden-layer-sizes", "hidden-sizes", "units",
      ],
      ["epochs", "max-iterations"]: [
        "num-epochs", "n-epochs", "max-epochs", "iterations", "max-iter", "max-iters", "n-iter",
      ],
      ["out", "output"]: ["output", "out", "output-dir", "out-dir", "save-dir", "outdir"],
      ["clusters"]: ["n-clusters", "num-clusters", "centers", "n-components"],
      ["data"]: ["input", "train", "train-data", "dataset", "file"],
      ["seed"]: ["random-state", "random-seed"], ["weight-decay"]: ["l2", "alpha"],
    ]
    var options = ["-k": ["clusters"], "-o": ["out", "output"], "-V": ["version"]]
    for (own, others) in called { for other in others { options["--\(other)"] = own } }
    return options.mapValues { $0.map { "--\($0)" } }
  }()

  /// The parser's sentence, with what may have been meant.
  ///
  /// - Parameter options: those of the command.
  static func completed(
    _ sentence: String, arguments: [String], options: Set<String>
  ) -> String {
    let parts = sentence.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
    if sentence.contains("is invalid for"),
      let form = forms.first(where: { sentence.hasSuffix("\($0.key)'") })
    {
      return "\(sentence); give \(form.value)"
    }
    // Missing value for '--data <path>'
    if parts.count == 3, parts[0].hasPrefix("Missing value") {
      let option = String(parts[1].prefix { $0 != " " })
      let next = arguments.firstIndex(of: option).map { arguments[($0 + 1)...] }?.first
      guard let next, next.hasPrefix("-"), FileSystem.exists(next) else { return sentence }
      return "\(sentence); the file \(next.printable) is named ./\(next.printable)"
    }
    // Unknown option '--foo'. Did you mean '--json'?
    guard parts.count >= 3, parts[0].hasPrefix("Unknown option") else { return sentence }
    let own = otherOptions[parts[1]]?.first { options.contains($0) && $0 != parts[1] }
    let all = options.union(["--version", "--help"])
    func bare(_ option: String) -> String { String(option.drop { $0 == "-" }) }
    let near = all.filter { $0.hasPrefix("--") && isNear(bare($0), bare(parts[1])) }
      .min { (NearWord.distance($0, parts[1]), $0) < (NearWord.distance($1, parts[1]), $1) }
    return "Unknown option '\(parts[1])'" + ((own ?? near).map { ". Did you mean '\($0)'?" } ?? "")
  }
}
