/// What an HDF5 file says of one data set.
struct HDF5Dataset {
  /// The data set's path in the file.
  let member: String
  /// The data set in a message.
  private let name: String
  private let numbers: Result<HDF5NumberType, HDF5NumberType.Other>
  /// The extents; none for a single element, nil for a data set of no elements at all.
  private let shape: [Int]?
  private let storage: HDF5Storage

  /// Asks for all that is said of a data set.
  ///
  /// - Throws: `TrainerError` (bad data) where its description is damaged.
  init(_ member: String, in file: HDF5File) throws(TrainerError) {
    self.member = member
    let name = "\(file.name) ('\(member.printable)')"
    self.name = name
    let (library, functions) = (file.library, file.library.functions)
    do throws(HDF5Failure) {
      let dataset = try file.open(member)
      let type = try HDF5Object(functions.datasetType(dataset.id), functions.closeType, library)
      let space = try HDF5Object(functions.datasetSpace(dataset.id), functions.closeSpace, library)
      let properties = try HDF5Object(
        functions.datasetProperties(dataset.id), functions.closeList, library)
      numbers = Result { () throws(HDF5NumberType.Other) in
        try HDF5NumberType(type.id, functions)
      }
      shape = try Self.shape(of: space.id, library)
      storage = try HDF5Storage(properties.id, rank: shape?.count ?? 0, library)
    } catch {
      throw file.damaged(member, error)
    }
  }

  /// The extents of a space; nil for one of no elements.
  private static func shape(
    of space: HDF5Functions.ID, _ library: HDF5Library
  ) throws(HDF5Failure) -> [Int]? {
    let null: Int32 = 2
    if library.functions.spaceClass(space) == null { return nil }
    let rank = library.functions.rank(space)
    try library.check(rank)
    var extents = [UInt64](repeating: 0, count: Int(rank))
    try library.check(library.functions.extents(space, &extents, nil))
    let shape = extents.compactMap { Int(exactly: $0) }
    guard shape.count == rank else { throw HDF5Failure(reason: "an extent beyond 63 bits") }
    return shape
  }

  /// Whether it holds numbers in one dimension or more.
  var isArray: Bool { (try? numbers.get()) != nil && shape?.isEmpty == false }

  /// Describes the data set for a run.
  ///
  /// - Throws: `TrainerError` (bad data) for one that no run can use.
  func array(in file: ExaminedFile, format: any ArrayFormat) throws -> StoredArray {
    let numbers: HDF5NumberType
    do throws(HDF5NumberType.Other) { numbers = try self.numbers.get() } catch {
      throw TrainerError(
        .badData,
        "\(name) holds \(error.words); only real numbers and truth values can be read: write "
          + "array.astype('float32')")
    }
    guard let shape else {
      throw TrainerError(
        .badData, "\(name) has no elements (a null dataspace); give at least one row")
    }
    let header = try ArrayHeader(
      type: numbers.type, isBigEndian: numbers.isBigEndian, isColumnMajor: false, shape: shape,
      length: 0, name: name)
    try require(
      storage.layout != .virtual && storage.externalFiles == 0, .badData,
      "\(name): its numbers lie in other files; name the datasets of those, or copy it as a whole (h5py: "
        + "g['copy'] = f['\(member.printable)'][:])")
    if let filter = storage.filters.first(where: { !$0.isPresent }) {
      throw TrainerError(
        .badData,
        "\(name) went through the filter \(filter.words) (number \(filter.number)), which libhdf5 here does not have; "
          + "name the directory of its plugin with HDF5_PLUGIN_PATH, or write the dataset with gzip"
      )
    }
    // A file may declare numbers that were never written, which take no room in it. Where it declares this many, it is
    // damaged.
    try require(
      header.totalBytes <= Self.mostUnwrittenBytes
        || header.totalBytes / InflateStream.largestRatio <= file.file.size, .badData,
      "\(name) declares the shape \(shape), more than the \(file.file.size) bytes of the file can hold; copy or download it "
        + "again, or write all its rows")
    let index = HDF5Index(
      isBigEndian: numbers.isBigEndian, layout: "\(storage.layout)", chunk: storage.chunk,
      filters: storage.filters.map(\.words))
    return StoredArray(
      in: file, member: member, format: format, type: numbers.type, shape: shape,
      index: index.bytes)
  }

  /// What a data set may declare, however small its file.
  private static let mostUnwrittenBytes = 1 << 30
}

/// What every rank needs to know of a data set beside the description of its array, or shows of it.
struct HDF5Index {
  let isBigEndian: Bool
  let layout: String
  /// The extents of a chunk; empty where numbers follow each other.
  let chunk: [Int]
  let filters: [String]

  init(isBigEndian: Bool, layout: String, chunk: [Int], filters: [String]) {
    self.isBigEndian = isBigEndian
    self.layout = layout
    self.chunk = chunk
    self.filters = filters
  }

  /// What ``bytes`` says.
  init(_ array: StoredArray) {
    var unpacker = WireUnpacker(array.index)
    isBigEndian = unpacker.integer() == 1
    layout = unpacker.string()
    chunk = unpacker.array { $0.integer() }
    filters = unpacker.array { $0.string() }
  }

  var bytes: [UInt8] {
    var packer = WirePacker()
    packer.pack(isBigEndian ? 1 : 0)
    packer.pack(layout)
    packer.pack(chunk) { $0.pack($1) }
    packer.pack(filters) { $0.pack($1) }
    return packer.bytes
  }
}
