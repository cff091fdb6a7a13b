extension DataCatalog.Options {
  /// The files that are read, as far as they can be found; on rank 0 alone.
  package var files: [String] {
    Self.files(weights + [classWeights].compactMap { $0 }) + arrayFiles
  }

  /// Those of rows, and those of targets alone.
  var rowFiles: [String] { Self.files(data + testData) }
  var targetFiles: [String] { Self.files(labels + testLabels) }
  /// Both.
  var arrayFiles: [String] { rowFiles + targetFiles }

  private static func files(_ patterns: [String]) -> [String] {
    patterns.flatMap { (try? PathPattern.expand([$0])) ?? [] }.map(\.path).flatMap { path in
      guard FileSystem.isDirectory(path) else { return [path] }
      return (try? MNISTDirectory.files(in: path).map(\.path)) ?? []
    }
  }
}
