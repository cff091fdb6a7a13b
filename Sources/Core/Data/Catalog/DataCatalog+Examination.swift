extension DataCatalog {
  /// Finds the arrays of all options and checks that they fit; on rank 0 alone.
  package init(examining options: Options, _ surveys: Surveys = [:]) throws {
    try require(!options.data.isEmpty, .usage, "\(parameter: "data") names no file")
    try require(
      options.labelColumn == nil || options.labels.isEmpty, .usage,
      "\(parameter: "labels") and \(parameter: "label_column") exclude each other")
    let data = try FileSet(options.data, options, surveys)
    var train = try data.array(.rows)
    var targets = try data.arrayIfPresent(.targets)
    var test = try data.arrayIfPresent(.testRows)
    var testTargets = try data.arrayIfPresent(.testTargets)
    if let members = options.memberNames, targets == nil, options.labels.isEmpty,
      !members[.targets].isEmpty
    {
      throw members.missing(.targets, in: data.name, having: data.memberNames)
    }
    if !options.labels.isEmpty {
      targets = try FileSet(options.labels, options, surveys).array(.targets, orOnlyOne: true)
    }
    if !options.testData.isEmpty {
      let files = try FileSet(options.testData, options, surveys)
      test = try files.arrayIfPresent(.testRows) ?? files.array(.rows)
      testTargets = try files.arrayIfPresent(.testTargets) ?? files.arrayIfPresent(.targets)
    }
    if !options.testLabels.isEmpty {
      try require(
        test != nil, .usage,
        "\(parameter: "test_labels") without test rows; add \(parameter: "test_data")")
      let files = try FileSet(options.testLabels, options, surveys)
      testTargets = try files.arrayIfPresent(.testTargets) ?? files.array(.targets, orOnlyOne: true)
    }
    if let column = options.labelColumn {
      try require(
        targets == nil, .usage,
        "\(parameter: "label_column"), but \(data.name) brings targets of its own (\(targets!.name))"
      )
      let index = try Self.column(column, of: train)
      targets = try train.selecting(.only(index))
      if let rows = test, testTargets == nil {
        try Self.checkColumns(rows, train)
        testTargets = try rows.selecting(.only(index))
        test = try rows.selecting(.except(index))
      }
      train = try train.selecting(.except(index))
    }
    if let rows = test { (train, test) = try ArraySource.agreeing(train, rows) }
    if !options.keepsTexts {
      try train.checkNumbers()
      try test?.checkNumbers()
    }
    try Self.checkRows(train, targets)
    if let test {
      try Self.checkColumns(test, train)
      try Self.checkRows(test, testTargets)
    }
    self.init(
      train: train, trainTargets: targets, test: test,
      testTargets: test == nil ? nil : testTargets)
  }

  /// The index that `--label-column` means.
  private static func column(_ text: String, of source: ArraySource) throws -> Int {
    guard let number = Int(text) ?? source.columnNames.firstIndex(of: text) else {
      let names = source.columnNames.prefix(20).map(\.printable).joined(separator: ", ")
      throw TrainerError(
        .usage,
        "\(parameter: "label_column") '\(text.printable)': \(source.name) has "
          + (names.isEmpty
            ? "no column names; give an index from 0" : "no such column (it has: \(names))")
      )
    }
    let index = number < 0 ? number + source.columns : number
    try require(
      (0..<source.columns).contains(index), .usage,
      "\(parameter: "label_column") \(number): \(source.name) has the columns 0 to \(source.columns - 1)"
    )
    try require(
      source.columns > 1, .usage,
      "\(parameter: "label_column") \(number): \(source.name) has no other column to train on")
    return index
  }

  private static func checkRows(_ rows: ArraySource, _ targets: ArraySource?) throws {
    guard let targets else { return }
    guard targets.rows != rows.rows else { return try rows.checkPairs(with: targets) }
    throw TrainerError(
      .badData,
      "\(rows.name) has \(rows.rows.counted("row")) but \(targets.name) has \(targets.rows); "
        + "there must be one label for each row")
  }

  private static func checkColumns(_ test: ArraySource, _ train: ArraySource) throws {
    try require(
      test.columns == train.columns, .badData,
      "\(train.name) has \(train.columns.counted("column")) but \(test.name) has \(test.columns); "
        + "test rows must have the columns of the training rows")
  }
}
