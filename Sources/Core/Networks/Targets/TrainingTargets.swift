/// The targets of a run's training rows. What they are decides what is learnt: the kind of targets, and the number of
/// outputs.
struct TrainingTargets {
  /// Those of the rows that this rank holds; numbers less ``offsets``.
  let own: RowTargets
  let kind: TargetKind
  let outputs: Int
  /// What was subtracted from each column of numbers; empty for nothing.
  var offsets: [Double] = []
  /// The names of classes that were texts, in their order; empty where they were numbers.
  var classNames: [String] = []
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
  ///   - wanted: the loss that was asked for; nil for one that suits what the targets are.
  ///   - kind: what was asked for; nil to tell by the loss and the values.
  ///   - scale: how numbers will be scaled; where they are centered, offsets may be subtracted first.
  ///   - classes: their number, if it was given; nil for the largest label and one more.
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, for targets that are not what was asked for.
  static func read(
    _ source: ArraySource, rows: Range<Int>, loss wanted: Loss?, kind: TargetKind?,
    scale: ColumnScaling.Kind, classes: Int?, topology: NodeTopology
  ) throws -> TrainingTargets {
    let world = topology.world
    if let kind, let wanted {
      try world.require(
        wanted.fits(kind), .usage,
        "\(parameter: "loss") \(wanted) is not for \(parameter: "targets") \(kind.optionText); give "
          + "\(Loss.all.filter { $0.fits(kind) }.map { "\($0)" }.joined(separator: " or ")), or omit one of both"
      )
    }
    let isFloat = source.storedType.hasPrefix("float")
    let areNumbers =
      kind.map { $0 == .numbers } ?? wanted?.fits(.numbers) ?? (isFloat ? nil : false)
    let source = areNumbers == true ? try source.readingNumbers : source
    let standard = Loss.standard(for: .labels)
    let names = source.texts
    if !names.isEmpty {
      // Their number is in the options of a run that is repeated.
      try refuse(
        classes == names.count ? nil : classes,
        "\(source.name) holds \(names.count) texts, each of which is a class", world)
      let labels = try source.readLabels(rows, topology: topology)
      var targets = try labelled(labels, source, rows, classes: names.count, world)
      targets.classNames = names
      return targets
    }
    if source.columns == 1, areNumbers == false, kind != .labels {
      let labels = try source.readLabels(rows, topology: topology)
      return try labelled(
        labels, source, rows, classes: classes, world)
    }
    let matrix = try TargetMatrix(source, rows: rows, topology: topology)
    func everywhere(_ holds: Bool) throws -> Bool {
      try world.allReduce(holds ? 1 : 0, .minimum) == 1
    }
    if try areNumbers == nil && matrix.columns == 1
      && (classes != nil || matrix.areClasses(world))
    {
      var targets = try labelled(
        world.agree { try matrix.wholeNumbers() }, source, rows,
        classes: classes, world)
      if classes == nil, targets.outputs > 2, targets.advice.isEmpty {
        targets.advice.append(.takenAsClasses(name: source.name, classes: targets.outputs))
      }
      return targets
    }
    let few = try areNumbers == nil && matrix.columns == 1 ? matrix.fewWholeNumbers(world) : nil
    if try areNumbers ?? !everywhere(matrix.isBinary) {
      try refuse(classes, "\(source.name) holds numbers", world)
      try matrix.checkSize(world)
      if scale != .standard { try matrix.checkDifferences(world) }
      let (own, offsets) =
        scale == .standard
        ? try matrix.numbersLessOffsets(of: source.rows, world)
        : (matrix.numbers(less: []), [])
      return TrainingTargets(
        own: own, kind: .numbers, outputs: matrix.columns, offsets: offsets,
        advice: few.map { [.takenAsNumbers(name: source.name, values: $0)] } ?? [])
    }
    try world.agree {
      try matrix.checkBinary("use \(parameter: "targets") numbers for numbers")
    }
    if kind == .oneClass || wanted?.fits(.labels) == false {
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
      own: matrix.targets(areClasses: isOneHot), kind: isOneHot ? .oneClass : .labels,
      outputs: matrix.columns)
  }

  /// Integers of more values than this may be quantities.
  private static let manyClasses = 30

  /// Labels as classes from 0 to the largest, or of a given number of classes.
  private static func labelled(
    _ labels: [Int32], _ source: ArraySource, _ rows: Range<Int>,
    classes: Int?, _ world: Communicator
  ) throws -> TrainingTargets {
    func targets(_ classes: Int, advice: NetworkAdvice? = nil) -> TrainingTargets {
      TrainingTargets(
        own: .labels(labels), kind: .oneClass, outputs: classes,
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
    return targets(
      largest + 1,
      advice: advice
        ?? (largest >= manyClasses ? .takenAsClasses(name: name, classes: largest + 1) : nil))
  }

  /// Refuses a number of classes for targets that are none.
  private static func refuse(_ classes: Int?, _ what: String, _ world: Communicator) throws {
    try world.require(
      classes == nil, .usage,
      "\(parameter: "classes") is for one class a row, but \(what): omit it")
  }
}
