/// What one column says of each row, as it stands in the file: names or numbers that are carried along.
package final class RowNames {
  /// What the column is called; nil where the file does not say.
  package let column: String?
  /// Of this rank's rows.
  package private(set) var values: [[UInt8]]

  init(column: String?, count: Int) {
    self.column = column
    values = Array(repeating: [], count: count)
  }

  func put(_ name: [UInt8], row: Int) { values[row] = name }

  /// A number in the shortest digits that give it back.
  func put(_ number: Double, row: Int) {
    put(Array((Int(exactly: number).map(\.description) ?? number.description).utf8), row: row)
  }
}
