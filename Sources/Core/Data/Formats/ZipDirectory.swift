/// The central directory of a zip archive, zip64 included.
struct ZipDirectory {
  struct Member {
    let name: String
    /// Whether the bytes are deflated; otherwise they are stored as they are.
    let isDeflated: Bool
    let crc: UInt32
    let compressedSize: Int
    let size: Int
    let headerOffset: Int
  }

  let members: [Member]
  /// Where the members' bytes end.
  private let start: Int

  /// The largest central directory accepted, in bytes.
  private static let longest = 64 << 20

  /// Reads and checks the directory. Throws `TrainerError` (bad data) where it does not describe the
  /// file.
  init(of file: DataFile, name: String) throws {
    let end = try ZipEnd(of: file, name: name)
    guard end.directory.count <= Self.longest else {
      throw Self.damaged(name, "its directory of \(end.directory.count) bytes is too long")
    }
    let bytes = LittleEndianBytes(
      try file.bytes(at: end.directory.lowerBound, count: end.directory.count))
    var members: [Member] = []
    var names: Set<String> = []
    var place = 0
    while place < bytes.count {
      let (member, length) = try Self.entry(bytes, at: place, directory: end.directory, name: name)
      guard names.insert(member.name).inserted else {
        throw Self.damaged(name, "it holds '\(member.name.printable)' twice")
      }
      members.append(member)
      place += length
    }
    guard members.count == end.entries else {
      throw Self.damaged(
        name,
        "its directory has \(members.count) \(members.count == 1 ? "entry" : "entries") but declares \(end.entries)"
      )
    }
    self.members = members
    start = end.directory.lowerBound
  }

  /// The place of a member's bytes in the file, from its local header.
  func range(of member: Member, in file: DataFile, name: String) throws -> Range<Int> {
    let header = LittleEndianBytes(try file.bytes(at: member.headerOffset, count: 30))
    guard header.count == 30, header.integer(0, 4) == 0x0403_4b50 else {
      throw Self.damaged(name, "no local header at byte \(member.headerOffset)")
    }
    let nameLength = header.integer(26, 2)
    let localName = try file.bytes(at: member.headerOffset + 30, count: nameLength)
    guard String(decoding: localName, as: UTF8.self) == member.name,
      header.integer(8, 2) == (member.isDeflated ? 8 : 0)
    else {
      throw Self.damaged(
        name, "the local header at byte \(member.headerOffset) differs from the directory")
    }
    let first = member.headerOffset + 30 + nameLength + header.integer(28, 2)
    guard first <= start, member.compressedSize <= start - first else {
      throw Self.damaged(name, "its bytes would run into the directory")
    }
    return first..<first + member.compressedSize
  }

  static func damaged(_ name: String, _ what: String) -> TrainerError {
    TrainerError(.badData, "\(name): not a sound zip archive: \(what); copy or download it again")
  }

  /// One entry of the directory and its length.
  private static func entry(
    _ bytes: LittleEndianBytes, at place: Int, directory: Range<Int>, name: String
  ) throws -> (Member, Int) {
    let offset = directory.lowerBound + place
    guard place + 46 <= bytes.count, bytes.integer(place, 4) == 0x0201_4b50 else {
      throw damaged(name, "no directory entry at byte \(offset)")
    }
    let nameLength = bytes.integer(place + 28, 2)
    let extraLength = bytes.integer(place + 30, 2)
    let length = 46 + nameLength + extraLength + bytes.integer(place + 32, 2)
    guard place + length <= bytes.count else {
      throw damaged(name, "the directory entry at byte \(offset) is cut off")
    }
    let member = String(
      decoding: bytes.slice(place + 46, nameLength), as: UTF8.self)
    try require(
      bytes.integer(place + 8, 2) & 0x2041 == 0, .badData,
      "\(name): its member '\(member.printable)' is encrypted; save it without a password")
    let method = bytes.integer(place + 10, 2)
    try require(
      method == 0 || method == 8, .badData,
      "\(name): its member '\(member.printable)' is compressed by method \(method), which is not "
        + "known; save it with numpy.savez or numpy.savez_compressed")
    var compressed = bytes.integer(place + 20, 4)
    var size = bytes.integer(place + 24, 4)
    var header = bytes.integer(place + 42, 4)
    var extra = zip64Numbers(bytes, at: place + 46 + nameLength, count: extraLength)
    if size == 0xffff_ffff { size = extra.popFirst() ?? -1 }
    if compressed == 0xffff_ffff { compressed = extra.popFirst() ?? -1 }
    if header == 0xffff_ffff { header = extra.popFirst() ?? -1 }
    guard size >= 0, compressed >= 0, header >= 0, header < directory.lowerBound,
      method == 8 || size == compressed
    else {
      throw damaged(name, "the directory entry at byte \(offset) gives impossible sizes")
    }
    return (
      Member(
        name: member, isDeflated: method == 8, crc: UInt32(bytes.integer(place + 16, 4)),
        compressedSize: compressed, size: size, headerOffset: header),
      length
    )
  }
  /// The 64-bit numbers in the zip64 field of a directory entry, -1 for those beyond 63 bits.
  private static func zip64Numbers(
    _ bytes: LittleEndianBytes, at start: Int, count: Int
  ) -> ArraySlice<Int> {
    var field = start
    while field + 4 <= start + count {
      let (content, length) = (field + 4, bytes.integer(field + 2, 2))
      guard content + length <= start + count else { break }
      if bytes.integer(field, 2) == 1 {
        return (0..<length / 8).map { bytes.integer(content + 8 * $0, 8) }[...]
      }
      field = content + length
    }
    return []
  }
}
