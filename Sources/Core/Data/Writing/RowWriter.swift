/// Writes one result a row, computed by many ranks, to one file.
package struct RowWriter {
  package let path: String
  package let rows: Int
  package let columns: Int
  /// Whether the array is `[rows]` and not `[rows, 1]`.
  package let isVector: Bool
  /// Whether the values are whole numbers, to be written as int32.
  package let isInteger: Bool
  /// What is added to each column of numbers, `[columns]`, which are float64 then; empty for nothing.
  package let offsets: [Double]
  /// What a table says of its columns.
  package let names: WrittenColumns
  /// What this rank's rows are called; empty where they have no names.
  package let rowNames: [[UInt8]]
  /// Whether the file must be on the disk before anything else happens.
  package let isDurable: Bool

  /// Its parts.
  package init(
    path: String, rows: Int, names: WrittenColumns, isVector: Bool, isInteger: Bool,
    offsets: [Double] = [], rowNames: [[UInt8]] = [], isDurable: Bool
  ) {
    self.isDurable = isDurable
    self.rowNames = rowNames
    self.names = names
    self.path = path
    self.rows = rows
    columns = names.names.count
    self.isVector = isVector
    self.isInteger = isInteger
    self.offsets = offsets
  }

  /// Rows computed and written at a time: of about 256 kilobytes, which a cache holds.
  private var pieceRows: Int { max(1, (1 << 16) / columns) }

  /// Writes the ranks' values, `[own rows, columns]`, in rank order; collective.
  ///
  /// - Throws: as ``write(rows:among:_:)``.
  package func write(_ values: [Float], among topology: NodeTopology) throws {
    try write(rows: values.count / columns, among: topology) { rows, piece in
      _ = piece.update(
        fromContentsOf: values[rows.lowerBound * columns..<rows.upperBound * columns])
    }
  }

  /// Writes what the ranks compute for their rows, in rank order and in pieces, so that no rank holds all of its
  /// own; collective.
  ///
  /// Where every element of the file has its place, the ranks of rank 0's node write theirs themselves, and the pieces
  /// of other nodes come in turn. Other files rank 0 writes from the first row to the last.
  /// - Parameters:
  ///   - rows: of this rank.
  ///   - fill: computes the values of some of them, `[rows, columns]`.
  /// - Throws: `TrainerError(.usage)` for a path that no writer is for, `TrainerError(.inputOutput)` for a file that
  ///   cannot be written, on all ranks.
  package func write(
    rows own: Int, among topology: NodeTopology,
    _ fill: @escaping (_ rows: Range<Int>, _ values: UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    let world = topology.world
    guard let type = ArrayWriters.type(for: path) else {
      throw world.failure(
        .usage, "\(path.printable): name a file that ends in \(ArrayWriters.names())")
    }
    let file = try world.onRoot {
      try type.init(
        path: path, shape: isVector ? [rows] : [rows, columns],
        element: isInteger ? .int32 : offsets.isEmpty ? .float32 : .float64, columns: names,
        isDurable: isDurable)
    }
    let pieces = RowPieces(own: own, columns: columns, most: pieceRows, fill)
    let counts = try world.allGather(own)
    if type is any PlacedArrayWriter.Type {
      try place(pieces, counts, file as? any PlacedArrayWriter, among: topology)
    } else {
      try append(pieces, counts, file, among: world)
    }
    try world.agree { try file?.finish() }
  }
}

// MARK: - Files whose elements have places

extension RowWriter {
  /// Bytes of a written element.
  private var elementBytes: Int { isInteger || offsets.isEmpty ? 4 : 8 }

  private func place(
    _ pieces: RowPieces, _ counts: [Int], _ writer: (any PlacedArrayWriter)?,
    among topology: NodeTopology
  ) throws {
    let world = topology.world
    let (file, start) = try open(writer, among: world, isNear: topology.nodeIndex == 0)
    let isSending = try world.allGather(file == nil ? 1 : 0)
    let senders = isSending.indices.filter { isSending[$0] == 1 }
    let firsts = counts.indices.map { counts[..<$0].reduce(0, +) }
    // After a failure the others' pieces are still taken, so that none of them waits.
    var failure: TrainerError?
    func attempt(_ step: () throws(TrainerError) -> Void) {
      guard failure == nil else { return }
      do { try step() } catch { failure = error }
    }
    func write(_ values: UnsafeMutableBufferPointer<Float>, firstRow: Int) {
      attempt { () throws(TrainerError) in
        try withBytes(of: values) { (bytes) throws(TrainerError) in
          try file?.write(bytes, at: start + firstRow * columns * elementBytes)
        }
      }
    }
    let most = world.isRoot ? counts.max()! : pieces.own
    for first in stride(from: 0, to: most, by: pieces.most) {
      if first < pieces.own {
        Activity.advance(firsts[world.rank] + first, of: rows, "row")
        let values = pieces.compute(from: first)
        if file != nil {
          write(values, firstRow: firsts[world.rank] + first)
        } else {
          try world.send(UnsafeBufferPointer(values), to: 0)
        }
      }
      guard world.isRoot else { continue }
      for sender in senders where first < counts[sender] {
        let values = pieces.room(min(pieces.most, counts[sender] - first))
        try world.receive(values, from: sender)
        write(values, firstRow: firsts[sender] + first)
      }
    }
    attempt { () throws(TrainerError) in try file?.finish() }
    try world.agree { if let failure { throw failure } }
  }

  /// The file that rank 0 has begun, and where its elements begin; no file where this rank does not reach it.
  private func open(
    _ writer: (any PlacedArrayWriter)?, among world: Communicator, isNear: Bool
  ) throws -> (FilePlaces?, start: Int) {
    var unpacker = WireUnpacker(
      try world.fromRoot {
        guard let writer else { return [] }
        let (address, start) = try writer.place()
        var packer = WirePacker()
        packer.pack(address.path)
        packer.pack(address.device)
        packer.pack(address.inode)
        packer.pack(start)
        return packer.bytes
      })
    let address = FilePlaces.Address(
      path: unpacker.string(), name: path, device: unpacker.integer(), inode: unpacker.integer())
    let file = isNear ? FilePlaces(address) : nil
    try world.agree {
      guard world.isRoot, file == nil else { return }
      throw SystemCallFailure("write", path).error(.inputOutput)
    }
    return (file, unpacker.integer())
  }

  /// Calls `body` with values as the file has them.
  private func withBytes(
    of values: UnsafeMutableBufferPointer<Float>,
    _ body: (UnsafeRawBufferPointer) throws(TrainerError) -> Void
  ) throws(TrainerError) {
    if isInteger {
      try values.map { Int32($0) }.withUnsafeBufferPointer {
        (values) throws(TrainerError) in try body(UnsafeRawBufferPointer(values))
      }
    } else if !offsets.isEmpty {
      try withOffsets(values).withUnsafeBufferPointer {
        (values) throws(TrainerError) in try body(UnsafeRawBufferPointer(values))
      }
    } else {
      try body(UnsafeRawBufferPointer(values))
    }
  }
}

// MARK: - Files that are written from front to back

extension RowWriter {
  private func append(
    _ pieces: RowPieces, _ counts: [Int], _ file: (any ArrayWriter)?, among world: Communicator
  ) throws {
    for first in stride(from: 0, to: pieces.own, by: pieces.most) {
      Activity.advance(first, of: rows, "row")
      let values = pieces.compute(from: first)
      let called =
        rowNames.isEmpty ? [] : rowNames[first..<min(first + pieces.most, pieces.own)]
      if let file {
        file.name(rows: Array(called))
        try append(values, to: file)
      } else {
        try world.send(UnsafeBufferPointer(values), to: 0)
        guard names.rowNames != nil else { continue }
        var packer = WirePacker()
        packer.pack(Array(called)) { $0.pack($1) }
        try [packer.bytes.count].withUnsafeBufferPointer { try world.send($0, to: 0) }
        try packer.bytes.withUnsafeBufferPointer { try world.send($0, to: 0) }
      }
    }
    guard let file else { return }
    var written = pieces.own
    for source in 1..<max(1, world.size) {
      for first in stride(from: 0, to: counts[source], by: pieces.most) {
        Activity.advance(written + first, of: rows, "row")
        let values = pieces.room(min(pieces.most, counts[source] - first))
        try world.receive(values, from: source)
        if names.rowNames != nil { file.name(rows: try Self.receiveNames(from: source, world)) }
        try append(values, to: file)
      }
      written += counts[source]
    }
  }

  private static func receiveNames(
    from source: Int, _ world: Communicator
  ) throws -> [[UInt8]] {
    var count = [0]
    try count.withUnsafeMutableBufferPointer { try world.receive($0, from: source) }
    let bytes = try [UInt8](unsafeUninitializedCapacity: count[0]) { buffer, used in
      used = buffer.count
      try world.receive(
        UnsafeMutableBufferPointer(rebasing: buffer[..<count[0]]), from: source)
    }
    var unpacker = WireUnpacker(bytes)
    return unpacker.array { $0.bytes() }
  }

  private func append(
    _ values: UnsafeMutableBufferPointer<Float>, to file: any ArrayWriter
  ) throws {
    if isInteger {
      try file.append(values.map { Int32($0) })
    } else if !offsets.isEmpty {
      try file.append(withOffsets(values))
    } else {
      try file.append(Array(values))
    }
  }

  /// Rows with what had been taken from their columns.
  private func withOffsets(_ values: UnsafeMutableBufferPointer<Float>) -> [Double] {
    values.indices.map { Double(values[$0]) + offsets[$0 % columns] }
  }
}

/// A rank's rows, of which the values of some are computed at a time, and room for these.
private struct RowPieces {
  let own: Int
  let columns: Int
  /// Rows of a piece; the last one may have fewer.
  let most: Int
  private let fill: (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
  private let values: AlignedFloats

  init(
    own: Int, columns: Int, most: Int,
    _ fill: @escaping (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    self.own = own
    self.columns = columns
    self.most = most
    self.fill = fill
    values = AlignedFloats(count: most * columns)
  }

  /// Room for some rows, at most ``most``; the same each time.
  func room(_ rows: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: values.base, count: rows * columns)
  }

  /// The values of a piece, until there is another one in the room.
  func compute(from first: Int) -> UnsafeMutableBufferPointer<Float> {
    let rows = first..<min(first + most, own)
    let values = room(rows.count)
    fill(rows, values)
    return values
  }
}
