import Glibc

/// Consecutive rows of a matrix, as one rank keeps them: row-major, without padding between rows.
///
/// The memory is freed with the last reference. It is written while the block is being read from its files, and by a
/// clustering that takes rows by their directions, and never afterwards.
public final class RowBlock {
  /// Which rows of the whole matrix these are; may be empty.
  public let rows: Range<Int>
  /// Elements of a row, at least 1; also the distance from one row to the next.
  public let columns: Int
  /// The type of the elements.
  public let element: StoredElement
  /// The first row, on a multiple of 64 bytes: `UInt8` or `Float` elements, as ``element`` says.
  public var base: UnsafeRawPointer { UnsafeRawPointer(memory) }
  /// What was subtracted from each column in Double, before its numbers were rounded: `[columns]`, or empty for nothing;
  /// see ``ColumnOffsets``.
  public package(set) var offsets: [Double] = []
  /// A column of which rounding to float32 made many numbers equal that were not.
  package var merged: MergedNumbers?
  /// The number of rows.
  public var count: Int { rows.count }
  /// Bytes of one row.
  public var rowBytes: Int { columns * element.size }

  package let memory: UnsafeMutableRawPointer

  /// Reserves memory for rows, without touching it: pages that are never written cost nothing.
  ///
  /// Throws `TrainerError(.inputOutput)` when there is not enough memory.
  package init(rows: Range<Int>, columns: Int, element: StoredElement, name: String) throws {
    let (elements, tooMany) = rows.count.multipliedReportingOverflow(by: columns)
    let (bytes, tooLong) = elements.multipliedReportingOverflow(by: element.size)
    let memory = try Memory.reserve(
      tooMany || tooLong ? nil : bytes, alignment: LargePages.alignment(of: bytes),
      for: "this rank's \(rows.count) rows of \(columns) \(element) columns of \(name)")
    LargePages.advise(memory, bytes: bytes)
    self.rows = rows
    self.columns = columns
    self.element = element
    self.memory = memory
  }

  /// Copies rows that a program made itself.
  ///
  /// - Parameters:
  ///   - values: `[rows, columns]`, row-major; its count is a multiple of `columns`.
  ///   - firstRow: the place of the first row in the whole matrix.
  public convenience init(copying values: [Float], columns: Int, firstRow: Int = 0) throws {
    try self.init(copying: values, columns: columns, firstRow: firstRow, element: .float32)
  }

  /// Copies rows of bytes that a program made itself; see ``init(copying:columns:firstRow:)``.
  public convenience init(copying values: [UInt8], columns: Int, firstRow: Int = 0) throws {
    try self.init(copying: values, columns: columns, firstRow: firstRow, element: .uint8)
  }

  private convenience init<T: BitwiseCopyable>(
    copying values: [T], columns: Int, firstRow: Int, element: StoredElement
  ) throws {
    precondition(columns > 0 && values.count % columns == 0, "rows of \(columns) columns")
    let rows = firstRow..<firstRow + values.count / columns
    try self.init(rows: rows, columns: columns, element: element, name: "rows in memory")
    values.withUnsafeBytes { bytes in
      if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: bytes.count) }
    }
  }

  deinit { Glibc.free(memory) }
}
