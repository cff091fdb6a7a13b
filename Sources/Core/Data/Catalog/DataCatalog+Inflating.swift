extension DataCatalog {
  /// Inflates a gzipped text on the first rank of every node, into a file without a name in `$TMPDIR` or /tmp, of which
  /// ranks then read parts as of any other text; collective over `topology.world`.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks: bad data for a damaged file, I/O where there is no room.
  /// - Complexity: O(inflated bytes); memory for one piece.
  static func inflate(_ path: String, topology: NodeTopology) throws {
    let file = try topology.world.agree {
      guard topology.node.isRoot else { return NamelessFile?.none }
      let packed = try DataFile(path: path)
      return try spool(
        InflateStream(
          file: packed, range: 0..<packed.size, wrapping: .gzip, name: path.printable),
        name: path.printable)
    }
    try share(file, of: path, topology: topology)
  }

  /// Inflates all of a stream into a file without a name.
  ///
  /// - Throws: `TrainerError`: bad data for damaged bytes, I/O where there is no room.
  static func spool(_ stream: InflateStream, name: String) throws -> NamelessFile {
    let directory = TemporaryDirectory.path
    let file = try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      try NamelessFile(in: directory, name: "\(name), inflated in \(directory) (TMPDIR)")
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FilePiece.bytes, alignment: 64)
    defer { buffer.deallocate() }
    var place = 0
    while true {
      let count = try stream.read(into: buffer)
      if count == 0 { return file }
      try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
        try file.write(
          UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])),
          at: place)
      }
      Activity.advance(stream.offset, of: stream.end, "byte")
      place += count
    }
  }

  /// Lets the ranks of a node read `name` from the copy that its first rank has; collective over `topology.world`.
  static func share(_ file: NamelessFile?, of name: String, topology: NodeTopology) throws {
    let path = try topology.node.broadcast(file?.path ?? "")
    SpooledFiles.add(name, at: path, keeping: file, isOfPipe: false)
  }
}
