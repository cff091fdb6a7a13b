import Glibc

/// The functions of libhdf5 that are called, by their names there; each is looked up when the library is loaded.
///
/// Since version 1.10 identifiers and extents have 64 bits. A negative result is a failure, which ``HDF5Library/reason()``
/// explains.
struct HDF5Functions: Sendable {
  /// What the library calls `hid_t`.
  typealias ID = Int64
  /// Closes what an identifier stands for.
  typealias Close = @Sendable @convention(c) (ID) -> Int32
  /// Asks for a number that is not negative.
  typealias Ask = @Sendable @convention(c) (ID) -> Int32
  /// Gives an identifier that belongs to another.
  typealias Open = @Sendable @convention(c) (ID) -> ID
  typealias OpenByName = @Sendable @convention(c) (ID, UnsafePointer<CChar>, ID) -> ID
  /// Called for each error, the innermost first: its place, the error, what the caller passed on.
  typealias ErrorVisitor =
    @convention(c) (UInt32, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
  /// Called for each link of a group: the group, the name, what kind of link it is, what the caller passed on.
  typealias LinkVisitor =
    @convention(c) (ID, UnsafePointer<CChar>?, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32

  let setErrorPrinting:
    @Sendable @convention(c) (ID, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
  let walkErrors:
    @Sendable @convention(c) (ID, Int32, ErrorVisitor, UnsafeMutableRawPointer?) -> Int32
  let clearErrors: Ask
  let free: @Sendable @convention(c) (UnsafeMutableRawPointer?) -> Int32

  // Property lists.
  let createList: Open
  let closeList: Close
  /// nil in libraries that know no locking or no switch for it.
  let setFileLocking: (@Sendable @convention(c) (ID, Bool, Bool) -> Int32)?
  /// Reads files through the C library's streams.
  let useStreams: Ask
  let setChunkCache: @Sendable @convention(c) (ID, Int, Int, Double) -> Int32
  let layout: Ask
  let chunk: @Sendable @convention(c) (ID, Int32, UnsafeMutablePointer<UInt64>?) -> Int32
  let filterCount: Ask
  let filter:
    @Sendable @convention(c) (
      ID, UInt32, UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<Int>?,
      UnsafeMutablePointer<UInt32>?, Int, UnsafeMutablePointer<CChar>?,
      UnsafeMutablePointer<UInt32>?
    ) -> Int32
  let hasFilter: @Sendable @convention(c) (Int32) -> Int32
  let externalFileCount: Ask

  // Files, groups and objects.
  let openFile: @Sendable @convention(c) (UnsafePointer<CChar>, UInt32, ID) -> ID
  let closeFile: Close
  let fileName: @Sendable @convention(c) (ID, UnsafeMutablePointer<CChar>?, Int) -> Int
  let openObject: OpenByName
  let closeObject: Close
  let objectType: Ask
  let iterateLinks:
    @Sendable @convention(c) (
      ID, Int32, Int32, UnsafeMutablePointer<UInt64>?, LinkVisitor, UnsafeMutableRawPointer?
    ) -> Int32
  /// Gives at byte 8 an object's place in its file: an address before 1.12, a token since.
  let objectInfo: @Sendable (ID, UnsafeMutableRawPointer) -> Int32

  // Data sets and spaces.
  let openDataset: OpenByName
  let closeDataset: Close
  let datasetType: Open
  let datasetSpace: Open
  let datasetProperties: Open
  let read: @Sendable @convention(c) (ID, ID, ID, ID, ID, UnsafeMutableRawPointer?) -> Int32
  let closeSpace: Close
  let spaceClass: Ask
  let rank: Ask
  let extents:
    @Sendable @convention(c) (
      ID, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?
    ) -> Int32
  let createSpace:
    @Sendable @convention(c) (Int32, UnsafePointer<UInt64>?, UnsafePointer<UInt64>?) -> ID
  let select:
    @Sendable @convention(c) (
      ID, Int32, UnsafePointer<UInt64>?, UnsafePointer<UInt64>?, UnsafePointer<UInt64>?,
      UnsafePointer<UInt64>?
    ) -> Int32

  // Types.
  let closeType: Close
  let typeClass: Ask
  let typeSize: @Sendable @convention(c) (ID) -> Int
  let order: Ask
  let precision: @Sendable @convention(c) (ID) -> Int
  let bitOffset: Ask
  let sign: Ask
  let floatFields:
    @Sendable @convention(c) (
      ID, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?,
      UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?
    ) -> Int32
  let exponentBias: @Sendable @convention(c) (ID) -> Int
  let memberCount: Ask
  let memberName: @Sendable @convention(c) (ID, UInt32) -> UnsafeMutablePointer<CChar>?
  let memberValue: @Sendable @convention(c) (ID, UInt32, UnsafeMutableRawPointer?) -> Int32
  let baseType: Open
  let isVariableText: Ask

  /// Looks up all functions in a loaded library.
  ///
  /// - Throws: ``Missing`` for a library that lacks one.
  init(in library: LoadedLibrary) throws(Missing) {
    func optional<F>(_ name: String, as type: F.Type = F.self) -> F? {
      library.symbol(name).map { unsafeBitCast($0, to: type) }
    }
    func find<F>(_ names: String...) throws(Missing) -> F {
      for name in names { if let found: F = optional(name) { return found } }
      throw Missing(name: names[0])
    }
    setErrorPrinting = try find("H5Eset_auto2")
    walkErrors = try find("H5Ewalk2")
    clearErrors = try find("H5Eclear2")
    free = try find("H5free_memory")
    createList = try find("H5Pcreate")
    closeList = try find("H5Pclose")
    setFileLocking = optional("H5Pset_file_locking")
    useStreams = try find("H5Pset_fapl_stdio")
    setChunkCache = try find("H5Pset_chunk_cache")
    layout = try find("H5Pget_layout")
    chunk = try find("H5Pget_chunk")
    filterCount = try find("H5Pget_nfilters")
    filter = try find("H5Pget_filter2")
    hasFilter = try find("H5Zfilter_avail")
    externalFileCount = try find("H5Pget_external_count")
    openFile = try find("H5Fopen")
    closeFile = try find("H5Fclose")
    fileName = try find("H5Fget_name")
    openObject = try find("H5Oopen")
    closeObject = try find("H5Oclose")
    objectType = try find("H5Iget_type")
    iterateLinks = try find("H5Literate2", "H5Literate")
    typealias Info = @Sendable @convention(c) (ID, UnsafeMutableRawPointer) -> Int32
    typealias InfoOfFields =
      @Sendable @convention(c) (ID, UnsafeMutableRawPointer, UInt32) -> Int32
    if let info: InfoOfFields = optional("H5Oget_info3") ?? optional("H5Oget_info2") {
      let basic: UInt32 = 1
      objectInfo = { info($0, $1, basic) }
    } else {
      let info: Info = try find("H5Oget_info")
      objectInfo = { info($0, $1) }
    }
    openDataset = try find("H5Dopen2")
    closeDataset = try find("H5Dclose")
    datasetType = try find("H5Dget_type")
    datasetSpace = try find("H5Dget_space")
    datasetProperties = try find("H5Dget_create_plist")
    read = try find("H5Dread")
    closeSpace = try find("H5Sclose")
    spaceClass = try find("H5Sget_simple_extent_type")
    rank = try find("H5Sget_simple_extent_ndims")
    extents = try find("H5Sget_simple_extent_dims")
    createSpace = try find("H5Screate_simple")
    select = try find("H5Sselect_hyperslab")
    closeType = try find("H5Tclose")
    typeClass = try find("H5Tget_class")
    typeSize = try find("H5Tget_size")
    order = try find("H5Tget_order")
    precision = try find("H5Tget_precision")
    bitOffset = try find("H5Tget_offset")
    sign = try find("H5Tget_sign")
    floatFields = try find("H5Tget_fields")
    exponentBias = try find("H5Tget_ebias")
    memberCount = try find("H5Tget_nmembers")
    memberName = try find("H5Tget_member_name")
    memberValue = try find("H5Tget_member_value")
    baseType = try find("H5Tget_super")
    isVariableText = try find("H5Tis_variable_str")
  }

  /// A function that a library lacks.
  struct Missing: Error {
    let name: String
  }
}
