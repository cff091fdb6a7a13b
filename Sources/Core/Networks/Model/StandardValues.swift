/// What data are like, as far as the values of options depend on it that were never set.
struct DataTraits {
  /// Rows to train on.
  let rows: Int
  /// Whether rows are bytes as those of images on a dark ground.
  let looksLikeImages: Bool
  /// What the targets are.
  let targets: TargetKind
}

/// Values that suit the data, for options that were never set. docs/DEFAULTS.md has what they were measured by.
///
/// Images of bytes get the seed's recipe: tanh, and gradient descent at a rate that falls exponentially. Other rows are
/// tables, whose columns are standardised: relu and AdamW, which need no rate that is found by trial, and softmax for
/// classes.
extension MLPConfiguration {
  /// Updates that a run should make at least: on images, on tables of few rows, and on tables of many, by their targets.
  private static let fewestSteps = (images: 2000, tables: 2000, numbers: 20_000, classes: 60_000)
  /// The rows of a table from which on it takes more steps, the steps for each such row, and the rows from which on its
  /// weights decay less.
  private static let (rowsOfMoreSteps, stepsPerRow, rowsOfLessDecay) = (300, 4, 500.0)
  /// From this many rows on, the weights of a table of classes decay even less: its classes can have finer borders.
  private static let rowsOfFineBorders = 8000.0
  /// Tables of fewer rows get a rate that falls, as those of classes do, to exp(-2) of itself at the end; other
  /// tables have one that stays.
  private static let (fewRows, fall) = (512, 2.0)
  /// Epochs that are made of any number of rows: at least, and at most.
  private static let epochBounds = (images: 40...1000, tables: 20...1000)
  /// Evaluations that a run of many epochs makes, about.
  private static let evaluations = 40

  /// Chooses values.
  ///
  /// - Parameter activation: that of a model whose parameters the run begins with; nil for none.
  mutating func choose(for data: DataTraits, activation: Activation?) {
    choose("activation", \.activation, activation ?? (data.looksLikeImages ? .tanh : .relu))
    let isOpen = open.contains("optimizer")
    choose("optimizer", \.optimizer, data.looksLikeImages ? .sgd : .adamw)
    isOfImages = data.looksLikeImages
    choose("learning_rate", \.learningRate, standardRate(of: data.targets))
    let steps = (data.rows + batch - 1) / batch
    let bounds = data.looksLikeImages ? Self.epochBounds.images : Self.epochBounds.tables
    let fewest =
      data.looksLikeImages
      ? Self.fewestSteps.images
      : min(
        Self.fewestSteps.tables + Self.stepsPerRow * max(0, data.rows - Self.rowsOfMoreSteps),
        data.targets == .numbers ? Self.fewestSteps.numbers : Self.fewestSteps.classes)
    let wanted = (fewest + steps - 1) / steps
    choose("epochs", \.epochs, min(max(wanted, bounds.lowerBound), bounds.upperBound))
    let falls = data.targets != .numbers || data.rows < Self.fewRows
    // Who states the epochs may ask for more later, and gets what the whole number gives.
    if isOpen, chosen.contains("epochs"), schedule == .exponential, !data.looksLikeImages, falls {
      choose("decay", \.decay, Self.rounded(Self.fall / Double(steps * epochs)))
    }
    choose(
      "weight_decay", \.weightDecay,
      isOpen && !data.looksLikeImages ? weightDecay(of: data) : 0)
    // Who states the epochs expects to see each.
    let every = chosen.contains("epochs") ? max(1, epochs / Self.evaluations) : 1
    choose("evaluate_every", \.evaluateEvery, every)
  }

  /// Refuses an option that was given and has no effect with the optimizer that was chosen.
  ///
  /// - Throws: `TrainerError(.usage)`.
  func checkChosen() throws(TrainerError) {
    guard chosen.contains("optimizer") else { return }
    let used = Set(UpdateRule.all.flatMap(\.uses))
    for option in Self.table.options
    where used.contains(option.name) && option.text(self) != option.text(defaults) {
      guard let idleness = option.idleness?(self) else { continue }
      throw TrainerError(.usage, "\(parameter: option.name) \(idleness)")
    }
  }

  /// Weight decay of tables, in thousandths: less where there are more rows to learn from, by the power 3/4 for numbers and
  /// 1/4 for classes, of which some may be wrong; by 3/4 where there are many rows.
  private func weightDecay(of data: DataTraits) -> Double {
    let part = min(1, Self.rowsOfLessDecay / Double(data.rows)).squareRoot()
    let fine = min(1, Self.rowsOfFineBorders / Double(data.rows)).squareRoot()
    let thousandths =
      data.targets == .numbers ? 200 * part * part.squareRoot() : 100 * part.squareRoot() * fine
    return thousandths.rounded(.up) / 1000
  }

  /// The loss where none is asked for.
  static func standardLoss(for data: DataTraits) -> Loss {
    data.targets == .oneClass && !data.looksLikeImages
      ? .softmaxCrossEntropy : Loss.standard(for: data.targets)
  }

  /// L for the rule and the targets. It is stated for the mean over a batch; a rule that goes by the gradient's size
  /// takes that much less of a sum.
  func standardRate(of targets: TargetKind) -> Double {
    guard optimizer.followsSize else {
      return isOfImages ? optimizer.standardRate : optimizer.tableRate ?? optimizer.standardRate
    }
    let rate =
      optimizer.standardRate / (targets == .numbers ? 20 : 1)
      / (gradient == .sum ? Double(batch) : 1)
    return Self.rounded(rate)
  }

  /// The digits that are meant, without the last bits of divisions.
  private static func rounded(_ value: Double) -> Double { (value * 1e12).rounded() / 1e12 }

  /// What was chosen, with its values.
  var chosenValues: [(option: String, value: String)] {
    chosen.compactMap { name in
      Self.table.options.first { $0.name == name }.map { (name, $0.text(self)) }
    }
  }

  private mutating func choose<Value>(
    _ name: String, _ path: WritableKeyPath<Self, Value>, _ value: Value
  ) {
    guard open.contains(name) else { return }
    self[keyPath: path] = value
    chosen.append(name)
  }
}
