/// Elements of one size that follow each other behind a header, somewhere in a file.
struct PackedArray {
  /// How the array's bytes (its header and elements) stand in the file.
  enum Container {
    /// The whole file, as it is.
    case plain
    /// The whole file, gzipped.
    case gzip
    /// A member of a zip archive, as it is.
    case stored(crc: UInt32)
    /// A deflated member of a zip archive.
    case deflated(crc: UInt32)

    /// Whether ranks read their rows straight from the file.
    var isDirect: Bool {
      switch self {
      case .plain, .stored: true
      case .gzip, .deflated: false
      }
    }
  }

  let container: Container
  /// The array's bytes in the file, compressed or not.
  let range: Range<Int>
  let header: ArrayHeader

  init(container: Container, range: Range<Int>, header: ArrayHeader) {
    self.container = container
    self.range = range
    self.header = header
  }

  /// What ``index`` says.
  init(_ array: StoredArray) {
    var unpacker = WireUnpacker(array.index)
    let (code, crc) = (unpacker.integer(), UInt32(unpacker.integer()))
    container =
      switch code {
      case 0: .plain
      case 1: .gzip
      case 2: .stored(crc: crc)
      default: .deflated(crc: crc)
      }
    let start = unpacker.integer()
    range = start..<unpacker.integer()
    let isBigEndian = unpacker.integer() == 1
    header = ArrayHeader(array, isBigEndian: isBigEndian, length: unpacker.integer())
  }

  /// What a reader needs beside the description of the array.
  var index: [UInt8] {
    let (code, crc): (Int, UInt32) =
      switch container {
      case .plain: (0, 0)
      case .gzip: (1, 0)
      case .stored(let crc): (2, crc)
      case .deflated(let crc): (3, crc)
      }
    var packer = WirePacker()
    for value in [
      code, Int(crc), range.lowerBound, range.upperBound, header.isBigEndian ? 1 : 0, header.length,
    ] { packer.pack(value) }
    return packer.bytes
  }
}

/// A format of packed arrays. Those that are not compressed are read by every rank where its rows lie; compressed ones
/// are inflated by the first rank of each node that has rows of them, and passed on.
protocol PackedFormat: ArrayFormat {}

extension PackedFormat {
  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    let packed = PackedArray(array)
    return packed.container.isDirect
      ? try DirectReader(array, packed, target)
      : try NodeReader(array, packed, target, on: topology.node)
  }

  /// Describes the one array that a whole file is.
  func array(in file: ExaminedFile, _ header: ArrayHeader) throws -> StoredArray {
    try array(
      in: file, member: "",
      PackedArray(
        container: file.isGzipped ? .gzip : .plain, range: 0..<file.file.size, header: header),
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
    if let size, size != header.totalBytes {
      throw TrainerError(
        .badData,
        "\(name) \(size < header.totalBytes ? "is cut off" : "is too long"): it has \(size) bytes, "
          + "its header (shape \(header.shape)) asks for \(header.totalBytes); "
          + "copy or download it again")
    }
    // No compressed data of this length can have such a size; nothing is reserved for it.
    if !packed.container.isDirect,
      header.totalBytes / InflateStream.largestRatio > packed.range.count
    {
      throw TrainerError(
        .badData,
        "\(name): its header (shape \(header.shape)) asks for \(header.totalBytes) bytes, more than "
          + "its \(packed.range.count) compressed bytes can hold; it is damaged")
    }
    return StoredArray(
      in: file, member: member, format: self, type: header.type, shape: header.shape,
      isColumnMajor: header.isColumnMajor, index: packed.index)
  }
}
