/// The targets of a run's training rows. What they are decides what is learnt: the kind of targets, the loss
/// where none was asked for, and the number of outputs.
struct TrainingTargets {
  /// Those of the rows that this rank holds.
  let own: RowTargets
  let kind: TargetKind
  let loss: Loss
  let outputs: Int
  /// What a user should know of the classes; nil where there is nothing.
  var advice: NetworkAdvice?

  /// Reads this rank's targets; collective.
  ///
  /// One number a row is a class, unless it is a float and nothing asks for classes. A matrix of 0 and 1 with
  /// exactly one 1 in every row is one-hot: classes too, whose sigmoid cross-entropy and gradient are the same.
  ///
  /// - Parameters:
  ///   - wanted: the loss asked for; nil for the standard one of numbers where floats are not all 0 or 1, else for
  ///     that of classes and labels.
  ///   - classes: their number, if it was given; nil for the largest label and one more.
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, for targets that do not fit the loss.
  static func read(
    _ source: ArraySource, rows: Range<Int>, loss wanted: Loss?, classes: Int?,
    topology: NodeTopology
  ) throws -> TrainingTargets {
    let world = topology.world
    let standard = Loss.standard(for: .labels)
    let mayBeNumbers = wanted?.fits(.numbers) ?? source.storedType.hasPrefix("float")
    if source.columns == 1, !mayBeNumbers {
      let labels = try source.readLabels(rows, topology: topology)
      return try labelled(
        labels, source, rows, wanted ?? standard, classes: classes, world)
    }
    let matrix = try TargetMatrix(source, rows: rows, topology: topology)
    func everywhere(_ holds: Bool) throws -> Bool {
      try world.allReduce(holds ? 1 : 0, .minimum) == 1
    }
    if mayBeNumbers, try wanted != nil || !everywhere(matrix.isBinary) {
      try refuse(classes, "\(source.name) holds numbers", world)
      return TrainingTargets(
        own: matrix.targets(areClasses: false), kind: .numbers,
        loss: wanted ?? Loss.standard(for: .numbers), outputs: matrix.columns)
    }
    let loss = wanted ?? standard
    try world.agree {
      try matrix.checkBinary("use \(parameter: "loss") \(Loss.standard(for: .numbers)) for numbers")
    }
    if matrix.columns == 1 {
      return try labelled(
        matrix.values.map { Int32($0) }, source, rows, loss, classes: classes, world)
    }
    if !loss.fits(.labels) {
      try world.agree {
        try matrix.checkOneHot("use \(parameter: "loss") \(standard) for several labels a row")
      }
    }
    let isOneHot = try everywhere(matrix.isOneHot)
    if !isOneHot { try refuse(classes, "\(source.name) holds several labels a row", world) }
    if let classes {
      try world.require(
        classes == matrix.columns, .badData,
        "\(source.name) is one-hot of \(matrix.columns) classes, but \(parameter: "classes") is \(classes)"
      )
    }
    return TrainingTargets(
      own: matrix.targets(areClasses: isOneHot), kind: isOneHot ? .oneClass : .labels, loss: loss,
      outputs: matrix.columns)
  }

  /// Labels as classes from 0 to the largest, or of a given number of classes.
  private static func labelled(
    _ labels: [Int32], _ source: ArraySource, _ rows: Range<Int>, _ loss: Loss,
    classes: Int?, _ world: Communicator
  ) throws -> TrainingTargets {
    func targets(_ classes: Int, advice: NetworkAdvice? = nil) -> TrainingTargets {
      TrainingTargets(
        own: .labels(labels), kind: .oneClass, loss: loss, outputs: classes, advice: advice)
    }
    let (firstRow, name) = (rows.lowerBound, source.name)
    try world.agree {
      try ClassLabels.check(labels, firstRow: firstRow, name: name, classes: classes)
    }
    if let classes { return targets(classes) }
    let largest = try world.allReduce(Int(labels.max() ?? -1), .maximum)
    try world.require(
      largest < MLPConfiguration.mostClasses, .badData,
      "\(name): label \(largest) would make \(largest + 1) classes; number the classes from 0, or "
        + "use \(parameter: "loss") \(Loss.standard(for: .numbers)) for numbers")
    let advice = try ClassCensus.judge(
      labels, firstRow: firstRow, name: name, classes: largest + 1, among: world)
    return targets(largest + 1, advice: advice)
  }

  /// Refuses a number of classes for targets that are none.
  private static func refuse(_ classes: Int?, _ what: String, _ world: Communicator) throws {
    try world.require(
      classes == nil, .usage,
      "\(parameter: "classes") is for one class a row, but \(what): omit it")
  }
}
