extension DataCatalog {
  /// Reads the pipes among the files that are named, on rank 0, into a file without a name on every node, in `$TMPDIR` or
  /// /tmp, from which ranks then read as from any other; collective over `topology.world`.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks: usage for a pipe that is named twice, bad data where the first piece
  ///   has no format that is read, I/O where there is no room, stopped where a rank is asked to stop.
  /// - Complexity: O(bytes); memory for one piece.
  package static func spoolPipes(of options: Options, topology: NodeTopology) throws {
    let bytes = try topology.world.fromRoot {
      let pipes = options.files.filter { PipeReader.reads($0) && SpooledFiles.path(of: $0) == nil }
      for (place, pipe) in pipes.enumerated() {
        try require(
          !pipes[..<place].contains(pipe), .usage,
          "\(pipe.printable) is named twice, but a pipe can be read once; write it to a file first")
      }
      var packer = WirePacker()
      packer.pack(pipes) { $0.pack($1) }
      return packer.bytes
    }
    var unpacker = WireUnpacker(bytes)
    for pipe in unpacker.array({ $0.string() }) {
      try Activity.perform("reading the pipe \(pipe.printable)") {
        try spool(pipe, of: options, topology: topology)
      }
    }
  }

  /// Bytes by which the format of a pipe is told before the rest is read: more than enough to inflate
  /// ``DataFormat/headCount``.
  private static let beginning = 1 << 16

  private static func spool(_ pipe: String, of options: Options, topology: NodeTopology) throws {
    let (world, node) = (topology.world, topology.node)
    let directory = TemporaryDirectory.path
    let reader = try world.onRoot { try PipeReader(path: pipe) }
    let name = "a copy of the pipe \(pipe.printable) in \(directory) (TMPDIR)"
    let file = try world.agree {
      guard node.isRoot else { return NamelessFile?.none }
      return try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
        try NamelessFile(in: directory, name: name)
      }
    }
    // The first ranks of the nodes.
    let keepers = try world.split(color: node.isRoot ? 0 : nil, key: world.rank)
    defer { try? keepers?.free() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FilePiece.bytes, alignment: 1)
    defer { buffer.deallocate() }
    SpooledFiles.add(pipe, at: try node.broadcast(file?.path ?? ""), keeping: file, isOfPipe: true)
    var place = 0
    while true {
      let wanted = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<(place == 0 ? beginning : buffer.count)])
      let read = try world.onRoot { try reader!.fill(wanted) }
      let count = try world.broadcast(read ?? 0)
      if count == 0 { break }
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try keepers?.broadcast(piece.bindMemory(to: UInt8.self))
      try world.agree {
        try StopRequest.check()
        try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
          try file?.write(UnsafeRawBufferPointer(piece), at: place)
        }
      }
      // What may never end must not be copied in vain.
      if place == 0 { _ = try world.onRoot { try checkBeginning(of: pipe, options) } }
      place += count
    }
  }

  /// Refuses a pipe that begins as no file does that is read, or as none of the format that it is said to have.
  private static func checkBeginning(of pipe: String, _ options: Options) throws {
    let isData = options.arrayFiles.contains(pipe)
    let file = try ExaminedFile(DataPath(path: pipe))
    let format = try DataFormat.detect(
      file, forced: isData ? options.format : nil, among: options.formats
    ).format
    guard format.hasSignature, !format.matches(try file.head(DataFormat.headCount)) else { return }
    _ = try format.examine(file)
  }
}
