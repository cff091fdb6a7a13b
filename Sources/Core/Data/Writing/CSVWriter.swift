import DTrainBase

/// Writes rows of numbers as text: commas between columns, a line a row, floats in the shortest digits
/// that give back the same binary32.
///
/// The file appears under its name only when ``finish()`` has been called.
public final class CSVWriter {
  private let file: AtomicFile
  private let columns: Int

  /// Begins a file of the given number of columns, with a line of names where they are given.
  ///
  /// Throws `TrainerError` (input/output) where it cannot be made.
  public init(path: String, columns: Int, names: [String] = []) throws {
    precondition(columns > 0 && (names.isEmpty || names.count == columns), "\(columns) columns")
    self.columns = columns
    file = try AtomicFile(path: path)
    if !names.isEmpty { try file.append((names.joined(separator: ",") + "\n").utf8) }
  }

  /// Appends whole rows, `[rows, columns]` in row-major order.
  public func append(_ values: [Float]) throws { try append(texts: values) }

  /// Appends whole rows of integers, `[rows, columns]` in row-major order.
  public func append(_ values: [Int32]) throws { try append(texts: values) }

  private func append(texts values: [some CustomStringConvertible]) throws {
    precondition(values.count % columns == 0, "rows of \(columns) columns")
    for (index, value) in values.enumerated() {
      try file.append((value.description + ((index + 1) % columns == 0 ? "\n" : ",")).utf8)
    }
  }

  /// Completes the file.
  public func finish() throws { try file.commit() }
}
