import Glibc

/// Reads own rows of a data set through the library, whatever other ranks do.
final class HDF5Reader: RowReader {
  private let array: StoredArray
  private let index: HDF5Index
  private var own: Own?
  /// Elements that were read.
  private var elements = 0

  /// What a rank with rows keeps open.
  private struct Own {
    let target: RowTarget
    let file: HDF5File
    let dataset, type, space: HDF5Object
    var tiles: HDF5Tiles
    /// Memory for boxes that do not fit a piece, since a chunk does not; nil otherwise.
    let large: UnsafeMutableRawBufferPointer?
  }

  init(_ array: StoredArray, _ target: RowTarget?) throws {
    self.array = array
    index = HDF5Index(array)
    own = try target.map { try open(for: $0) }
  }

  deinit { free(own?.large?.baseAddress) }

  private func open(for target: RowTarget) throws -> Own {
    // Checks that it is the file that rank 0 has seen.
    _ = try array.open()
    let file = try HDF5File(path: array.path)
    let (library, functions) = (file.library, file.library.functions)
    let dataset, type, space: HDF5Object
    do throws(HDF5Failure) {
      let access = try HDF5Object(
        functions.createList(library.datasetAccess), functions.closeList, library)
      // No chunk is read twice; to keep one would only cost memory.
      try library.check(functions.setChunkCache(access.id, 1, 0, 1))
      dataset = try file.open(array.member, access.id)
      type = try HDF5Object(functions.datasetType(dataset.id), functions.closeType, library)
      space = try HDF5Object(functions.datasetSpace(dataset.id), functions.closeSpace, library)
    } catch {
      throw failure("it cannot be opened", error)
    }
    var extents = [UInt64](repeating: 0, count: array.shape.count)
    try require(
      functions.rank(space.id) == extents.count && functions.extents(space.id, &extents, nil) >= 0
        && extents.elementsEqual(array.shape.map { UInt64($0) })
        && functions.typeSize(type.id) == array.type.size, .badData,
      "\(array.name) is another dataset here than when it was examined; every node must see the same, finished file"
    )
    let pieceElements = ArrayReading.pieceBytes / array.type.size
    let tiles = HDF5Tiles(
      shape: array.shape, chunk: index.chunk, rows: target.rows, elements: pieceElements)
    var large: UnsafeMutableRawBufferPointer?
    if tiles.largest > pieceElements {
      let (bytes, isTooMany) = tiles.largest.multipliedReportingOverflow(by: array.type.size)
      large = UnsafeMutableRawBufferPointer(
        start: try Memory.reserve(
          isTooMany ? nil : bytes, alignment: 64, for: "a chunk (\(index.chunk)) of \(array.name)"),
        count: bytes)
    }
    return Own(
      target: target, file: file, dataset: dataset, type: type, space: space, tiles: tiles,
      large: large)
  }

  var fraction: Double {
    own.map { Double(elements) / Double($0.target.rows.count * array.columns) } ?? 1
  }

  func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard own?.target.fault == nil, let box = own?.tiles.next(), let own else { return false }
    let size = array.type.size
    let memory = UnsafeMutableRawBufferPointer(
      rebasing: (own.large ?? buffer)[..<(box.elements * size)])
    try read(box, of: own, into: memory)
    var place = 0
    for (row, column, count) in own.tiles.runs(of: box) {
      own.target.put(
        UnsafeMutableRawBufferPointer(rebasing: memory[place..<place + count * size]),
        of: array.type, isBigEndian: index.isBigEndian, row: row, column: column)
      place += count * size
    }
    elements += box.elements
    return true
  }

  /// Reads elements as they are stored: the library converts nothing where the type in memory is that in the file.
  private func read(
    _ box: HDF5Tiles.Box, of own: Own, into memory: UnsafeMutableRawBufferPointer
  ) throws {
    let (library, functions) = (own.file.library, own.file.library.functions)
    let replacing: Int32 = 0
    let (start, count) = (box.start.map { UInt64($0) }, box.count.map { UInt64($0) })
    do throws(HDF5Failure) {
      try library.check(functions.select(own.space.id, replacing, start, nil, count, nil))
      // Memory has the dimensions of the box: the library maps others element by element.
      let space = try HDF5Object(
        functions.createSpace(Int32(count.count), count, nil), functions.closeSpace, library)
      try library.check(
        functions.read(
          own.dataset.id, own.type.id, space.id, own.space.id, 0, memory.baseAddress))
    } catch {
      let last = box.start[0] + box.count[0] - 1
      throw failure("rows \(box.start[0]) to \(last) cannot be read", error)
    }
  }

  private func failure(_ what: String, _ failure: HDF5Failure) -> TrainerError {
    TrainerError(
      .badData,
      "\(array.name): \(what): \(failure.reason); the file is damaged or cut off: copy or write it again"
    )
  }
}
