extension DataCatalog {
  /// What to know of the files before their rows are used.
  ///
  /// - Parameter options: what was asked for.
  package func advice(_ options: Options) -> [RunAdvice] {
    let weights = options.weights.count == 1 ? options.weights[0].printable : nil
    let sources = [train, test].compactMap { $0 }
    return Self.order(of: train, with: Self.single(trainTargets) ?? weights)
      + Self.order(of: test, with: Self.single(testTargets))
      + sources.compactMap(\.repeatedPath).map { .readTwice(path: $0.printable) }
      + (sources + [trainTargets, testTargets].compactMap { $0 }).flatMap(\.arrays).uniqued.flatMap(
        \.passedOver)
  }

  /// Rows of several files that may be in another order than the one file of their targets or weights.
  private static func order(of rows: ArraySource?, with others: String?) -> [RunAdvice] {
    guard let pair = rows?.shellOrder, let others else { return [] }
    return [.shellOrder(first: pair.first, second: pair.second, with: others)]
  }

  private static func single(_ source: ArraySource?) -> String? {
    source.flatMap { $0.arrays.count == 1 ? $0.name : nil }
  }
}

extension ArraySource {
  /// A file that occurs twice, as where patterns overlap.
  fileprivate var repeatedPath: String? {
    var seen: Set<String> = []
    return arrays.first { !seen.insert($0.name).inserted }?.path
  }

}

extension [StoredArray] {
  /// Those of different files: targets may be a column of the rows' own.
  fileprivate var uniqued: [StoredArray] {
    var seen: Set<String> = []
    return filter { seen.insert($0.path).inserted }
  }
}

extension StoredArray {
  fileprivate var passedOver: [RunAdvice] {
    let found = format.passedOver(of: self)
    var advice: [RunAdvice] = []
    if found.rows > 0 {
      advice.append(.rowsLeftOut(name: name, found.rows, of: found.rows + rows))
    }
    if found.comments > 0 { advice.append(.comments(name: name, found.comments)) }
    if found.isDoubtfulHeader { advice.append(.doubtfulHeader(name: name)) }
    return advice
  }
}
