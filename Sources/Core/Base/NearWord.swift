/// Words that somebody may have meant who wrote another one.
package enum NearWord {
  /// The word that was most likely meant: the same but for capitals and blanks around it, or one with few letters off, at
  /// most two and a third of all; nil where there is none.
  package static func meant(by text: String, among words: [String]) -> String? {
    let text = plain(text)
    return words.map { (word: $0, distance: distance(text, plain($0))) }
      .filter { $0.distance <= min(2, text.count / 3) }
      .min { $0.distance < $1.distance }?.word
  }

  private static func plain(_ text: String) -> String {
    let inside = text.drop { $0.isWhitespace }
    let end = inside.lastIndex { !$0.isWhitespace }
    return end.map { String(inside[...$0]) } ?? ""
  }

  /// The letters to insert, remove, replace or swap with the next that make one word of another, whatever their case
  /// (V. Levenshtein, 1965; F. Damerau, 1964).
  ///
  /// - Complexity: O(letters of one · letters of the other).
  package static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
    var (before, row) = ([Int](), Array(0...b.count))
    for i in a.indices {
      var next = [i + 1]
      for j in b.indices {
        var least = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, before[j - 1] + 1)
        }
        next.append(least)
      }
      (before, row) = (row, next)
    }
    return row[b.count]
  }
}
