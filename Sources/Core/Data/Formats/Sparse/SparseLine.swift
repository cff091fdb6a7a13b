import Glibc

/// One line of LIBSVM's text, `label index:value index:value …`, without what ends it.
///
/// `qid:NUMBER` behind the label, which groups rows for ranking, is passed over. `#` begins a comment.
enum SparseLine {
  /// What is wrong with a line.
  struct Fault: Error, Equatable {
    /// The byte in the line, from 0.
    let place: Int
    /// What stands there, and what to do.
    let what, remedy: String
  }

  /// The largest index that is read: that of a 32-bit integer, as LIBSVM keeps it.
  static let largestIndex = Int(Int32.max)

  /// The end of the text of a line that ends before `end`: before a comment and white space.
  @inline(__always)
  static func contentEnd(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int
  ) -> Int {
    var end = end
    if end > start, let found = memchr(bytes.baseAddress! + start, comment, end - start) {
      end = UnsafeRawPointer(found) - UnsafeRawPointer(bytes.baseAddress!)
    }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return end
  }

  /// Reads the label, and says where the pairs begin; nil for a line without text.
  ///
  /// - Throws: ``Fault`` for what is no label, several labels among them.
  @inline(__always)
  static func label(
    _ line: UnsafeBufferPointer<UInt8>
  ) throws(Fault) -> (number: Double, next: Int)? {
    var place = 0
    skipSpaces(line, &place)
    guard place < line.count else { return nil }
    let start = place
    let token = token(line, &place)
    guard let number = DecimalNumber.parse(token), number.isFinite else {
      throw labelFault(token, at: start)
    }
    skipSpaces(line, &place)
    if place < line.count, line[place] == queryFirst {
      try skipQuery(line, &place)
      skipSpaces(line, &place)
    }
    return (number, place)
  }

  /// Reads the pairs from `start` on, in order.
  ///
  /// - Parameters:
  ///   - base: the index of the first column.
  ///   - columns: their number.
  ///   - put: takes a column, from 0, and its value.
  /// - Throws: ``Fault`` for what is no pair, and for indices that do not ascend.
  @inline(__always)
  static func pairs(
    _ line: UnsafeBufferPointer<UInt8>, from start: Int, base: Int, columns: Int,
    _ put: (_ column: Int, _ value: Double) -> Void
  ) throws(Fault) {
    var place = start
    var last = base - 1
    while true {
      skipSpaces(line, &place)
      guard place < line.count else { return }
      let first = place
      guard let index = index(line, &place), place < line.count else {
        throw pairFault(line, at: first)
      }
      let value = token(line, &place)
      guard let number = DecimalNumber.parse(value) else { throw pairFault(line, at: first) }
      guard index > last, index - base < columns else {
        throw orderFault(index, after: last, base: base, at: first)
      }
      last = index
      put(index - base, number)
    }
  }

  /// The first and the last index of the pairs from `start` on, nil without pairs, for a line whose indices ascend.
  ///
  /// - Throws: ``Fault`` where these two are no pairs.
  static func ends(
    _ line: UnsafeBufferPointer<UInt8>, from start: Int
  ) throws(Fault) -> (first: Int, last: Int)? {
    var place = start
    guard place < line.count else { return nil }
    let first = index(line, &place)
    place = line.count
    while place > start, !isSpace(line[place - 1]) { place -= 1 }
    guard let first, let last = index(line, &place) else {
      try pairs(line, from: start, base: 0, columns: .max) { _, _ in }
      return nil
    }
    return (first, last)
  }

  /// Whether some first bytes of a file are those of such a text: a label, and behind it `index:value`. Several labels
  /// with commas between count too, so that they are refused with words.
  ///
  /// - Parameter isWhole: whether these bytes are all.
  static func begins(_ head: [UInt8], isWhole: Bool) -> Bool {
    let mark = TextDialect.byteOrderMark
    return head.withUnsafeBufferPointer { bytes in
      var place = head.starts(with: mark) ? mark.count : 0
      while place < bytes.count {
        var end = bytes[place...].firstIndex(of: TextDialect.lineFeed)
        let next = end.map { $0 + 1 } ?? bytes.count
        // Of a line that is cut off, the whole tokens.
        if end == nil, !isWhole { end = bytes[place...].lastIndex(where: isSpace) ?? place }
        let line = UnsafeBufferPointer(
          rebasing: bytes[
            place..<contentEnd(bytes, from: place, to: end ?? bytes.count)])
        var start = 0
        skipSpaces(line, &start)
        let label = token(line, &start)
        skipSpaces(line, &start)
        if !label.isEmpty {
          guard
            label.split(separator: comma, omittingEmptySubsequences: false).allSatisfy({
              DecimalNumber.parse(UnsafeBufferPointer(rebasing: $0)) != nil
            })
          else { return false }
          if start < line.count { return arePairs(line, from: start) }
        }
        place = next
      }
      return false
    }
  }

