/// Writes rows of numbers as text: a line of column names, then a line a row, commas between columns, floats in the
/// shortest digits that give back the same number.
package final class CSVWriter: ArrayWriter {
  package static let ending = ".csv"

  private let file: ByteSink
  private let columns: Int
  /// The number of the next row; nil where rows are not numbered.
  private var row: Int?
  private let texts: [String]
  /// What the rows that are appended next are called; empty where they have no names.
  private var names: ArraySlice<[UInt8]> = []

  package init(
    path: String, shape: [Int], element: WrittenElement, columns names: WrittenColumns,
    isDurable: Bool = true
  ) throws {
    columns = shape.dropFirst().reduce(1, *)
    precondition(columns > 0 && names.names.count == columns, "shape \(shape), \(names.names)")
    row = names.numbersRows ? 0 : nil
    texts = names.texts.map(Self.quoted)
    file = try ByteSink(path: path, isDurable: isDurable)
    let header =
      (names.numbersRows ? ["row"] : [])
      + ((names.rowNames.map { [$0] } ?? []) + names.names).map(Self.quoted)
    try file.append((header.joined(separator: ",") + "\n").utf8)
  }

  package func name(rows: [[UInt8]]) { names = rows[...] }

  package func append(_ values: [Float]) throws { try append(texts: values) }

  package func append(_ values: [Double]) throws { try append(texts: values) }

  package func append(_ values: [Int32]) throws {
    if texts.isEmpty {
      try append(texts: values)
    } else {
      try append(texts: values.map { texts[Int($0)] })
    }
  }

  /// A field as a table has it: in quotes where it would be another one without.
  private static func quoted(_ text: String) -> String {
    let isPlain =
      !text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) } && text.first != " "
      && text.last != " " && text.first != "#"
    return isPlain
      ? text
      : "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }

  private func append(texts values: [some CustomStringConvertible]) throws {
    precondition(values.count % columns == 0, "rows of \(columns) columns")
    for (index, value) in values.enumerated() {
      if let row, index % columns == 0 {
        try file.append("\(row),".utf8)
        self.row = row + 1
      }
      if index % columns == 0, let name = names.popFirst() {
        try file.append((Self.quoted(String(decoding: name, as: UTF8.self)) + ",").utf8)
      }
      try file.append((value.description + ((index + 1) % columns == 0 ? "\n" : ",")).utf8)
    }
  }

  package func finish() throws { try file.commit() }
}
