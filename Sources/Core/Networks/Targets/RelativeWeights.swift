/// How much each row counts in the training of a network beside the others: the product of its own weight and that of
/// its class, divided by the mean of all rows', so that no unit matters.
enum RelativeWeights {
  /// The weights that files or the classes' sizes say, of this rank's rows; collective.
  ///
  /// - Parameters:
  ///   - targets: of these rows.
  ///   - classes: their number; nil where rows have no one class.
  ///   - assignment: which rows these are, and which of them train: classes are balanced by those.
  /// - Returns: the products as they are, or nil where nothing is asked for.
  /// - Throws: `TrainerError(.badData)` or `.usage`, agreed by all ranks.
  static func read(
    _ options: DataCatalog.Options, of data: ArraySource, _ targets: RowTargets, classes: Int?,
    _ assignment: RowAssignment, topology: NodeTopology
  ) throws -> [Double]? {
    let rows = assignment.held
    let ofRows =
      options.weights.isEmpty
      ? nil : try RowWeights.read(options, rows: rows, of: data, topology: topology)
    guard let form = options.classWeights else { return ofRows }
    guard case .labels(let labels) = targets, let classes else {
      throw topology.world.failure(
        .usage,
        "\(parameter: "class_weights") is for one class a row; omit it, or give "
          + "\(parameter: "weights") PATH, one number a row")
    }
    let ofClasses =
      form == DataCatalog.Options.balanced
      ? try balanced(labels, classes, assignment, among: topology.world)
      : try classWeights(options, form, classes, topology)
    return labels.indices.map { (ofRows?[$0] ?? 1) * ofClasses[Int(labels[$0])] }
  }

  /// Divides weights by their mean over the rows of all ranks, in Double, so that a factor of all changes nothing; nil
  /// where all are the same. Collective.
  ///
  /// - Parameter isCounted: whether this rank's rows count; else another rank has them too.
  static func relative(
    _ weights: [Double], isCounted: Bool, rows: Int, among world: Communicator
  ) throws -> [Float]? {
    let counted = isCounted ? weights : []
    let largest = try world.allReduce(counted.max() ?? 0, .maximum)
    let smallest = try world.allReduce(counted.min() ?? .infinity, .minimum)
    try world.require(
      largest > 0, .badData,
      "the weights of rows and of classes, multiplied, are all 0, so no row would count; give some row a larger weight in "
        + "both")
    guard smallest < largest else { return nil }
    var sum = FixedPointSum(bound: 1, count: rows)
    for weight in counted { sum.add(weight / largest) }
    try sum.combine(among: world)
    return weights.map { Float($0 / largest * Double(rows) / sum.value) }
  }

  /// For each class its rows' share, inverted: rows / (classes · rows of the class), as scikit-learn has it; 0 for a
  /// class without rows.
  private static func balanced(
    _ labels: [Int32], _ classes: Int, _ assignment: RowAssignment, among world: Communicator
  ) throws -> [Double] {
    var counts = [Int](repeating: 0, count: classes)
    for shard in assignment.ownShards {
      let split = assignment.splits[shard]!
      let first = split.rows.lowerBound - assignment.held.lowerBound
      for position in 0..<assignment.trainingCounts[shard] {
        counts[Int(labels[first + (split.training.map { Int($0[position]) } ?? position)])] += 1
      }
    }
    try world.allReduce(&counts, .sum)
    let present = counts.count { $0 > 0 }
    let rows = counts.reduce(0, +)
    return counts.map { $0 == 0 ? 0 : Double(rows) / (Double(present) * Double($0)) }
  }

  private static func classWeights(
    _ options: DataCatalog.Options, _ path: String, _ classes: Int, _ topology: NodeTopology
  ) throws -> [Double] {
    let source = try Activity.perform("opening the weights of classes") {
      try DataCatalog.open(options.beside([path]), topology: topology).train
    }
    try topology.world.require(
      source.columns == 1 && source.rows == classes, .badData,
      "\(parameter: "class_weights") \(path.printable) has the shape \(source.shape); one number for each of the "
        + "\(classes) classes is needed, or \(DataCatalog.Options.balanced)")
    return try RowWeights.read(path, 0..<classes, of: source, "class", topology: topology)
  }
}
