internal import CZlib
import DTrainDist

/// One collective reading of an array: every rank its own rows.
///
/// A rank that has failed goes on taking part in what its node does together, so that nobody waits for
/// it, and tells all ranks at the end.
struct ArrayReading {
  private let source: ArraySource
  private let rows: Range<Int>
  private let topology: NodeTopology

  /// Bytes read or passed on at a time.
  private static let chunkBytes = 4 << 20

  init(_ source: ArraySource, rows: Range<Int>, topology: NodeTopology) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= source.rows, "rows \(rows) of \(source.rows)")
    self.source = source
    self.rows = rows
    self.topology = topology
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
          target: target.advanced(by: (shared.lowerBound - rows.lowerBound) * source.columns))
      }
      if layout.isDirect {
        if failure == nil, decoder != nil {
          do { try readDirectly(layout, own, &decoder!, buffer) } catch { failure = error }
        }
        try verifyStored(layout, buffer, &failure)
      } else {
        try readTogether(layout, own, &decoder, buffer, &failure)
      }
      if failure == nil, let fault = decoder?.fault {
        failure = TrainerError(
          .badData,
          "\(layout.name): the element at row \(fault.row), column \(fault.column) (counting from 0) "
            + fault.reason)
      }
    }
    try topology.world.agree { if let failure { throw failure } }
  }

  /// Reads own rows of an uncompressed file.
  private func readDirectly(
    _ layout: ArrayLayout, _ own: Range<Int>, _ decoder: inout RunDecoder,
    _ buffer: UnsafeMutableRawBufferPointer
  ) throws {
    let file = try layout.open()
    let header = layout.header
    let size = header.type.size
    let data = layout.range.lowerBound + header.length
    guard header.isColumnMajor else {
      var place = own.lowerBound * header.columns
      let end = own.upperBound * header.columns
      while place < end {
        let count = min(end - place, buffer.count / size)
        let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * size)])
        try file.read(at: data + place * size, into: run)
        decoder.decode(run, at: place)
        Progress.beat()
        place += count
      }
      return
    }
    // Tiles of a few columns, so that a line of the row-major copy is written while it is in cache.
    let tileColumns = 16
    let tileRows = 2048
    for firstColumn in stride(from: 0, to: header.columns, by: tileColumns) {
      for firstRow in stride(from: own.lowerBound, to: own.upperBound, by: tileRows) {
        let count = min(tileRows, own.upperBound - firstRow)
        let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * size)])
        for column in firstColumn..<min(header.columns, firstColumn + tileColumns) {
          let place = column * header.rows + firstRow
          try file.read(at: data + place * size, into: run)
          decoder.decode(run, at: place)
          Progress.beat()
        }
      }
    }
  }

  /// Inflates a compressed file on the node's first rank, which passes each piece on to its node.
  ///
  /// A piece is preceded by its length; 0 says that all is done and verified, -1 that the first rank
  /// has failed. Skipped by nodes that need no row of the file.
  private func readTogether(
    _ layout: ArrayLayout, _ own: Range<Int>, _ decoder: inout RunDecoder?,
    _ buffer: UnsafeMutableRawBufferPointer, _ failure: inout (any Error)?
  ) throws {
    let node = topology.node
    guard try node.allReduce(own.isEmpty ? 0 : 1, .maximum) == 1 else { return }
    var payload: PayloadStream?
    if node.isRoot, failure == nil {
      do { payload = try PayloadStream(layout) } catch { failure = error }
    }
    var place = 0
    while true {
      var length = -1
      if let payload {
        do { length = try payload.next(into: buffer) } catch { failure = failure ?? error }
      }
      length = try node.broadcast(length)
      guard length > 0 else { return }
      let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
      try node.broadcast(run.bindMemory(to: UInt8.self))
      decoder?.decode(run, at: place)
      place += length / layout.header.type.size
    }
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
