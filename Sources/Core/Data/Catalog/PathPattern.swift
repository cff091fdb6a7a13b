import Glibc

/// Paths and quoted patterns that stand for data files.
enum PathPattern {
  /// The paths that `patterns` name, in the order given; those of one pattern in natural order.
  ///
  /// `-` is standard input. A path that exists stands for itself, whatever characters it has; otherwise `*`, `?` and `[…]`
  /// match as in a shell. Throws `TrainerError` (bad data) for a pattern that matches nothing.
  static func expand(_ patterns: [String]) throws -> [String] {
    try patterns.flatMap { pattern in
      var status = stat()
      if pattern == "-", stat(pattern, &status) != 0 { return ["/dev/stdin"] }
      let isPath = stat(pattern.system, &status) == 0 || !pattern.contains { "*?[".contains($0) }
      return isPath ? [pattern] : try matches(of: pattern).sorted(by: NaturalOrder.precedes)
    }
  }

  private static func matches(of pattern: String) throws -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    let code = glob(pattern.system, 0, nil, &found)
    try require(
      code == 0 && found.gl_pathc > 0, .badData,
      "no file matches the pattern '\(pattern.printable)'; check the directory and the quotes")
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(system: $0) }
    }
  }
}
