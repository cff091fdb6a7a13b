/// Writes rows of numbers as text: commas between columns, a line a row, floats in the shortest digits
/// that give back the same binary32.
package final class CSVWriter: ArrayWriter {
  package static let ending = ".csv"

  private let file: AtomicFile
  private let columns: Int

  package init(path: String, shape: [Int], element: WrittenElement) throws {
    columns = shape.dropFirst().reduce(1, *)
    precondition(columns > 0, "shape \(shape)")
    file = try AtomicFile(path: path)
  }

  package func append(_ values: [Float]) throws { try append(texts: values) }

  package func append(_ values: [Int32]) throws { try append(texts: values) }

  private func append(texts values: [some CustomStringConvertible]) throws {
    precondition(values.count % columns == 0, "rows of \(columns) columns")
    for (index, value) in values.enumerated() {
      try file.append((value.description + ((index + 1) % columns == 0 ? "\n" : ",")).utf8)
    }
  }

  package func finish() throws { try file.commit() }
}
