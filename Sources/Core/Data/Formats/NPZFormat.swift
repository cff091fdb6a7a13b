/// A zip archive of NumPy arrays.
struct NPZFormat: PackedFormat {
  let name = "npz"
  let endings = [".npz"]

  func matches(_ head: [UInt8]) -> Bool {
    head.starts(with: [0x50, 0x4b, 0x03, 0x04]) || head.starts(with: [0x50, 0x4b, 0x05, 0x06])
  }

  func examine(_ file: ExaminedFile) throws -> FileContent {
    try require(
      !file.isGzipped, .badData,
      "\(file.name) is a gzipped NPZ; gunzip it first (NPZ files compress their own members)")
    let directory = try ZipDirectory(of: file.file, name: file.name)
    return .members(
      directory.members.map { member in
        FileContent.Member(
          name: member.name,
          key: member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : nil
        ) { try array(of: member, directory, file) }
      })
  }

  private func array(
    of member: ZipDirectory.Member, _ directory: ZipDirectory, _ file: ExaminedFile
  ) throws -> StoredArray {
    let name = StoredArray.name(path: file.path, member: member.name)
    let range = try directory.range(of: member, in: file.file, name: name)
    let head =
      member.isDeflated
      ? try InflateStream(
        file: file.file, range: range, wrapping: .member(crc: member.crc, size: member.size),
        name: name
      ).head(count: NPYFormat.longest)
      : try file.file.bytes(at: range.lowerBound, count: min(range.count, NPYFormat.longest))
    return try array(
      in: file, member: member.name,
      PackedArray(
        isCompressed: member.isDeflated, crc: member.crc, range: range,
        header: NPYFormat.parse(head, name: name)),
      size: member.size)
  }
}
