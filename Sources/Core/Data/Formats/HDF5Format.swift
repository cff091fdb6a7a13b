/// HDF5: data sets in a tree of groups, which lie in chunks that are often compressed.
///
/// The library reads them, each rank its own rows; see ``HDF5Library``. A data set goes by its path, without the first
/// slash, so that those at the top have the names that arrays have in archives.
struct HDF5Format: ArrayFormat {
  let name = "hdf5"
  let endings = [".h5", ".hdf5", ".hdf", ".he5"]

  private static let signature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1a, 0x0a]

  func matches(_ head: [UInt8]) -> Bool { head.starts(with: Self.signature) }

  func examine(_ examined: ExaminedFile) throws -> FileContent {
    try require(
      !examined.isGzipped, .badData,
      "\(examined.name) is a gzipped HDF5 file; gunzip it first (HDF5 files compress their own datasets)"
    )
    let file = try HDF5File(path: examined.path)
    if let wanted = examined.member {
      let path = "/\(wanted.drop { $0 == "/" })"
      return .members([member(try file.dataset(path), in: examined, name: wanted)])
    }
    return .members(
      try file.datasets().map { path in
        member(try file.describe(path), in: examined, name: path)
      })
  }

  private func member(
    _ dataset: HDF5Dataset, in file: ExaminedFile, name: String
  ) -> FileContent.Member {
    FileContent.Member(
      name: name, key: dataset.isArray ? String(name.drop { $0 == "/" }) : nil
    ) { try dataset.array(in: file, format: self) }
  }

  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    try HDF5Reader(array, target)
  }

  func details(of array: StoredArray) -> [JSON.Member] {
    let index = HDF5Index(array)
    var members: [JSON.Member] = [.init("layout", .string(index.layout))]
    if !index.chunk.isEmpty {
      members.append(.init("chunks", .array(index.chunk.map { .integer($0) })))
      members.append(.init("filters", .array(index.filters.map { .string($0) })))
    }
    if index.isBigEndian { members.append(.init("byte_order", "big-endian")) }
    return members
  }
}
