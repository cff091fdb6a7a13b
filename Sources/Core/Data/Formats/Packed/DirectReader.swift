internal import CZlib

/// Reads own rows of an array that is not compressed, where they lie.
final class DirectReader: RowReader {
  private let array: StoredArray
  private let packed: PackedArray
  private var own: (file: DataFile, chunks: FileChunks, decoder: PackedDecoder)?
  private var chunk = 0

  /// Bytes that are still in cache once they have been read.
  private static let cachedBytes = 256 << 10

  init(_ array: StoredArray, _ packed: PackedArray, _ target: RowTarget?) throws {
    self.array = array
    self.packed = packed
    own = try target.map { target in
      (
        try array.open(),
        FileChunks(packed.header, rows: target.rows, chunkBytes: ArrayReading.pieceBytes),
        PackedDecoder(packed.header, target)
      )
    }
  }

  var fraction: Double {
    guard let own, own.chunks.count > 0 else { return 1 }
    return Double(chunk) / Double(own.chunks.count)
  }

  func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard let (file, chunks, decoder) = own, decoder.target.fault == nil else { return false }
    let size = packed.header.type.size
    for places in chunks.runs(of: chunk) {
      if try readInPlace(places, file, decoder) { continue }
      let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(places.count * size)])
      try file.read(at: offset(of: places.lowerBound), into: run)
      decoder.decode(run, at: places.lowerBound)
    }
    chunk += 1
    return chunk < chunks.count
  }

  /// Elements that are kept as they are stored go where they are kept, a part of them after the other, which is checked
  /// while it is in cache; false where they have to be converted.
  private func readInPlace(
    _ places: Range<Int>, _ file: DataFile, _ decoder: PackedDecoder
  ) throws -> Bool {
    let size = packed.header.type.size
    let step = Self.cachedBytes / size
    for first in stride(from: places.lowerBound, to: places.upperBound, by: step) {
      let part = first..<min(first + step, places.upperBound)
      guard let memory = decoder.memory(of: first) else { return false }
      let run = UnsafeMutableRawBufferPointer(start: memory, count: part.count * size)
      try file.read(at: offset(of: first), into: run)
      decoder.check(UnsafeRawBufferPointer(run), at: first)
    }
    return true
  }

  /// Where an element lies in the file.
  private func offset(of place: Int) -> Int {
    packed.range.lowerBound + packed.header.length + place * packed.header.type.size
  }

  /// Checks the CRC-32 of an archive's stored member: every rank an equal part, joined by zlib's
  /// combination, so that the whole member is checked whatever rows are read.
  func verify(_ buffer: UnsafeMutableRawBufferPointer, among world: Communicator) throws {
    guard let expected = packed.crc else { return }
    let count = packed.range.count
    let bounds = (0...world.size).map {
      count / world.size * $0 + count % world.size * $0 / world.size
    }
    let own = Result { try checksum(bounds[world.rank]..<bounds[world.rank + 1], buffer) }
    let parts = try world.allGather((try? own.get()).map { Int($0) } ?? -1)
    _ = try own.get()
    guard !parts.contains(-1) else { return }
    var whole: UInt = 0
    for (rank, part) in parts.enumerated() {
      whole = crc32_combine(whole, UInt(part), bounds[rank + 1] - bounds[rank])
    }
    try require(
      whole == UInt(expected), .badData,
      "\(array.name): its CRC-32 is wrong: the archive is damaged; copy or download it again")
  }

  /// The CRC-32 of a part of the array's bytes.
  private func checksum(_ part: Range<Int>, _ buffer: UnsafeMutableRawBufferPointer) throws -> UInt
  {
    let file = try array.open()
    var crc: UInt = 0
    for place in stride(from: part.lowerBound, to: part.upperBound, by: buffer.count) {
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<min(buffer.count, part.upperBound - place)])
      try file.read(at: packed.range.lowerBound + place, into: piece)
      Progress.beat()
      crc = crc32_z(crc, piece.bindMemory(to: UInt8.self).baseAddress, piece.count)
    }
    return crc
  }
}
