/// How much each row counts: finite numbers from 0, of which one at least is positive.
///
/// A row of weight w is what w equal rows are; one of weight 0 gets a label and changes nothing.
package struct RowWeights {
  /// Of this rank's rows.
  package let values: [Float]
  /// The smallest and the largest, over all ranks.
  package let smallest: Float, largest: Float
  /// The sum, over all ranks.
  package let total: Double
  /// Rows of positive weight, over all ranks.
  package let positive: Int

  /// The exponent of the lowest bit that any of all ranks' has set.
  package let unit: Int

  /// Weights that are known to be what they must be; collective.
  ///
  /// - Parameters:
  ///   - values: of this rank's rows.
  ///   - count: the rows of all ranks.
  package init(_ values: [Float], count: Int, among world: Communicator) throws(MPIError) {
    self.values = values
    smallest = try world.allReduce(values.min() ?? .infinity, .minimum)
    largest = try world.allReduce(values.max() ?? 0, .maximum)
    positive = try world.allReduce(values.count { $0 > 0 }, .sum)
    let units = values.lazy.filter { $0 > 0 }.map { Int($0.exponent) - $0.significandWidth }
    unit = try world.allReduce(units.min() ?? .max, .minimum)
    var sum = FixedPointSum(bound: Double(largest), count: count)
    for value in values { sum.add(Double(value)) }
    try sum.combine(among: world)
    total = sum.value
  }

  /// Reads the weights of this rank's rows alone; collective.
  ///
  /// - Parameters:
  ///   - options: of the matrix, with the files of its weights: one number a row, in any format that rows come in, read
  ///     as float32.
  ///   - rows: of the whole matrix, this rank's.
  ///   - data: the matrix.
  /// - Throws: `TrainerError(.badData)`, agreed by all ranks, which names the row.
  package init(
    _ options: DataCatalog.Options, rows: Range<Int>, of data: ArraySource, topology: NodeTopology
  ) throws {
    let paths = options.weights
    let values = try Self.read(options, rows: rows, of: data, topology: topology)
    try self.init(values.map { Float($0) }, count: data.rows, among: topology.world)
    try topology.world.require(
      largest > 0, .badData,
      "\(Self.name(paths)): all weights are 0 as float32, so no row would count; multiply them")
    try topology.world.require(
      largest >= .leastNormalMagnitude, .badData,
      "\(Self.name(paths)): all weights are below 1e-38, where float32 has few digits; multiply them"
    )
  }

  /// The same as numbers that are not rounded, which may all be 0.
  package static func read(
    _ options: DataCatalog.Options, rows: Range<Int>, of data: ArraySource, topology: NodeTopology
  ) throws -> [Double] {
    let (world, count, paths) = (topology.world, data.rows, options.weights)
    let source = try Activity.perform("opening the weights") {
      try DataCatalog.open(options.beside(paths), topology: topology).train
    }
    try world.require(
      source.columns == 1 && source.rows == count, .badData,
      "\(parameter: "weights") \(name(paths)) has the shape \(source.shape); one number for each of the \(count) rows is "
        + "needed")
    try world.agree { try data.checkPairs(with: source) }
    return try read(name(paths), rows, of: source, "row", topology: topology)
  }

  /// Files in a message.
  private static func name(_ paths: [String]) -> String {
    paths.map(\.printable).joined(separator: " ")
  }

  /// Numbers of a file, 0 or more, of which one at least is positive; collective.
  ///
  /// - Parameters:
  ///   - name: of the files, for messages.
  ///   - thing: what each is the weight of.
  package static func read(
    _ name: String, _ rows: Range<Int>, of source: ArraySource, _ thing: String,
    topology: NodeTopology
  ) throws -> [Double] {
    let values = try Activity.perform("reading \(source.name)") {
      try source.readDoubles(rows, topology: topology)
    }
    try topology.world.agree {
      guard let place = values.firstIndex(where: { $0 < 0 }) else { return }
      throw TrainerError(
        .badData,
        "\(name): the weight of \(thing) \(rows.lowerBound + place) (counted from 0) is \(values[place]); "
          + "weights are 0 or more")
    }
    let isPositive = try topology.world.allReduce(values.max() ?? 0, .maximum) > 0
    try topology.world.require(
      isPositive, .badData,
      "\(name): all weights are 0, so no \(thing) would count; give at least one above 0")
    return values
  }

  /// The weights in Double, rounded to multiples of 2^-52 of all rows' together, so that sums of them are exact in any
  /// order.
  package var summable: [Double] {
    let quantum = Double(
      sign: .plus, exponent: FixedPoint.exponent(above: total) - 52, significand: 1)
    return values.map { (Double($0) / quantum).rounded() * quantum }
  }
}
