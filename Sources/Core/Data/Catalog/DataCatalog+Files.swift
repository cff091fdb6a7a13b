extension DataCatalog.Options {
  /// The files that are read, as far as they can be found; on rank 0 alone.
  package var files: [String] {
    let patterns =
      data + labels + testData + testLabels + [weights, classWeights].compactMap { $0 }
    return patterns.flatMap { (try? PathPattern.expand([$0])) ?? [] }.map(\.path).flatMap { path in
      guard FileSystem.isDirectory(path) else { return [path] }
      return (try? MNISTDirectory.files(in: path).map(\.path)) ?? []
    }
  }
}
