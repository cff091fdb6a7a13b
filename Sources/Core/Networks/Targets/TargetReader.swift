/// Reads the targets of test and evaluation rows as what a network was trained on, whatever their own form.
struct TargetReader {
  /// What the network's targets are.
  let kind: TargetKind
  /// The network's outputs: the number of classes, of labels, or of numbers.
  let outputs: Int
  /// What is subtracted from each column of numbers; empty for nothing.
  let offsets: [Double]
  /// The names of the classes; empty where they are numbers.
  let classNames: [String]
  let topology: NodeTopology

  /// Reads this rank's targets; collective.
  ///
  /// Classes are read from one number a row, or from a one-hot matrix.
  ///
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, for what cannot be brought to the kind.
  func read(_ source: ArraySource, rows: Range<Int>) throws -> RowTargets {
    let world = topology.world
    let source = try named(source)
    if kind == .oneClass, source.columns == 1 {
      try checkWhole(source, rows)
      let labels = try source.readLabels(rows, topology: topology)
      try world.agree {
        try ClassLabels.check(
          labels, firstRow: rows.lowerBound, name: source.name, classes: outputs)
      }
      return .labels(labels)
    }
    try world.require(
      source.columns == outputs, .badData,
      "\(source.nameHaving) shape \(source.shape), but \(expectation)")
    let matrix = try TargetMatrix(source, rows: rows, topology: topology)
    if kind == .numbers { return matrix.numbers(less: offsets) }
    try world.agree {
      try matrix.checkBinary(expectation)
      if kind == .oneClass { try matrix.checkOneHot(expectation) }
    }
    return matrix.targets(areClasses: kind == .oneClass)
  }

  /// Refuses floats that are no classes; collective.
  private func checkWhole(_ source: ArraySource, _ rows: Range<Int>) throws {
    guard source.texts.isEmpty, source.storedType.hasPrefix("float") else { return }
    let numbers = try source.readDoubles(rows, topology: topology)
    try topology.world.agree {
      guard let bad = numbers.firstIndex(where: { $0 != $0.rounded() }) else { return }
      throw TrainerError(
        .badData,
        "the model predicts classes, 0 to \(outputs - 1), but \(source.name) holds numbers: \(numbers[bad]) in row "
          + "\(rows.lowerBound + bad) (counted from 0)")
    }
  }

  /// Classes with texts for names, numbered as the network knows them.
  private func named(_ source: ArraySource) throws -> ArraySource {
    let source = kind == .numbers ? try source.readingNumbers : source
    guard !source.texts.isEmpty else { return source }
    try topology.world.require(
      !classNames.isEmpty, .badData, "\(source.name) holds texts, but \(expectation), without names"
    )
    return try source.numberingTexts(by: classNames)
  }

  /// What the network was trained on, for messages.
  private var expectation: String {
    switch kind {
    case .oneClass: "the network was trained on one of \(outputs) classes a row"
    case .labels: "the network was trained on \(outputs) labels a row, each 0 or 1"
    case .numbers: "the network was trained on \(outputs) number\(outputs == 1 ? "" : "s") a row"
    }
  }
}

/// Labels that name classes, one a row.
enum ClassLabels {
  /// Refuses negative labels and, where there is a number of classes, those outside `0..<classes`.
  ///
  /// - Throws: `TrainerError(.badData)` with the first place.
  static func check(
    _ labels: [Int32], firstRow: Int, name: String, classes: Int?
  ) throws(TrainerError) {
    func refuse(_ fault: String, where isBad: (Int32) -> Bool) throws(TrainerError) {
      guard let bad = labels.firstIndex(where: isBad) else { return }
      throw TrainerError(
        .badData,
        "\(name): label \(labels[bad]) in row \(firstRow + bad) (counted from 0) is \(fault)")
    }
    try refuse(
      "negative; classes are numbered from 0; give \(parameter: "targets") numbers if these are quantities"
    ) { $0 < 0 }
    guard let classes else { return }
    try refuse(
      "outside the \(classes) classes, 0 to \(classes - 1); correct it, or train with a larger \(parameter: "classes")"
    ) { $0 >= classes }
  }
}
