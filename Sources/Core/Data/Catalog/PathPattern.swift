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
        return found.sorted(by: precedes).map { DataPath(path: $0, member: reading.member) }
      }
    }
    throw TrainerError(
      .badData,
      "no file matches the pattern '\(pattern.printable)'; check the directory and the quotes")
  }

  /// Whether a name comes before another in natural order: digits count as the number that they make, so that 2 comes
  /// before 10; all else goes by its bytes.
  static func precedes(_ a: String, _ b: String) -> Bool {
    var (x, y) = (Array(a.utf8)[...], Array(b.utf8)[...])
    while let first = x.first, let second = y.first {
      if isDigit(first), isDigit(second) {
        let (m, n) = (number(&x), number(&y))
        if m.count != n.count { return m.count < n.count }
        if m != n { return m.lexicographicallyPrecedes(n) }
      } else {
        if first != second { return first < second }
        x.removeFirst()
        y.removeFirst()
      }
    }
    // Names that differ in leading zeros alone.
    if x.isEmpty, y.isEmpty { return Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8)) }
    return x.isEmpty
  }

  /// Takes the digits at the front; those of the number without leading zeros.
  private static func number(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == UInt8(ascii: "0") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
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
