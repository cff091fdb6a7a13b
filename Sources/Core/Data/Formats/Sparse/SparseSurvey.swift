import Glibc

/// What all ranks together find out of a LIBSVM text before its rows are read.
struct SparseSurvey {
  /// The number of rows.
  private(set) var rows = 0
  /// Of all indices; nil where there is none.
  private(set) var smallest: Int?
  private(set) var largest: Int?
  /// Whether some label is -1, and whether some is neither that nor 1.
  private(set) var (hasMinusOne, hasOther) = (false, false)
  /// Rows from which reading may begin, the first of all among them.
  private(set) var places: [TextScan.Place] = []

  /// Surveys a file; collective over `world`. Every rank scans an equal part of the bytes.
  ///
  /// - Throws: `TrainerError` (bad data), agreed by all ranks, for a line whose label, first or last pair is none. Other
  ///   faults are found when rows are read.
  /// - Complexity: O(bytes / ranks)
  init(_ path: String, among world: Communicator) throws {
    let found = try world.fromRoot {
      let file = try DataFile(path: path)
      let mark = TextDialect.byteOrderMark
      var packer = WirePacker()
      packer.pack(file.size)
      packer.pack(try file.bytes(at: 0, count: mark.count) == mark ? mark.count : 0)
      return packer.bytes
    }
    var unpacker = WireUnpacker(found)
    let (size, start) = (unpacker.integer(), unpacker.integer())
    let share = try TextShare(path, from: start, size: size, among: world)
    var scan = SparseScan()
    try world.agree { try scan.read(share, of: path) }
    let counts = try world.allGather([scan.found.rows, scan.lines])
    let linesBefore = (0..<world.rank).reduce(0) { $0 + counts[$1 * 2 + 1] }
    try world.agree {
      guard let (line, fault) = scan.fault else { return }
      throw SparseReader.error(fault, line: 1 + linesBefore + line, in: path.printable)
    }
    var packer = WirePacker()
    scan.found.pack(into: &packer)
    var (row, line) = (0, 1)
    for (rank, bytes) in try world.allGather(bytes: packer.bytes).enumerated() {
      var unpacker = WireUnpacker(bytes)
      join(SparseSurvey(from: &unpacker), row: row, line: line)
      row += counts[rank * 2]
      line += counts[rank * 2 + 1]
    }
  }

  /// Nothing seen yet.
  fileprivate init() {}

  /// Adds what was seen of later bytes, whose rows and lines are counted from their first.
  private mutating func join(_ later: SparseSurvey, row: Int, line: Int) {
    rows += later.rows
    smallest = [smallest, later.smallest].compactMap { $0 }.min()
    largest = [largest, later.largest].compactMap { $0 }.max()
    hasMinusOne = hasMinusOne || later.hasMinusOne
    hasOther = hasOther || later.hasOther
    places += later.places.map {
      TextScan.Place(byte: $0.byte, row: row + $0.row, line: line + $0.line)
    }
  }

  func pack(into packer: inout WirePacker) {
    packer.pack(rows)
    packer.pack(smallest ?? -1)
    packer.pack(largest ?? -1)
    packer.pack(hasMinusOne ? 1 : 0)
    packer.pack(hasOther ? 1 : 0)
    let numbers: [Int] = places.flatMap { [$0.byte, $0.row, $0.line] }
    packer.pack(numbers) { $0.pack($1) }
  }

  init(from unpacker: inout WireUnpacker) {
    rows = unpacker.integer()
    let indices = [unpacker.integer(), unpacker.integer()]
    (smallest, largest) = indices[0] < 0 ? (nil, nil) : (indices[0], indices[1])
    hasMinusOne = unpacker.integer() == 1
    hasOther = unpacker.integer() == 1
    let numbers = unpacker.array { $0.integer() }
    places = stride(from: 0, to: numbers.count, by: 3).map {
      TextScan.Place(byte: numbers[$0], row: numbers[$0 + 1], line: numbers[$0 + 2])
    }
  }

  /// Notes a row that begins at `byte`, behind `lines` ends of lines.
  fileprivate mutating func note(
    _ byte: Int, lines: Int, label: Double, _ ends: (first: Int, last: Int)?
  ) {
    if byte >= (places.last?.byte ?? Int.min / 2) + Self.placeDistance {
      places.append(.init(byte: byte, row: rows, line: lines))
    }
    rows += 1
    if label == -1 { hasMinusOne = true } else if label != 1 { hasOther = true }
    guard let ends else { return }
    smallest = min(smallest ?? ends.first, ends.first, ends.last)
    largest = max(largest ?? ends.last, ends.first, ends.last)
  }

  /// Bytes between places that are noted, at least.
  private static let placeDistance = 1 << 20
}

/// One rank's look at its part of a LIBSVM text.
private struct SparseScan {
  private(set) var found = SparseSurvey()
  /// Ends of lines.
  private(set) var lines = 0
  /// The first line that is wrong, counted from the part's first.
  private(set) var fault: (line: Int, SparseLine.Fault)?

  mutating func read(_ share: TextShare, of path: String) throws {
    let pieces = TextPieces(share.file, share.range)
    while fault == nil, let (piece, isLast) = try SparseReader.naming(path, { try pieces.next() }) {
      Activity.advance(
        pieces.place - share.range.lowerBound, of: share.range.count, "byte")
      pieces.take(look(piece, at: pieces.place, isLast: isLast))
    }
  }

  /// Looks at the whole lines of a piece; the bytes that they take.
  private mutating func look(
    _ piece: UnsafeBufferPointer<UInt8>, at first: Int, isLast: Bool
  ) -> Int {
    var place = 0
    while place < piece.count {
      guard let (line, next) = SparseReader.line(piece, from: place, isLast: isLast) else { break }
      do throws(SparseLine.Fault) {
        if let label = try SparseLine.label(line) {
          found.note(
            first + place, lines: lines, label: label.number,
            try SparseLine.ends(line, from: label.next))
        }
      } catch {
        fault = (lines, error)
        return piece.count
      }
      if piece[next - 1] == TextDialect.lineFeed { lines += 1 }
      place = next
    }
    return place
  }
}
