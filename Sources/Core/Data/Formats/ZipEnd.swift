/// The records at the end of a zip archive that say where its central directory is.
struct ZipEnd {
  /// The bytes of the central directory.
  let directory: Range<Int>
  let entries: Int

  init(of file: DataFile, name: String) throws {
    // The record has 22 bytes and a comment of at most 65,535.
    let tailStart = max(0, file.size - 22 - 0xffff)
    let tail = LittleEndianBytes(try file.bytes(at: tailStart, count: file.size - tailStart))
    let places = stride(from: tail.count - 22, through: 0, by: -1)
    let ending = places.first {
      tail.integer($0, 4) == 0x0605_4b50 && $0 + 22 + tail.integer($0 + 20, 2) == tail.count
    }
    guard let place = ending else {
      throw ZipDirectory.damaged(
        name, "the record that ends an archive is missing (is it cut off?)")
    }
    var end = tailStart + place
    var disks = tail.integer(place + 4, 2) | tail.integer(place + 6, 2)
    var entries = tail.integer(place + 10, 2)
    var count = tail.integer(place + 12, 4)
    var start = tail.integer(place + 16, 4)
    // Some writers add the zip64 record also where the numbers fit the plain one.
    let isPlain = start >= 0 && start <= end && count == end - start
    if !isPlain || entries == 0xffff {
      let locator = LittleEndianBytes(try file.bytes(at: max(0, end - 20), count: 20))
      if end >= 20, locator.integer(0, 4) == 0x0706_4b50 {
        let offset = locator.integer(8, 8)
        guard offset >= 0, offset <= end - 20 - 56 else {
          throw ZipDirectory.damaged(
            name, "its zip64 record would lie at byte \(UInt(bitPattern: offset))")
        }
        let record = LittleEndianBytes(try file.bytes(at: offset, count: 56))
        guard record.integer(0, 4) == 0x0606_4b50 else {
          throw ZipDirectory.damaged(name, "no zip64 record at byte \(offset)")
        }
        disks = record.integer(16, 4) | record.integer(20, 4)
        entries = record.integer(32, 8)
        count = record.integer(40, 8)
        start = record.integer(48, 8)
        end = offset
      }
    }
    guard disks == 0 else { throw ZipDirectory.damaged(name, "it is one part of several") }
    guard start >= 0, count >= 0, start <= end, count == end - start else {
      throw ZipDirectory.damaged(
        name,
        "its directory (byte \(UInt(bitPattern: start)), \(UInt(bitPattern: count)) bytes) does not end at byte \(end)"
      )
    }
    directory = start..<end
    self.entries = entries
  }
}
