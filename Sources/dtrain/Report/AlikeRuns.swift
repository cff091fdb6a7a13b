import DTrainCore

/// Runs whose losses or objectives are on one scale: of the same rows, by the same function.
struct AlikeRuns {
  /// What tells them from the other groups: `squared, houses.csv`; empty where there is one group.
  let words: String
  let runs: [ReportedRun]

  /// The groups of some runs, in the order of their first runs.
  ///
  /// - Complexity: O(runs · groups).
  static func groups(_ runs: [ReportedRun]) -> [AlikeRuns] {
    var facts: [[Fact]] = []
    var groups: [[ReportedRun]] = []
    for run in runs {
      let own = Self.facts(run.history.listed)
      if let place = facts.firstIndex(of: own) {
        groups[place].append(run)
      } else {
        facts.append(own)
        groups.append([run])
      }
    }
    let differing = (facts.first ?? []).indices.filter { index in
      facts.contains { $0[index] != facts[0][index] }
    }
    return zip(facts, groups).map { facts, runs in
      let words = differing.map { facts[$0].words }.filter { !$0.isEmpty }
      return AlikeRuns(words: words.joined(separator: ", "), runs: runs)
    }
  }

  /// Something that the scale depends on, and how it is said.
  private struct Fact: Equatable {
    let value: JSON
    let words: String
  }

  private static func facts(_ run: ListedRun) -> [Fact] {
    let options = run.configuration
    let names = ["loss"] + (options["clusters"] == nil ? [] : ["metric", "scale"])
    let chosen = ["loss", "metric", "scale"].map { name -> Fact in
      let value = names.contains(name) ? options[name] ?? .null : .null
      return Fact(
        value: value, words: value.text.map { name == "scale" ? "scale \($0)" : $0 } ?? "")
    }
    let files = ["data", "labels", "weights"].map(run.paths)
    return [Fact(value: .string(run.command ?? ""), words: run.command ?? "")] + chosen + [
      Fact(value: .array(files), words: run.data ?? ""),
      Fact(value: run.inputs["target"] ?? .null, words: run.inputs["target"]?.text ?? ""),
    ]
  }
}
