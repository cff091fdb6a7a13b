/// The order in which people number things.
package enum NaturalOrder {
  /// Whether a name comes before another in natural order: digits count as the number that they make, so that 2 comes
  /// before 10; all else goes by its bytes.
  ///
  /// - Complexity: O(bytes).
  package static func precedes(_ a: String, _ b: String) -> Bool {
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
}
