import DTrainCore

/// One choice of values, and the command that makes its run.
struct SweepPoint<Swept: SweptCommand> {
  /// From 1.
  let number: Int
  /// The options that differ between points, with their values here.
  let options: [(name: String, text: String)]
  let command: Swept

  /// The name of its directory.
  var name: String {
    "point-" + String(repeating: "0", count: max(0, 4 - "\(number)".count)) + "\(number)"
  }

  /// The options as one gives them: `--learning-rate 0.001 --decay 1e-5`.
  var words: String {
    options.map { "\(Spelling.flag($0.name)) \(Shell.word($0.text))" }
      .joined(separator: " ")
  }
}

extension SweepPoint {
  /// The points of a sweep: all combinations, of which the last option changes first, or some that are drawn. The same on
  /// all ranks.
  ///
  /// - Throws: `TrainerError(.usage)` that names an option and a value.
  static func all(of command: Swept, _ options: SweepOptions) throws(TrainerError) -> [SweepPoint] {
    var swept: [Values] = []
    // One value needs no place in the points.
    var single: [String: String] = [:]
    for (option, values) in try values(of: command) {
      if let value = values.single {
        single[option.name] = value
      } else {
        swept.append((option, values))
      }
    }
    if swept.isEmpty {
      let remarks = try remarks(on: command)
      throw TrainerError(
        .usage,
        "no option has several values: give one of them some, such as \(Spelling.flag(Swept.example.option)) "
          + "\(Swept.example.values)\(remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))")"
      )
    }
    var base = command
    base.give(single)
    let choices: [[String]]
    if let count = options.random {
      choices = try drawn(count, seed: options.randomSeed, of: swept)
    } else {
      choices = try combinations(of: swept)
    }
    return choices.enumerated().map { index, texts in
      let values = zip(swept, texts).map { (name: $0.option.name, text: $1) }
      var command = base
      command.give(Dictionary(values.map { ($0.name, $0.text) }) { first, _ in first })
      return SweepPoint(number: index + 1, options: values, command: command)
    }
  }

  /// An option that is given, with its values.
  private typealias Values = (option: RunOption<Swept.Configuration>, values: SweptValues)

  /// The options that are given, in the order in which they are declared.
  private static func values(of command: Swept) throws(TrainerError) -> [Values] {
    let texts = command.texts
    var all: [Values] = []
    for option in Swept.Configuration.table.options where !option.isFlag {
      guard let text = texts[option.name] else { continue }
      let values = try SweptValues(
        text, flag: Spelling.flag(option.name), hasCommas: option.hasCommas,
        accepts: { accepts($0, option) })
      all.append((option, values))
    }
    return all
  }

  /// How many values each option has that has several: `--decay 2 values`.
  static func counts(of command: Swept) throws(TrainerError) -> [String] {
    var words: [String] = []
    for (option, values) in try values(of: command) where values.single == nil {
      let count =
        switch values {
        case .listed(let list): TrainingText.count(list.count, "value")
        case .between: "any between two"
        }
      words.append("\(Spelling.flag(option.name)) \(count)")
    }
    return words
  }

  /// What is one value although it has commas, and how several are told.
  static func remarks(on command: Swept) throws(TrainerError) -> [String] {
    var words: [String] = []
    for (option, values) in try values(of: command) where option.hasCommas {
      guard let value = values.single, value.contains(",") else { continue }
      let flag = Spelling.flag(option.name)
      let several = value.split(separator: ",").joined(separator: ";")
      words.append(
        "\(flag) \(value) is one value; for several, put semicolons between them: \(flag) '\(several)'"
      )
    }
    return words
  }

  private static func accepts(_ text: String, _ option: RunOption<Swept.Configuration>) -> Bool {
    var probe = Swept.standard
    return option.set(&probe, text)
  }

  private static func combinations(
    of swept: [Values]
  ) throws(TrainerError) -> [[String]] {
    var choices: [[String]] = [[]]
    for (option, values) in swept {
      guard case .listed(let list) = values else {
        let flag = Spelling.flag(option.name)
        throw TrainerError(
          .usage,
          "\(flag): a range without a count is for --random; say how many values it has, such as 1e-4:1e-1:log:4"
        )
      }
      let count = choices.count * list.count
      try require(
        count <= SweepOptions.mostPoints, .usage,
        "these values make \(count) points or more, and a sweep has at most \(SweepOptions.mostPoints); give fewer "
          + "values, or draw points with --random")
      choices = choices.flatMap { choice in list.map { choice + [$0] } }
    }
    return choices
  }

  /// Different points, drawn one after another: of a list each value with the same probability.
  private static func drawn(
    _ count: Int, seed: UInt64,
    of swept: [Values]
  ) throws(TrainerError) -> [[String]] {
    var sequence = PhiloxSequence(Philox(seed: seed, purpose: .points), stream: 0)
    var choices: [[String]] = []
    var seen: Set<[String]> = []
    for _ in 0..<100 * count where choices.count < count {
      let choice = swept.map { option, values in
        switch values {
        case .listed(let list): list[Int(sequence.next(below: UInt32(list.count)))]
        case .between(let range):
          SweptValues.text(range.number(at: sequence.nextUnit())) { accepts($0, option) }
        }
      }
      if seen.insert(choice).inserted { choices.append(choice) }
    }
    try require(
      choices.count == count, .usage,
      "--random \(count): these values make hardly more than \(TrainingText.count(choices.count, "point")); ask for "
        + "fewer, or omit --random for all of them")
    return choices
  }
}
