import DTrainDist

/// Writes one result a row, computed by many ranks, to one file.
struct RowWriter {
  let path: String
  let rows: Int
  let columns: Int
  /// Whether the array is `[rows]` and not `[rows, 1]`.
  let isVector: Bool
  /// Whether the values are whole numbers, to be written as int32.
  let isInteger: Bool

  /// Elements sent at a time: whole rows, about four megabytes.
  private var messageLength: Int { max(1, (1 << 20) / columns) * columns }

  /// Writes the ranks' values, `[own rows, columns]`, in rank order; collective.
  ///
  /// - Throws: `TrainerError(.inputOutput)` on rank 0, which ends the job.
  func write(_ values: [Float], among world: Communicator) throws {
    let counts = try world.allGather(values.count)
    guard world.isRoot else {
      try values.withUnsafeBufferPointer { all in
        for start in stride(from: 0, to: all.count, by: messageLength) {
          let end = min(start + messageLength, all.count)
          try world.send(UnsafeBufferPointer(rebasing: all[start..<end]), to: 0)
        }
      }
      return
    }
    let sink = try Sink(self)
    try sink.append(values)
    for source in 1..<max(1, world.size) {
      for start in stride(from: 0, to: counts[source], by: messageLength) {
        let part = try [Float](
          unsafeUninitializedCapacity: min(messageLength, counts[source] - start)
        ) { buffer, count in
          count = buffer.count
          try world.receive(buffer, from: source)
        }
        try sink.append(part)
      }
    }
    try sink.finish()
  }

  /// A file that takes rows one after another.
  private final class Sink {
    private let array: NPYWriter?
    private let text: CSVWriter?
    private let isInteger: Bool

    init(_ writer: RowWriter) throws {
      isInteger = writer.isInteger
      if writer.path.hasSuffix(".csv") {
        array = nil
        text = try CSVWriter(path: writer.path, columns: writer.columns)
      } else {
        array = try NPYWriter(
          path: writer.path,
          shape: writer.isVector ? [writer.rows] : [writer.rows, writer.columns],
          element: writer.isInteger ? .int32 : .float32)
        text = nil
      }
    }

    func append(_ values: [Float]) throws {
      if isInteger {
        let integers = values.map { Int32($0) }
        try array?.append(integers)
        try text?.append(integers)
      } else {
        try array?.append(values)
        try text?.append(values)
      }
    }

    func finish() throws {
      try array?.finish()
      try text?.finish()
    }
  }
}
