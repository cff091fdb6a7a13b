/// The records at the beginning of a table in text, by one delimiter.
struct TextBeginning {
  let delimiter: UInt8
  /// The fields of each, without white space around them.
  private(set) var rows: [[String]] = []
  /// Where each ends, the line on which it begins, and the line that follows it.
  private(set) var ends: [Int] = []
  private(set) var lines: [Int] = []
  private(set) var nextLines: [Int] = []
  /// The line of a record with a quote that is not closed, where all bytes are there.
  private(set) var openQuote: Int?
  /// The fields of the last comment before the first record.
  private(set) var comment: [String]?

  /// Rows that are looked at.
  private static let most = 1000

  init(_ bytes: UnsafeBufferPointer<UInt8>, from first: Int, isWhole: Bool, delimiter: UInt8) {
    self.delimiter = delimiter
    let dialect = TextDialect(delimiter: delimiter)
    var record = TextRecord()
    var place = first
    var line = 1
    while rows.count < Self.most, place < bytes.count {
      let begin = place
      switch record.read(bytes, from: place, isLast: isWhole, dialect) {
      case .cut:
        if isWhole { openQuote = line }
        return
      case .none(let next):
        if rows.isEmpty, bytes[place] == TextDialect.comment {
          comment = Self.fields(ofComment: bytes[(begin + 1)..<next], delimiter)
        }
        place = next
        line += 1
      case .record(let next):
        rows.append(record.fields.indices.map { record.text($0, in: bytes) })
        ends.append(next)
        lines.append(line)
        line += bytes[begin..<next].count { $0 == TextDialect.lineFeed }
        nextLines.append(line)
        place = next
      }
    }
  }

  private static func fields(
    ofComment bytes: Slice<UnsafeBufferPointer<UInt8>>, _ delimiter: UInt8
  ) -> [String] {
    String(decoding: bytes, as: UTF8.self)
      .split(
        separator: Character(Unicode.Scalar(delimiter)), omittingEmptySubsequences: delimiter == 32
      )
      .map { field in String(field.filter { !$0.isNewline }.drop { $0 == " " }) }
  }

  var width: Int { rows[0].count }
  private var isEven: Bool { rows.allSatisfy { $0.count == width } }

  // MARK: Which delimiter it is

  /// Of several delimiters the one by which rows have the same number of fields, most of them numbers. Where there is none, the
  /// one that most rows have: with it the others are told best.
  static func best(of all: [TextBeginning]) -> TextBeginning {
    guard all.count > 1 else { return all[0] }
    let candidates = all.filter { !$0.rows.isEmpty }
    func best(where holds: (TextBeginning) -> Bool) -> TextBeginning? {
      candidates.filter(holds).reduce(nil) { best, other in
        best.map { other.isBetter(than: $0) ? other : $0 } ?? other
      }
    }
    return best { $0.isEven && $0.width > 1 && !$0.isProse }
      ?? best { $0.isNearlyEven && !$0.isProse } ?? all[0]
  }

  /// Whether rows have several fields, but some of them another number.
  private var isNearlyEven: Bool {
    let (even, several) = (rows.count { $0.count == width }, rows.count { $0.count > 1 })
    // Commas, bars and blanks stand in texts too.
    return [UInt8(ascii: ";"), UInt8(ascii: "\t")].contains(delimiter)
      ? several * 2 > rows.count : width > 1 && even * 4 >= rows.count * 3
  }

  /// Whether blanks stand between words: most columns hold no numbers.
  private var isProse: Bool {
    guard TextDialect(delimiter: delimiter).isSpaced else { return false }
    return rows[0].indices.count(where: holdsNumbers) * 2 <= width
  }

  /// Whether numbers stand in a column of the rows, the first of which may have names.
  private func holdsNumbers(_ column: Int) -> Bool {
    let below = rows.count > 1 ? rows.dropFirst() : rows[...]
    let fields = below.compactMap { $0.count > column ? $0[column] : nil }
    return fields.contains { dialect.number($0) != nil }
      && fields.allSatisfy {
        dialect.number($0) != nil || MissingField.matches($0, amongTexts: false)
      }
  }

  private func isBetter(than other: TextBeginning) -> Bool {
    // A comma may stand within the numbers between semicolons.
    if delimiter == UInt8(ascii: ";"), other.delimiter == UInt8(ascii: ",") {
      return score >= other.score || (isEven && hasDecimalComma)
    }
    return score > other.score
  }

  /// The part of fields that are numbers; of two delimiters the one with more is right.
  private var score: Double {
    let fields = rows.flatMap { $0 }
    let numbers = fields.count { dialect.number($0) != nil }
    return Double(numbers) / Double(fields.count)
  }

  /// With commas before decimals wherever those are not between fields.
  private var dialect: TextDialect {
    TextDialect(delimiter: delimiter, hasDecimalComma: delimiter != UInt8(ascii: ","))
  }

  /// Whether some column holds numbers with a comma before their decimals, and none does with a point.
  var hasDecimalComma: Bool {
    guard delimiter != UInt8(ascii: ",") else { return false }
    let point = TextDialect(delimiter: delimiter)
    // The first row may have names.
    let rows = rows.count > 1 ? rows.dropFirst() : rows[...]
    return rows[rows.startIndex].indices.contains { column in
      rows.contains { $0[column].contains(",") }
        && rows.allSatisfy {
          dialect.number($0[column]) != nil
            || MissingField.matches($0[column], amongTexts: false)
        }
    } && !rows.contains { $0.contains { $0.contains(".") && point.number($0) != nil } }
  }

  // MARK: What is wrong

  /// Refuses rows of different numbers of fields.
  ///
  /// - Parameter name: of the file.
  func checkEven(of name: String) throws(TrainerError) {
    guard let row = rows.firstIndex(where: { $0.count != width }) else { return }
    let (longer, shorter) = rows[row].count > width ? (row, 0) : (0, row)
    let isTrailing = rows[longer].count == rows[shorter].count + 1 && rows[longer].last == ""
    throw TrainerError(
      .badData,
      "\(name): line \(lines[row]) has \(rows[row].count.counted("field")) where line \(lines[0]) has \(width); "
        + (isTrailing
          ? "remove the \(TextDialect.name(of: delimiter)) at the end of line \(lines[longer]), and of others like it"
          : "check quotes, and delimiters (here the \(TextDialect.name(of: delimiter)); \(parameter: "delimiter") names "
            + "another)"))
  }
}
