/// The data of runs that follow each other or go on side by side, read once and held in memory: groups of ranks open it
/// by ``DataCatalog/open(_:topology:)`` and read their rows of it as if from its files.
package final class HeldData: Sendable {
  /// What each list of paths holds.
  private let catalogs: [(paths: [String], catalog: DataCatalog)]

  /// Reads what runs of some options read; collective.
  ///
  /// - Parameter hasTargets: whether they read targets and test rows, too.
  /// - Throws: `TrainerError`, agreed by all ranks, where data cannot be read or memory is short.
  package init(
    _ options: DataCatalog.Options, hasTargets: Bool, among world: Communicator
  ) throws {
    let topology = try NodeTopology(of: world)
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(options, topology: topology)
    }
    catalogs =
      try [(options.data, catalog.held(hasTargets: hasTargets, topology: topology))]
      + options.weightFiles.map { paths in
        let catalog = try Activity.perform("opening the weights") {
          try DataCatalog.open(.init(data: paths), topology: topology)
        }
        return (paths, try catalog.held(hasTargets: false, topology: topology))
      }
  }

  /// What is held of some paths; nil for nothing.
  func catalog(of paths: [String]) -> DataCatalog? {
    catalogs.first { $0.paths == paths }?.catalog
  }
}

extension DataCatalog.Options {
  /// The files of weights that are read with the rows.
  fileprivate var weightFiles: [[String]] {
    let ofClasses = classWeights.flatMap { $0 == Self.balanced ? nil : [$0] }
    return [weights.isEmpty ? nil : weights, ofClasses].compactMap { $0 }
  }

  /// Other files, which belong to these rows.
  package func beside(_ paths: [String]) -> DataCatalog.Options {
    var options = DataCatalog.Options(data: paths)
    options.held = held
    return options
  }
}

extension DataCatalog {
  /// The same with rows in memory; collective.
  fileprivate func held(hasTargets: Bool, topology: NodeTopology) throws -> DataCatalog {
    func hold(_ source: ArraySource?) throws -> ArraySource? {
      guard hasTargets else { return source }
      return try source?.held(topology: topology)
    }
    return DataCatalog(
      train: try train.held(topology: topology), trainTargets: try hold(trainTargets),
      test: try hold(test), testTargets: try hold(testTargets), ids: ids, memberNames: memberNames,
      schema: schema)
  }
}

extension ArraySource {
  /// The same with rows in memory; collective.
  fileprivate func held(topology: NodeTopology) throws -> ArraySource {
    let held = try Activity.perform("reading \(name)") {
      try HeldRows(reading: self, topology: topology)
    }
    var firstRow = 0
    return replacing { array in
      defer { firstRow += array.rows }
      return array.with(format: HeldFormat(held: held, firstRow: firstRow, base: array.format))
    }
  }
}