  /// Whether every token is an index, a colon and something, of which the first is a number; `qid` may stand before.
  private static func arePairs(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var place = start
    if line[place] == queryFirst, (try? skipQuery(line, &place)) == nil { return false }
    skipSpaces(line, &place)
    var isFirst = true
    while place < line.count {
      guard index(line, &place) != nil else { return false }
      let value = token(line, &place)
      if isFirst, DecimalNumber.parse(value) == nil { return false }
      isFirst = false
      skipSpaces(line, &place)
    }
    return true
  }

  // MARK: Tokens

  private static let comment = Int32(UInt8(ascii: "#"))
  private static let (colon, comma, queryFirst) = (
    UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "q")
  )
  private static let query = Array("qid:".utf8)

  @inline(__always)
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == TextDialect.carriageReturn
  }

  @inline(__always)
  private static func skipSpaces(_ line: UnsafeBufferPointer<UInt8>, _ place: inout Int) {
    while place < line.count, isSpace(line[place]) { place += 1 }
  }

  /// The bytes up to white space.
  @inline(__always)
  private static func token(
    _ line: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) -> UnsafeBufferPointer<UInt8> {
    let start = place
    while place < line.count, !isSpace(line[place]) { place += 1 }
    return UnsafeBufferPointer(rebasing: line[start..<place])
  }

  /// Reads digits and the colon behind them; nil for anything else, and beyond ``largestIndex``.
  @inline(__always)
  private static func index(_ line: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Int? {
    let start = place
    var index = 0
    while place < line.count, line[place] &- 0x30 < 10, place - start < 18 {
      index = index * 10 + Int(line[place] &- 0x30)
      place += 1
    }
    guard place > start, place < line.count, line[place] == colon, index <= largestIndex else {
      return nil
    }
    place += 1
    return index
  }

  private static func skipQuery(
    _ line: UnsafeBufferPointer<UInt8>, _ place: inout Int
  ) throws(Fault) {
    let start = place
    let token = token(line, &place)
    let number = token.dropFirst(query.count)
    guard token.starts(with: query), !number.isEmpty, number.allSatisfy({ $0 &- 0x30 < 10 }) else {
      throw Fault(
        place: start, what: "'\(words(token))' is not qid:NUMBER",
        remedy: "correct it, or remove it: groups of rows are passed over")
    }
  }

  // MARK: Faults

  private static func words(_ token: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: token.prefix(80), as: UTF8.self).printable + (token.count > 80 ? "…" : "")
  }

  private static func labelFault(_ token: UnsafeBufferPointer<UInt8>, at place: Int) -> Fault {
    if token.contains(colon) {
      return Fault(
        place: place, what: "'\(words(token))' stands where the line's label should be",
        remedy: "begin each line with its label; any number will do where there is none")
    }
    if token.contains(comma) {
      return Fault(
        place: place, what: "there are several labels, '\(words(token))'",
        remedy: "write them as a matrix of 0 and 1, one column a label, in a file of its own "
          + "(\(parameter: "labels"))")
    }
    return Fault(
      place: place, what: "the label is '\(words(token))', which is not a finite number",
      remedy: "number the classes from 0")
  }

  private static func pairFault(_ line: UnsafeBufferPointer<UInt8>, at place: Int) -> Fault {
    var end = place
    let token = token(line, &end)
    let colons = token.count { $0 == colon }
    let digits = token.prefix { $0 &- 0x30 < 10 }.count
    if colons > 0, digits > 0, token[digits] == colon {
      if Int(words(token).prefix(digits)) ?? .max > largestIndex {
        return Fault(
          place: place,
          what: "the index of '\(words(token))' is larger than \(largestIndex)",
          remedy: "number the columns from 1")
      }
      let value = UnsafeBufferPointer(rebasing: token[(digits + 1)...])
      return Fault(
        place: place,
        what: value.isEmpty
          ? "the value behind '\(words(token))' is missing"
          : "the value of '\(words(token))' is not a number",
        remedy: "write pairs as index:value, without spaces within")
    }
    return Fault(
      place: place, what: "'\(words(token))' is not index:value",
      remedy: colons == 0
        ? "write pairs with a colon, or name the file's format with \(parameter: "format")"
        : "indices are whole numbers from 0 or 1 on")
  }

  private static func orderFault(_ index: Int, after last: Int, base: Int, at place: Int) -> Fault {
    if index < base {
      return Fault(
        place: place, what: "the index is 0",
        remedy: "indices count from 1 here; name the format libsvm0 for those from 0")
    }
    return Fault(
      place: place,
      what: index == last
        ? "the index \(index) is there twice"
        : index < last
          ? "the index \(index) follows \(last)" : "the index \(index) comes before smaller ones",
      remedy: "the indices of a line must ascend; sort its pairs")
  }
}
