internal import CZlib
import DTrainBase
import DTrainDist

/// One collective reading of an array: every rank its own rows.
///
/// A rank that has failed goes on taking part in what its node does together, so that nobody waits for it, and
/// tells all ranks at the end of the round: the fault is known long before a large file is read.
struct ArrayReading {
  private let source: ArraySource
  private let rows: Range<Int>
  private let topology: NodeTopology
  private let keepsNonFinite: Bool

  /// Bytes read or passed on at a time.
  private static let chunkBytes = 4 << 20
  /// Chunks, on each rank or node, after which all ranks ask each other whether to go on.
  private static let chunksPerRound = 16

  /// - Parameter keepsNonFinite: whether NaN and infinity are read as they are, instead of being refused.
  init(
    _ source: ArraySource, rows: Range<Int>, topology: NodeTopology, keepsNonFinite: Bool = false
  ) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= source.rows, "rows \(rows) of \(source.rows)")
    self.source = source
    self.rows = rows
    self.topology = topology
    self.keepsNonFinite = keepsNonFinite
  }

  /// Fills the memory of this rank's rows.
  ///
  /// - Parameters:
  ///   - target: row-major memory for the rows and selected columns; nil where there is none.
  ///   - failure: what has already gone wrong on this rank.
  func read(into target: RowTarget?, failure: (any Error)?) throws {
    var failure = failure
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.chunkBytes, alignment: 64)
    defer { buffer.deallocate() }
    var firstRow = 0
    for layout in source.layouts {
      let fileRows = firstRow..<firstRow + layout.header.rows
      firstRow = fileRows.upperBound
      let shared = rows.clamped(to: fileRows)
      var decoder: RunDecoder?
      let own =
        shared.isEmpty
        ? 0..<0 : shared.lowerBound - fileRows.lowerBound..<shared.upperBound - fileRows.lowerBound
      if !own.isEmpty, let target {
        decoder = RunDecoder(
          header: layout.header, selection: source.selection, own: own,
          target: target.advanced(by: (shared.lowerBound - rows.lowerBound) * source.columns),
          keepsNonFinite: keepsNonFinite)
      }
      let isRead =
        layout.isDirect
        ? try readDirectly(layout, own, &decoder, buffer, &failure)
        : try readTogether(layout, own, &decoder, buffer, &failure)
      if failure == nil, let fault = decoder?.fault {
        failure = TrainerError(
          .badData,
          "\(layout.name): the element at row \(fault.row), column \(fault.column) (counting from 0) "
            + fault.reason)
      }
      if isRead { try verifyStored(layout, buffer, &failure) }
      if source.layouts.count > 1, try isSpoiled(failure != nil) { break }
    }
    try topology.world.agree { if let failure { throw failure } }
  }

  /// Whether any rank has failed; collective over all ranks.
  private func isSpoiled(_ hasFailed: Bool) throws -> Bool {
    try topology.world.allReduce(hasFailed ? 1 : 0, .maximum) == 1
  }

  /// Reads own rows of an uncompressed file, all ranks in rounds; false where all gave up before the end.
  private func readDirectly(
    _ layout: ArrayLayout, _ own: Range<Int>, _ decoder: inout RunDecoder?,
    _ buffer: UnsafeMutableRawBufferPointer, _ failure: inout (any Error)?
  ) throws -> Bool {
    let chunks = FileChunks(layout.header, rows: own, chunkBytes: buffer.count)
    let mostChunks = try topology.world.allReduce(chunks.count, .maximum)
    let size = layout.header.type.size
    let data = layout.range.lowerBound + layout.header.length
    var file: DataFile?
    if failure == nil, decoder != nil {
      do { file = try layout.open() } catch { failure = error }
    }
    for first in stride(from: 0, to: mostChunks, by: Self.chunksPerRound) {
      let next = first + Self.chunksPerRound
      for chunk in min(first, chunks.count)..<min(next, chunks.count) {
        guard failure == nil, decoder?.fault == nil, let file else { break }
        do {
          for places in chunks.runs(of: chunk) {
            let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(places.count * size)])
            try file.read(at: data + places.lowerBound * size, into: run)
            decoder?.decode(run, at: places.lowerBound)
            Progress.beat()
          }
        } catch { failure = error }
      }
      if next < mostChunks, try isSpoiled(failure != nil || decoder?.fault != nil) { return false }
    }
    return true
  }

  /// Inflates a compressed file on the node's first rank, which passes each chunk on to its node, all nodes in
  /// rounds; false where all gave up before the end.
  ///
  /// A chunk is preceded by its length; 0 says that all is done and verified, -1 that the first rank has
  /// failed. Nodes that need no row of the file only take part in the decision to go on.
  private func readTogether(
    _ layout: ArrayLayout, _ own: Range<Int>, _ decoder: inout RunDecoder?,
    _ buffer: UnsafeMutableRawBufferPointer, _ failure: inout (any Error)?
  ) throws -> Bool {
    let node = topology.node
    var isDone = try node.allReduce(own.isEmpty ? 0 : 1, .maximum) == 0
    var payload: PayloadStream?
    if node.isRoot, !isDone, failure == nil {
      do { payload = try PayloadStream(layout) } catch { failure = error }
    }
    let bytes = layout.header.totalBytes - layout.header.length
    // One more for the end, which is verified.
    let chunks = (bytes + buffer.count - 1) / buffer.count + 1
    var place = 0
    for first in stride(from: 0, to: chunks, by: Self.chunksPerRound) {
      let next = first + Self.chunksPerRound
      for _ in first..<next where !isDone {
        var length = -1
        if let payload {
          do { length = try payload.next(into: buffer) } catch { failure = failure ?? error }
        }
        length = try node.broadcast(length)
        isDone = length <= 0
        if isDone { break }
        let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
        try node.broadcast(run.bindMemory(to: UInt8.self))
        decoder?.decode(run, at: place)
        place += length / layout.header.type.size
      }
      if next < chunks, try isSpoiled(failure != nil || decoder?.fault != nil) { return false }
    }
    return true
  }

  /// Checks the CRC-32 of an archive's stored member: every rank an equal part, joined by zlib's
  /// combination, so that the whole member is checked whatever rows are read.
  private func verifyStored(
    _ layout: ArrayLayout, _ buffer: UnsafeMutableRawBufferPointer, _ failure: inout (any Error)?
  ) throws {
    guard case .stored(let expected) = layout.container else { return }
    let world = topology.world
    let bound = { (rank: Int) in
      layout.range.count / world.size * rank
        + layout.range.count % world.size * rank / world.size
    }
    var crc: UInt = 0
    if failure == nil {
      do {
        let file = try layout.open()
        var place = bound(world.rank)
        while place < bound(world.rank + 1) {
          let count = min(buffer.count, bound(world.rank + 1) - place)
          let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
          try file.read(at: layout.range.lowerBound + place, into: part)
          Progress.beat()
          crc = crc32_z(crc, part.bindMemory(to: UInt8.self).baseAddress, count)
          place += count
        }
      } catch { failure = error }
    }
    let parts = try world.allGather(failure == nil ? Int(crc) : -1)
    guard !parts.contains(-1) else { return }
    var whole: UInt = 0
    for (rank, part) in parts.enumerated() {
      whole = crc32_combine(whole, UInt(part), bound(rank + 1) - bound(rank))
    }
    if whole != UInt(expected) {
      failure = TrainerError(
        .badData,
        "\(layout.name): its CRC-32 is wrong: the archive is damaged; copy or download it again")
    }
  }
}

extension RowTarget {
  /// The target `elements` further on.
  func advanced(by elements: Int) -> RowTarget {
    switch self {
    case .bytes(let base): .bytes(base + elements)
    case .floats(let base): .floats(base + elements)
    case .labels(let base): .labels(base + elements)
    }
  }
}
