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
      + sources.flatMap(\.rowsLeftOut)
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

  fileprivate var rowsLeftOut: [RunAdvice] {
    arrays.compactMap { array in
      let count = array.format.rowsLeftOut(of: array)
      return count == 0
        ? nil : .rowsLeftOut(name: array.name, count, of: count + array.rows)
    }
  }
}
