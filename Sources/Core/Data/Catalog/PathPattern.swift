import Glibc

/// Paths and quoted patterns that stand for data files.
enum PathPattern {
  /// The files that `patterns` name, in the order given; those of one pattern in natural order.
  ///
  /// `-` is standard input. A path that exists stands for itself, whatever characters it has; otherwise `*`, `?` and `[…]`
  /// match as in a shell. Behind either, `:MEMBER` names an array of each file: see ``DataPath``. Throws `TrainerError`
  /// (bad data) for a pattern that matches nothing.
  static func expand(_ patterns: [String]) throws -> [DataPath] {
    try patterns.flatMap { pattern in
      if pattern == "-", !DataPath.exists(pattern) { return [DataPath(path: "/dev/stdin")] }
      let named = DataPath(pattern)
      let isPath = named.member != nil || DataPath.exists(pattern) || !isPattern(pattern)
      return isPath ? [named] : try matches(of: pattern)
    }
  }

  private static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// The files that match the whole pattern; if none does, those that match what stands before a colon.
  private static func matches(of pattern: String) throws -> [DataPath] {
    let readings = [DataPath(path: pattern)] + DataPath.splits(of: pattern)
    for reading in readings where isPattern(reading.path) {
      let found = files(matching: reading.path)
      if !found.isEmpty {
        return found.sorted(by: NaturalOrder.precedes).map {
          DataPath(path: $0, member: reading.member)
        }
      }
    }
    try checkDirectory(of: pattern)
    throw TrainerError(
      .badData,
      "no file matches the pattern '\(pattern.printable)'; check the directory and the quotes")
  }

  /// Refuses a pattern whose directory may not be listed, so that it matches nothing.
  private static func checkDirectory(of pattern: String) throws(TrainerError) {
    let start = pattern.prefix { !isPattern(String($0)) }
    do throws(SystemCallFailure) {
      _ = try FileSystem.entries(of: AtomicFile.directory(of: String(start)))
    } catch {
      if error.code == EACCES { throw error.error(.badData) }
    }
  }

  private static func files(matching pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern.system, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(system: $0) }
    }
  }
}
