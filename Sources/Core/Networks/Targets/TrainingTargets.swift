/// The targets of a run's training rows. What they are decides what is learnt: the kind of targets, the loss
/// where none was asked for, and the number of outputs.
struct TrainingTargets {
  /// Those of the rows that this rank holds.
  let own: RowTargets
  let kind: TargetKind
  let loss: Loss
  let outputs: Int
  /// What a user should know of them.
  var advice: [NetworkAdvice] = []

  /// Floats that are whole numbers are classes where all are below this.
  static let mostClassesOfFloats = 20

  /// Reads this rank's targets; collective.
  ///
  /// Where nothing is asked for, integers are classes, and a matrix of 0 and 1 with exactly one 1 in every row is
  /// one-hot: classes too, whose sigmoid cross-entropy and gradient are the same. Other matrices of 0 and 1 are
  /// labels. Floats are classes if they are the whole numbers from 0, or 1, to less than ``mostClassesOfFloats``
  /// without a gap; else numbers.
  ///
  /// - Parameters:
  ///   - wanted: the loss that was asked for; nil for the standard one of what the targets are.
  ///   - kind: what was asked for; nil to tell by the loss and the values.
  ///   - classes: their number, if it was given; nil for the largest label and one more.
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, for targets that are not what was asked for.
  static func read(
    _ source: ArraySource, rows: Range<Int>, loss wanted: Loss?, kind: TargetKind?,
    classes: Int?, topology: NodeTopology
  ) throws -> TrainingTargets {
    let world = topology.world
    if let kind, let wanted {
      try world.require(
        wanted.fits(kind), .usage,
        "\(parameter: "loss") \(wanted) is not for \(parameter: "targets") \(kind.optionText)")
    }
    let isFloat = source.storedType.hasPrefix("float")
    let areNumbers =
      kind.map { $0 == .numbers } ?? wanted?.fits(.numbers) ?? (isFloat ? nil : false)
    let standard = Loss.standard(for: .labels)
    if source.columns == 1, areNumbers == false, kind != .labels {
      let labels = try source.readLabels(rows, topology: topology)
      return try labelled(
        labels, source, rows, wanted ?? standard, classes: classes, world)
    }
    let matrix = try TargetMatrix(source, rows: rows, topology: topology)
    func everywhere(_ holds: Bool) throws -> Bool {
      try world.allReduce(holds ? 1 : 0, .minimum) == 1
    }
    if try areNumbers == nil && matrix.columns == 1
      && (classes != nil || matrix.areClasses(world))
    {
      var targets = try labelled(
        world.agree { try matrix.wholeNumbers() }, source, rows, wanted ?? standard,
        classes: classes, world)
      if classes == nil, targets.outputs > 2 {
        targets.advice.append(.floatsAsClasses(name: source.name, classes: targets.outputs))
      }
      return targets
    }
    if try areNumbers ?? !everywhere(matrix.isBinary) {
      try refuse(classes, "\(source.name) holds numbers", world)
      try world.agree { try matrix.checkDifferences() }
      return TrainingTargets(
        own: matrix.targets(areClasses: false), kind: .numbers,
        loss: wanted ?? Loss.standard(for: .numbers), outputs: matrix.columns)
    }
    let loss = wanted ?? standard
    try world.agree {
      try matrix.checkBinary("use \(parameter: "targets") numbers for numbers")
    }
    if kind == .oneClass || !loss.fits(.labels) {
      try world.agree {
        try matrix.checkOneHot("use \(parameter: "loss") \(standard) for several labels a row")
      }
    }
    let isOneHot = try kind != .labels && everywhere(matrix.isOneHot)
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
        own: .labels(labels), kind: .oneClass, loss: loss, outputs: classes,
        advice: advice.map { [$0] } ?? [])
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
        + "give \(parameter: "targets") numbers if these are numbers")
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
