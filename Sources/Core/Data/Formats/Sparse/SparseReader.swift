import Glibc

/// Reads one rank's rows of a LIBSVM text, or their labels.
final class SparseReader: TextReader {
  private let array: StoredArray
  private let index: SparseIndex
  private var own: (pieces: TextPieces, target: RowTarget)?
  /// The row that is read next, and its line.
  private var (row, line) = (0, 0)
  /// One row, 0 between rows.
  private var numbers: [Double]
  /// The labels that stand for classes, in the order of these; none where they are numbers.
  private let classes: [Double]

  init(_ array: StoredArray, _ target: RowTarget?) throws {
    self.array = array
    index = SparseIndex(array)
    numbers = [Double](repeating: 0, count: target == nil ? 0 : array.columns)
    classes = (target?.plan.parts.first?.texts ?? []).compactMap { Double($0) }
    guard let target else { return }
    let place = index.survey.places.last { $0.row <= target.rows.lowerBound }!
    (row, line) = (place.row, place.line)
    own = (TextPieces(try array.open(), place.byte..<array.fileSize), target)
  }

  var fraction: Double { own?.target.fraction(before: row) ?? 1 }

  func readText() throws -> Bool {
    guard let (pieces, target) = own, target.fault == nil, row < target.rows.upperBound,
      let (piece, isLast) = try Self.naming(array.path, { try pieces.next() })
    else { return false }
    var place = 0
    while place < piece.count, row < target.rows.upperBound {
      guard let (text, next) = Self.line(piece, from: place, isLast: isLast) else { break }
      do throws(SparseLine.Fault) {
        if let label = try SparseLine.label(text) {
          if row >= target.rows.lowerBound { try put(text, label, into: target) }
          row += 1
        }
      } catch {
        throw Self.error(error, line: line, in: array.name)
      }
      if let fault = target.fault {
        throw TrainerError(
          .badData,
          "\(array.name): line \(line), "
            + (index.holdsLabels ? "the label " : "index \(fault.column + index.base) ")
            + fault.reason)
      }
      line += 1
      place = next
    }
    pieces.take(place)
    return row < target.rows.upperBound
  }

  @inline(__always)
  private func put(
    _ text: UnsafeBufferPointer<UInt8>, _ label: (number: Double, next: Int),
    into target: RowTarget
  ) throws(SparseLine.Fault) {
    if index.holdsLabels {
      numbers[0] = label.number
      if !classes.isEmpty {
        guard let code = classes.firstIndex(of: label.number) else {
          throw SparseLine.Fault(
            place: 0,
            what:
              "the label is \(label.number), which the rows that were trained on do not have",
            remedy: "remove or replace it")
        }
        numbers[0] = Double(code)
      }
      numbers.withUnsafeBufferPointer { target.put($0, row: row, column: 0) }
      return
    }
    // Memory is not touched twice where few columns are not 0.
    try numbers.withUnsafeMutableBufferPointer { (numbers) throws(SparseLine.Fault) in
      try SparseLine.pairs(
        text, from: label.next, base: index.base, columns: numbers.count
      ) { numbers[$0] = $1 }
      target.put(UnsafeBufferPointer(numbers), row: row, column: 0)
      numbers.update(repeating: 0)
    }
  }

  /// The text of the line that begins at `start`, without comment and white space behind it, and where the next one
  /// begins; nil where the line's end is not there.
  @inline(__always)
  static func line(
    _ piece: UnsafeBufferPointer<UInt8>, from start: Int, isLast: Bool
  ) -> (text: UnsafeBufferPointer<UInt8>, next: Int)? {
    let base = piece.baseAddress!
    var (end, next) = (piece.count, piece.count)
    if let found = memchr(base + start, Int32(TextDialect.lineFeed), piece.count - start) {
      end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      next = end + 1
    } else if !isLast {
      return nil
    }
    let textEnd = SparseLine.contentEnd(piece, from: start, to: end)
    return (UnsafeBufferPointer(rebasing: piece[start..<textEnd]), next)
  }

  /// A fault of a line in words.
  static func error(_ fault: SparseLine.Fault, line: Int, in name: String) -> TrainerError {
    TrainerError(
      .badData,
      "\(name): line \(line), character \(fault.place + 1): \(fault.what); \(fault.remedy)"
    )
  }

  /// Words what is wrong with a piece.
  static func naming<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch TextFault.longRecord(let byte) {
      throw TrainerError(
        .badData,
        "\(path.printable): the line at byte \(byte) has more than \(TextScan.longestRecord >> 20) MiB; is it a text?"
      )
    }
  }
}
