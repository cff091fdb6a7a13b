extension DataCatalog {
  /// Finds the arrays of all options and checks that they fit; on rank 0 alone.
  package init(examining options: Options, _ surveys: Surveys = [:]) throws {
    try require(!options.data.isEmpty, .usage, "\(parameter: "data") names no file; name one")
    try require(
      options.columns.target == nil || options.labels.isEmpty, .usage,
      "\(parameter: "labels") and \(parameter: "target") exclude each other; give one of them")
    let data = try FileSet(options.data, options, surveys)
    var sets = [data]
    var train = try data.array(.rows)
    var targets = try data.arrayIfPresent(.targets)
    var test = try data.arrayIfPresent(.testRows)
    var testTargets = try data.arrayIfPresent(.testTargets)
    if let members = options.memberNames, targets == nil, options.labels.isEmpty,
      !members[.targets].isEmpty, data.hasMembers
    {
      throw members.missing(.targets, in: data.name, having: data.memberNames)
    }
    if !options.labels.isEmpty {
      let files = try FileSet(options.labels, options, surveys)
      sets.append(files)
      targets = try files.array(.targets, orOnlyOne: true)
    }
    if !options.testData.isEmpty {
      let files = try FileSet(options.testData, options, surveys)
      sets.append(files)
      test = try files.arrayIfPresent(.testRows) ?? files.array(.rows)
      testTargets = try files.arrayIfPresent(.testTargets) ?? files.arrayIfPresent(.targets)
    }
    if !options.testLabels.isEmpty {
      try require(
        test != nil, .usage,
        "\(parameter: "test_labels") without test rows; add \(parameter: "test_data")")
      let files = try FileSet(options.testLabels, options, surveys)
      sets.append(files)
      testTargets = try files.arrayIfPresent(.testTargets) ?? files.array(.targets, orOnlyOne: true)
    }
    if let rows = test { (train, test) = try ArraySource.agreeing(train, rows) }
    try require(
      options.member == nil || sets.contains(where: \.hasMembers), .usage,
      "\(parameter: "member") \(options.member ?? "") chooses arrays of archives by name, and there "
        + "are none to choose in \(sets.map(\.name).joined(separator: ", ")); omit it")
    // A plan takes memory for each column.
    for rows in [train, test].compactMap({ $0 }) { try rows.checkMemory(ofRows: 1, ranks: 1) }
    let planned = try PlannedColumns(train, options, hasTargets: targets != nil)
    if let targets, targets.columns == 1, !options.keepsTexts, options.columns.categories.isEmpty {
      try targets.checkTexts(ofTarget: targets.plan.parts[0].stored.lowerBound)
    }
    (train, targets) = (planned.rows, targets ?? planned.targets)
    if let rows = test {
      let planned = try PlannedColumns(
        rows, options, like: train, hasTargets: testTargets != nil)
      (test, testTargets) = (planned.rows, testTargets ?? planned.targets)
    }
    try Self.checkRows(train, targets)
    if let test {
      try Self.checkColumns(test, train)
      try Self.checkRows(test, testTargets)
    }
    self.init(
      train: train, trainTargets: targets, test: test,
      testTargets: test == nil ? nil : testTargets, ids: planned.ids,
      memberNames: data.memberNames, schema: nil)
  }

  private static func checkRows(_ rows: ArraySource, _ targets: ArraySource?) throws {
    guard let targets else { return }
    guard targets.rows != rows.rows else { return try rows.checkPairs(with: targets) }
    throw TrainerError(
      .badData,
      "\(rows.nameHaving) \(rows.rows.counted("row")) but \(targets.nameHaving) \(targets.rows); "
        + "there must be one label for each row")
  }

  private static func checkColumns(_ test: ArraySource, _ train: ArraySource) throws {
    try require(
      test.columns == train.columns, .badData,
      "\(train.nameHaving) \(train.columns.counted("column")) but \(test.nameHaving) \(test.columns); "
        + "test rows must have the columns of the training rows")
  }
}
