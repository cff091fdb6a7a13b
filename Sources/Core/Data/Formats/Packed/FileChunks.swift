/// How one rank's rows of an uncompressed file are read: in chunks of a bounded size, the same on all ranks.
struct FileChunks {
  /// The number of chunks; 0 without rows.
  let count: Int

  private let header: ArrayHeader
  private let rows: Range<Int>
  /// Elements of a chunk of rows that follow each other.
  private let chunkElements: Int

  /// Tiles of a few columns, so that a line of the row-major copy is written while it is in cache.
  private static let tileColumns = 16

  /// - Parameter chunkBytes: what a chunk of a row-major file never exceeds; columns come in smaller tiles of
  ///   `tileColumns` runs.
  init(_ header: ArrayHeader, rows: Range<Int>, chunkBytes: Int) {
    self.header = header
    self.rows = rows
    chunkElements = chunkBytes / header.type.size
    count =
      header.isColumnMajor
      ? Self.pieces(rows.count, of: Self.tileRows(chunkElements))
        * Self.pieces(header.columns, of: Self.tileColumns)
      : Self.pieces(rows.count * header.columns, of: chunkElements)
  }

  /// The consecutive elements that make up a chunk, as their places among all that are stored.
  func runs(of chunk: Int) -> [Range<Int>] {
    guard header.isColumnMajor else {
      let first = rows.lowerBound * header.columns + chunk * chunkElements
      return [first..<min(first + chunkElements, rows.upperBound * header.columns)]
    }
    let tileRows = Self.tileRows(chunkElements)
    let (columnTile, rowTile) = chunk.quotientAndRemainder(
      dividingBy: Self.pieces(rows.count, of: tileRows))
    let firstRow = rows.lowerBound + rowTile * tileRows
    let endRow = min(firstRow + tileRows, rows.upperBound)
    let firstColumn = columnTile * Self.tileColumns
    return (firstColumn..<min(firstColumn + Self.tileColumns, header.columns)).map {
      $0 * header.rows + firstRow..<$0 * header.rows + endRow
    }
  }

  /// Rows of a tile: enough that a run is worth a system call.
  private static func tileRows(_ chunkElements: Int) -> Int { min(2048, chunkElements) }

  private static func pieces(_ whole: Int, of part: Int) -> Int { (whole + part - 1) / part }
}
