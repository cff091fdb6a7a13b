extension DataCatalog {
  /// The same rows such that any of them are read at once, as often as wanted: arrays that are compressed are inflated into
  /// a file without a name on every node, and checksums of others are checked; collective over `topology.world`.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks: bad data for damaged bytes, I/O where there is no room.
  /// - Complexity: O(bytes); memory for one piece.
  static func directlyReadable(
    _ source: ArraySource, topology: NodeTopology
  ) throws -> ArraySource {
    try source.replacing { array in
      guard array.format is any PackedFormat else { return array }
      let packed = PackedArray(array)
      guard packed.isCompressed else {
        guard packed.crc != nil else { return array }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
          byteCount: ArrayReading.pieceBytes, alignment: 64)
        defer { buffer.deallocate() }
        let reader = try topology.world.agree { try DirectReader(array, packed, nil) }
        let outcome = Result { try reader.verify(buffer, among: topology.world) }
        try topology.world.agree { try outcome.get() }
        return array.with(
          path: array.path, fileSize: array.fileSize,
          index: PackedArray(
            isCompressed: false, crc: nil, range: packed.range, header: packed.header
          ).index)
      }
      let (name, size) = ("\(array.name), inflated", packed.header.totalBytes)
      let file = try Activity.perform("inflating \(array.name)") {
        try topology.world.agree {
          guard topology.node.isRoot else { return NamelessFile?.none }
          let stream = try InflateStream(
            file: array.open(), range: packed.range,
            wrapping: packed.crc.map { .member(crc: $0, size: size) } ?? .gzip, name: array.name)
          return try spool(stream, name: array.name)
        }
      }
      try share(file, of: name, topology: topology)
      try topology.world.agree {
        let found = try DataFile(path: name).size
        try require(
          found == size, .badData,
          "\(array.name) \(found < size ? "is cut off" : "is too long"): it inflates to \(found) bytes, its header "
            + "(shape \(array.shape)) asks for \(size); copy or download it again")
      }
      return array.with(
        path: name, fileSize: size,
        index: PackedArray(
          isCompressed: false, crc: nil, range: 0..<size, header: packed.header
        ).index)
    }
  }
}
