internal import CZlib

/// A zip archive of members that are stored as they are, in the making: of NumPy's NPZ, and of PyTorch's files.
///
/// The same members always make the same bytes: each is dated at the beginning of the format's time.
struct StoredZip {
  /// The most bytes that an archive may have without the 64-bit form of the format.
  static let limit = 1 << 32 - 2

  private(set) var content = FilePieces()
  private var directory = FilePieces()
  private var members: UInt16 = 0

  /// 1 January 1980, and the version of the format that stored members need.
  private static let (date, version): (UInt16, UInt16) = (0x21, 20)

  /// Adds a member.
  mutating func add(_ name: String, _ pieces: FilePieces) {
    let start = UInt32(truncatingIfNeeded: content.count)
    var facts = FilePieces()
    facts.append(little: Self.version)
    // Flags: the name is UTF-8. The method, and the time of the day.
    for value: UInt16 in [0x800, 0, 0, Self.date] { facts.append(little: value) }
    facts.append(little: Self.checksum(of: pieces))
    for _ in 0..<2 { facts.append(little: UInt32(truncatingIfNeeded: pieces.count)) }
    facts.append(little: UInt16(name.utf8.count))
    // Nothing extra.
    facts.append(little: UInt16(0))

    content.append(Array("PK\u{3}\u{4}".utf8))
    content.append(facts)
    content.append(Array(name.utf8))
    content.append(pieces)

    directory.append(Array("PK\u{1}\u{2}".utf8))
    directory.append(little: Self.version)
    directory.append(facts)
    // No comment, the first disk, no attributes.
    for _ in 0..<3 { directory.append(little: UInt16(0)) }
    directory.append(little: UInt32(0))
    directory.append(little: start)
    directory.append(Array(name.utf8))
    members += 1
  }

  /// The whole archive.
  ///
  /// - Throws: `TrainerError(.usage)` where it is too large for the format.
  func finished(for form: any ModelExport) throws(TrainerError) -> FilePieces {
    var file = content
    file.append(directory)
    file.append(Array("PK\u{5}\u{6}".utf8))
    for value in [0, 0, members, members] { file.append(little: value) }
    file.append(little: UInt32(truncatingIfNeeded: directory.count))
    file.append(little: UInt32(truncatingIfNeeded: content.count))
    file.append(little: UInt16(0))
    try ModelExports.checkSize(file.count, limit: Self.limit, of: form)
    return file
  }

  private static func checksum(of pieces: FilePieces) -> UInt32 {
    var checksum = crc32_z(0, nil, 0)
    for piece in pieces.pieces { checksum = crc32_z(checksum, piece, piece.count) }
    return UInt32(checksum)
  }
}
