/// One rank's part of the bytes of a text: whole lines, about as many bytes as any other rank's.
struct TextShare {
  let file: DataFile
  /// From behind the end of a line, or the text's beginning, to behind the end of a line.
  let range: Range<Int>

  /// Divides a file; collective over `world`.
  ///
  /// - Parameters:
  ///   - start: the byte at which the text begins.
  ///   - size: of the file, as rank 0 sees it.
  /// - Throws: `TrainerError` (bad data), agreed by all ranks, where a rank sees another file.
  /// - Complexity: O(longest line)
  init(_ path: String, from start: Int, size: Int, among world: Communicator) throws {
    let file = try world.agree {
      let file = try DataFile(path: path)
      try require(
        file.size == size, .badData,
        "\(path.printable) has \(file.size) bytes here but \(size) on rank 0; every node must see the same, finished file"
      )
      return file
    }
    range = try world.agree {
      let body = size - start
      func begin(_ rank: Int) throws -> Int {
        rank == 0
          ? start
          : try Self.lineEnd(
            after: start + body / world.size * rank + body % world.size * rank / world.size, file)
      }
      return try begin(world.rank)..<(world.rank == world.size - 1 ? size : begin(world.rank + 1))
    }
    self.file = file
  }

  /// The byte behind the first end of a line from `place` on; the file's end where there is none.
  private static func lineEnd(after place: Int, _ file: DataFile) throws -> Int {
    var place = place - 1
    while place < file.size {
      let bytes = try file.bytes(at: place, count: 1 << 16)
      if let end = bytes.firstIndex(of: TextDialect.lineFeed) { return place + end + 1 }
      place += bytes.count
    }
    return file.size
  }
}
