import DTrainCore

/// A run of a report.
struct ReportedRun {
  /// The directory, as it was named.
  let path: String
  /// What it is called in pictures, and its colour and sign there.
  let name: String
  let color: Int, sign: Int
  let history: RunHistory
  /// The options of a point of a sweep, as one says them; empty for other runs.
  let words: String

  /// Its name, with what was swept: `point-0003: learning-rate 1e-3, decay 1e-5`.
  var label: String { words.isEmpty ? name : "\(name): \(words)" }
  /// Whether its numbers ran away, so that they would hide those of others.
  var isDiverged: Bool { history.listed.state == .diverged }
  var outcome: JSON { history.listed.outcome }

  /// The runs in some directories. Each is called by the last part of its path, or by all of it where others end so too.
  ///
  /// - Throws: `TrainerError(.badData)` where one of them holds no run.
  static func all(_ places: [ReportPlace]) throws(TrainerError) -> [ReportedRun] {
    func last(_ path: String) -> String {
      // "." and ".." are called as the directories are.
      let whole = path.hasSuffix(".") ? FileSystem.resolved(path) ?? path : path
      return whole.split(separator: "/").last.map(String.init) ?? path
    }
    let names = places.map { last($0.path) }
    let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    var runs: [ReportedRun] = []
    for (index, place) in places.enumerated() {
      runs.append(
        ReportedRun(
          path: place.path, name: counts[names[index]] == 1 ? names[index] : place.path,
          color: index % ReportStyle.colors,
          sign: index / ReportStyle.colors % ReportStyle.signs.count,
          history: try RunHistory(place.path, hasDetails: place.hasDetails),
          words: place.words))
    }
    return runs
  }

  /// The points of a member of `metrics.jsonl` that are numbers, over another member.
  func points(_ member: String, over x: String) -> [(x: Double, y: Double)] {
    history.metrics.compactMap { line in
      guard let x = line[x]?.double, let y = line[member]?.double else { return nil }
      return (x, y)
    }
  }

  /// What is to be known of its records before they are looked at.
  var notes: [String] {
    let what = history.listed.state == .unreadable ? "may not be read" : "is damaged"
    var notes = history.problems.map { "A record of \(name) \(what): \($0)" }
    switch history.listed.state {
    case .finished, .paused, .damaged, .unreadable: break
    case .running:
      notes.append("\(name) is still running. The report shows it as far as it was recorded.")
    case .stopped:
      notes.append(
        "\(name) was stopped on request. dtrain \(command) --resume \(shellPath) goes on with it.")
    case .diverged:
      notes.append("\(name) diverged: its loss was not finite, or ran far away.")
    case .unfinished:
      notes.append(
        "\(name) did not finish. The report shows it as far as it was recorded; dtrain \(command) --resume \(shellPath) "
          + "goes on with it.")
    }
    return notes
  }

  /// A piece of a line as this run has it, for tables.
  var key: String {
    var drawing = Drawing(width: 26, height: 10)
    drawing.line((1, 5), (25, 5), "line c\(color)")
    drawing.signs(sign, at: [(13, 5)], "dot c\(color)")
    return drawing.key
  }

  /// The command that made it; `mlp` where it is not recorded.
  var command: String { history.listed.command ?? "mlp" }

  private var shellPath: String { Shell.word(path) }

  /// The command that makes the same run again; nil where its configuration cannot be read.
  var repetition: String? {
    guard history.listed.configuration["command"] != nil else { return nil }
    let ranks = outcome["ranks"]?.int ?? 1
    let launcher = ranks > 1 ? "mpirun -np \(ranks) " : ""
    let trimmed = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
    let copy = Shell.word(trimmed == "." ? "again" : "\(trimmed)-again")
    return "\(launcher)dtrain \(command) --config \(shellPath) --out \(copy)"
  }
}

/// A picture of a report.
struct ReportFigure {
  /// The name of its file, without the ending: letters, digits and hyphens.
  let name: String
  let title: String
  /// What is to be known for reading it; empty for nothing.
  let caption: String
  let drawing: Drawing
  /// The run that it is of, where there are several and each has such a picture.
  var subject: String? = nil

  /// The same as one of several pictures of its kind.
  ///
  /// - Parameters:
  ///   - suffix: of its name.
  ///   - words: what tells it from the others.
  func told(from suffix: String, by words: String) -> ReportFigure {
    ReportFigure(
      name: name + suffix, title: "\(title): \(words)", caption: caption, drawing: drawing,
      subject: subject)
  }

  /// The picture as a file by itself, with a title.
  var picture: String {
    let heading = subject.map { "\(title): \($0)" } ?? title
    return drawing.titled(heading).svg(title: heading, style: ReportStyle.picture) + "\n"
  }

  /// The figure in a page.
  var markup: String {
    let below =
      caption.isEmpty ? "" : "\n" + Markup.element("figcaption", text: caption)
    return """
      <figure id="\(Markup.escaped(name))">
      \(Markup.element("h3", text: title))
      \(drawing.svg(title: title))\(below)
      </figure>
      """
  }
}
