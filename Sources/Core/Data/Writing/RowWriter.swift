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

  /// Its parts.
  package init(
    path: String, rows: Int, names: WrittenColumns, isVector: Bool, isInteger: Bool,
    offsets: [Double] = [], rowNames: [[UInt8]] = []
  ) {
    self.rowNames = rowNames
    self.names = names
    self.path = path
    self.rows = rows
    columns = names.names.count
    self.isVector = isVector
    self.isInteger = isInteger
    self.offsets = offsets
  }

  /// Elements sent at a time: whole rows, about four megabytes.
  private var messageLength: Int { max(1, (1 << 20) / columns) * columns }

  /// Writes the ranks' values, `[own rows, columns]`, in rank order; collective.
  ///
  /// - Throws: `TrainerError(.inputOutput)` on rank 0, which ends the job.
  package func write(_ values: [Float], among world: Communicator) throws {
    try write(rows: values.count / columns, among: world) {
      Array(values[$0.lowerBound * columns..<$0.upperBound * columns])
    }
  }

  /// Writes what the ranks compute for their rows, in rank order and in pieces, so that no rank holds all of its
  /// own; collective.
  ///
  /// - Parameters:
  ///   - rows: of this rank.
  ///   - values: of some of them, `[rows, columns]`.
  /// - Throws: `TrainerError(.usage)` for a path that no writer is for, on all ranks; `TrainerError(.inputOutput)` on
  ///   rank 0, which ends the job.
  package func write(
    rows own: Int, among world: Communicator, _ values: (_ rows: Range<Int>) -> [Float]
  ) throws {
    guard let type = ArrayWriters.type(for: path) else {
      throw world.failure(
        .usage, "\(path.printable): name a file that ends in \(ArrayWriters.names())")
    }
    let counts = try world.allGather(own * columns)
    let pieceRows = messageLength / columns
    let file =
      world.isRoot
      ? try type.init(
        path: path, shape: isVector ? [rows] : [rows, columns],
        element: isInteger ? .int32 : offsets.isEmpty ? .float32 : .float64, columns: names) : nil
    for first in stride(from: 0, to: own, by: pieceRows) {
      Activity.advance(first, of: rows, "row")
      let piece = values(first..<min(first + pieceRows, own))
      let called = rowNames.isEmpty ? [] : rowNames[first..<min(first + pieceRows, own)]
      if let file {
        file.name(rows: Array(called))
        try append(piece, to: file)
      } else {
        try piece.withUnsafeBufferPointer { try world.send($0, to: 0) }
        guard names.rowNames != nil else { continue }
        var packer = WirePacker()
        packer.pack(Array(called)) { $0.pack($1) }
        try [packer.bytes.count].withUnsafeBufferPointer { try world.send($0, to: 0) }
        try packer.bytes.withUnsafeBufferPointer { try world.send($0, to: 0) }
      }
    }
    guard let file else { return }
    var written = own
    for source in 1..<max(1, world.size) {
      for start in stride(from: 0, to: counts[source], by: messageLength) {
        Activity.advance(written + start / columns, of: rows, "row")
        let part = try [Float](
          unsafeUninitializedCapacity: min(messageLength, counts[source] - start)
        ) { buffer, count in
          count = buffer.count
          try world.receive(buffer, from: source)
        }
        if names.rowNames != nil { file.name(rows: try Self.receiveNames(from: source, world)) }
        try append(part, to: file)
      }
      written += counts[source] / columns
    }
    try file.finish()
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

  private func append(_ values: [Float], to file: any ArrayWriter) throws {
    if isInteger {
      try file.append(values.map { Int32($0) })
    } else if !offsets.isEmpty {
      try file.append(values.indices.map { Double(values[$0]) + offsets[$0 % columns] })
    } else {
      try file.append(values)
    }
  }
}
