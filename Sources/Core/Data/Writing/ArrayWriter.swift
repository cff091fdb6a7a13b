/// Writes one array of numbers, `[rows]` or `[rows, columns]`, in pieces. The file appears under its name only when
/// ``finish()`` has been called.
///
/// To add a format of output, write `Writing/NAMEWriter.swift` with a class that conforms, and add a line to
/// ``ArrayWriters/all``.
public protocol ArrayWriter: AnyObject {
  /// How the names of its files end: `.npy`, …
  static var ending: String { get }

  /// Begins a file of the given shape, whose extents are at least 0.
  ///
  /// - Parameters:
  ///   - columns: their names, and whether rows are numbered, for formats that can say so.
  ///   - isDurable: whether the file is on the disk when ``finish()`` returns.
  /// - Throws: `TrainerError` (input/output) where it cannot be made.
  init(
    path: String, shape: [Int], element: WrittenElement, columns: WrittenColumns, isDurable: Bool
  ) throws

  /// Appends elements in row-major order, whole rows of them, to a file of ``WrittenElement/float32``.
  func append(_ values: [Float]) throws
  /// Appends elements in row-major order, whole rows of them, to a file of ``WrittenElement/float64``.
  func append(_ values: [Double]) throws
  /// Appends elements in row-major order, whole rows of them, to a file of ``WrittenElement/int32``.
  func append(_ values: [Int32]) throws
  /// Names the rows that are appended next, where ``WrittenColumns/rowNames`` says that they have names.
  func name(rows: [[UInt8]])
  /// Completes the file; all elements of the shape must have been appended.
  func finish() throws
}

/// A writer of files in which every element has its place, so that several processes can write at once, each a part.
package protocol PlacedArrayWriter: ArrayWriter {
  /// Where in the file the next element begins, for others to write it and all that follow, in the order of their bytes in
  /// memory. Afterwards nothing may be appended.
  func place() throws -> (file: FilePlaces.Address, start: Int)
}

extension ArrayWriter {
  /// Matrices of numbers have no names.
  public func name(rows: [[UInt8]]) {}
}

/// What a table says beside its numbers.
public struct WrittenColumns: Sendable {
  /// A name for each column, in the first line.
  public let names: [String]
  /// Texts to write instead of whole numbers from 0; none for the numbers themselves.
  public let texts: [String]
  /// Whether a column before them, `row`, counts the rows from 0.
  public let numbersRows: Bool
  /// What a column before them, that names the rows, is called; nil for none.
  public let rowNames: String?

  /// A table with the given names.
  public init(
    _ names: [String], texts: [String] = [], numbersRows: Bool = false, rowNames: String? = nil
  ) {
    self.names = names
    self.texts = texts
    self.numbersRows = numbersRows
    self.rowNames = rowNames
  }

  /// Columns of one kind: `name`, or where there are several `name_0`, `name_1`, … or `name_CLASS`.
  public static func numbered(
    _ name: String, _ count: Int, isVector: Bool = false, classes: [String] = []
  ) -> [String] {
    isVector
      ? [name]
      : (0..<count).map { "\(name)_\(classes.count == count ? classes[$0] : String($0))" }
  }
}

/// The type of numbers that are written.
public enum WrittenElement: Sendable {
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary64.
  case float64
  /// Signed integers of 32 bits.
  case int32
}

/// The formats of output.
public enum ArrayWriters {
  /// A writer for each of them.
  public static var all: [any ArrayWriter.Type] { [NPYWriter.self, CSVWriter.self] }

  /// How files may be called, for messages: `FILE.npy or FILE.csv`.
  public static func names(_ stem: String = "") -> String {
    all.map { stem + $0.ending }.joined(separator: " or ")
  }

  /// The writer for a file of that name, by its ending; nil where there is none.
  public static func type(for path: String) -> (any ArrayWriter.Type)? {
    path == ByteSink.standardOutputName
      ? CSVWriter.self : all.first { path.hasSuffix($0.ending) }
  }
}
