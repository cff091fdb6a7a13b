/// Elements of one size that follow each other behind a header, somewhere in a file.
struct PackedArray {
  /// Whether the array's bytes (its header and elements) are gzipped, or deflated in a zip archive; otherwise ranks
  /// read their rows straight from the file.
  let isCompressed: Bool
  /// The CRC-32 of a member of a zip archive; nil for a whole file.
  let crc: UInt32?
  /// The array's bytes in the file, compressed or not.
  let range: Range<Int>
  let header: ArrayHeader
}

extension PackedArray {
  /// What ``index`` says.
  init(_ array: StoredArray) {
    var unpacker = WireUnpacker(array.index)
    isCompressed = unpacker.integer() == 1
    crc = UInt32(exactly: unpacker.integer())
    let start = unpacker.integer()
    range = start..<unpacker.integer()
    let isBigEndian = unpacker.integer() == 1
    header = ArrayHeader(array, isBigEndian: isBigEndian, length: unpacker.integer())
  }

  /// What a reader needs beside the description of the array.
  var index: [UInt8] {
    var packer = WirePacker()
    for value in [
      isCompressed ? 1 : 0, crc.map { Int($0) } ?? -1, range.lowerBound, range.upperBound,
      header.isBigEndian ? 1 : 0, header.length,
    ] { packer.pack(value) }
    return packer.bytes
  }
}

/// A format of packed arrays. Those that are not compressed are read by every rank where its rows lie; compressed ones
/// are inflated by the first rank of each node that has rows of them, and passed on.
protocol PackedFormat: ArrayFormat {}

extension PackedFormat {
  var hasSignature: Bool { true }

  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    let packed = PackedArray(array)
    return packed.isCompressed
      ? try NodeReader(array, packed, target, on: topology.node)
      : try DirectReader(array, packed, target)
  }

  /// Describes the one array that a whole file is.
  func array(in file: ExaminedFile, _ header: ArrayHeader) throws -> StoredArray {
    try array(
      in: file, member: "",
      PackedArray(
        isCompressed: file.isGzipped, crc: nil, range: 0..<file.file.size, header: header),
      size: file.isGzipped ? nil : file.file.size)
  }

  /// Describes an array whose declared size is that of its bytes.
  ///
  /// - Parameter size: of the array's bytes, inflated; nil where only inflating can tell.
  /// - Throws: `TrainerError` (bad data) where header and bytes disagree.
  func array(
    in file: ExaminedFile, member: String, _ packed: PackedArray, size: Int?
  ) throws -> StoredArray {
    let header = packed.header
    let name = StoredArray.name(path: file.path, member: member)
    if let size {
      try require(
        size == header.totalBytes, .badData,
        "\(name) \(size < header.totalBytes ? "is cut off" : "is too long"): it has \(size) bytes, "
          + "its header (shape \(header.shape)) asks for \(header.totalBytes); "
          + "copy or download it again")
    }
    // No compressed data of this length can have such a size; nothing is reserved for it.
    try require(
      !packed.isCompressed || header.totalBytes / InflateStream.largestRatio <= packed.range.count,
      .badData,
      "\(name): its header (shape \(header.shape)) asks for \(header.totalBytes) bytes, more than "
        + "its \(packed.range.count) compressed bytes can hold; copy or download it again")
    return StoredArray(
      in: file, member: member, format: self, type: header.type, shape: header.shape,
      isColumnMajor: header.isColumnMajor, index: packed.index)
  }
}
