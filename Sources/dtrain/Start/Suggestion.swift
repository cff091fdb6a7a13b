/// What somebody may have meant who named a command that there is not, or an option of another program.
enum Suggestion {
  /// What is called otherwise elsewhere.
  private static let others = [
    "train": "mlp", "fit": "mlp", "nn": "mlp", "cluster": "kmeans", "k-means": "kmeans",
    "k-medians": "kmedians", "score": "evaluate", "eval": "evaluate", "test": "evaluate",
    "apply": "predict", "infer": "predict", "inspect": "info", "describe": "info",
    "check": "doctor", "list": "runs", "ls": "runs", "history": "runs", "compare": "diff",
  ]
  private static let devices: Set = ["--gpu", "--gpus", "--cuda", "--device"]
  /// Letters by which a name may be off.
  private static let mostOff = 2

  /// The mistake in some arguments, as a sentence; nil where it is another one.
  static func sentence(for arguments: [String], commands: [String]) -> String? {
    if let option = arguments.first(where: { devices.contains(String($0.prefix { $0 != "=" })) }) {
      return "unknown option '\(option.printable)': this program computes on CPUs alone"
    }
    // Behind `help` stands a command's name, too.
    guard let word = arguments.first(where: { $0 != "help" }), !word.hasPrefix("-"),
      !commands.contains(word)
    else { return nil }
    let near = commands.map { ($0, distance($0, word)) }.filter { $0.1 <= mostOff }
      .min { $0.1 < $1.1 }?.0
    let meant = others[word.lowercased()] ?? near
    let advice =
      meant.map { "did you mean \($0)?" } ?? "name one of \(commands.joined(separator: ", "))"
    return "there is no command '\(word.printable)': \(advice)"
  }

  /// The letters to insert, remove or replace that make one word of another (V. Levenshtein, 1965).
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b.lowercased()))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (letter == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
