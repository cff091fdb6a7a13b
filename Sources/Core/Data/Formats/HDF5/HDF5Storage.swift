/// Where a data set's numbers lie in its file, and through what they go on their way.
struct HDF5Storage {
  /// The ways in which the library lays out a data set.
  enum Layout: Int32 { case compact, contiguous, chunked, virtual }

  let layout: Layout
  /// The extents of a chunk; empty for other layouts.
  let chunk: [Int]
  /// In the order in which they were applied.
  let filters: [Filter]
  /// Files beside this one that hold the numbers.
  let externalFiles: Int

  /// What chunks go through.
  struct Filter {
    let number: Int32
    /// What it is called, with its level for gzip.
    let words: String
    /// Whether the library here has it.
    let isPresent: Bool
  }

  /// Reads a data set's properties.
  init(
    _ properties: HDF5Functions.ID, rank: Int, _ library: HDF5Library
  ) throws(HDF5Failure) {
    let functions = library.functions
    let number = functions.layout(properties)
    try library.check(number)
    guard let layout = Layout(rawValue: number) else {
      throw HDF5Failure(reason: "an unknown layout")
    }
    self.layout = layout
    let count = functions.externalFileCount(properties)
    try library.check(count)
    externalFiles = Int(count)
    guard layout == .chunked else {
      (chunk, filters) = ([], [])
      return
    }
    var extents = [UInt64](repeating: 0, count: rank)
    try library.check(functions.chunk(properties, Int32(rank), &extents))
    guard extents.allSatisfy({ (1...UInt64(UInt32.max)).contains($0) }) else {
      throw HDF5Failure(reason: "chunks of \(extents)")
    }
    chunk = extents.map { Int($0) }
    let filterCount = functions.filterCount(properties)
    try library.check(filterCount)
    var filters: [Filter] = []
    for index in 0..<UInt32(filterCount) {
      filters.append(try Filter(index, of: properties, library))
    }
    self.filters = filters
  }
}

extension HDF5Storage.Filter {
  /// The filters that come with the library.
  private static let known: [Int32: String] = [
    1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset",
  ]

  fileprivate init(
    _ index: UInt32, of properties: HDF5Functions.ID, _ library: HDF5Library
  ) throws(HDF5Failure) {
    let functions = library.functions
    var flags: UInt32 = 0
    var parameters = [UInt32](repeating: 0, count: 8)
    var count = parameters.count
    var name = [CChar](repeating: 0, count: 128)
    number = functions.filter(
      properties, index, &flags, &count, &parameters, name.count - 1, &name, nil)
    try library.check(number)
    let title = Self.known[number] ?? String(system: name).printable
    let level = number == 1 && count == 1 ? " \(parameters[0])" : ""
    words = (title.isEmpty ? "filter \(number)" : title) + level
    isPresent = functions.hasFilter(number) > 0
  }
}
