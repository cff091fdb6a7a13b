extension RowBlock {
  /// Calls `body` with each row's local number and its values as floats.
  package func forEachRow(_ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
    switch element {
    case .float32:
      let values = base.assumingMemoryBound(to: Float.self)
      for row in 0..<count {
        Progress.beat()
        body(row, UnsafeBufferPointer(start: values + row * columns, count: columns))
      }
    case .uint8:
      let bytes = base.assumingMemoryBound(to: UInt8.self)
      var values = [Float](repeating: 0, count: columns)
      for row in 0..<count {
        Progress.beat()
        for column in 0..<columns { values[column] = Float(bytes[row * columns + column]) }
        values.withUnsafeBufferPointer { body(row, $0) }
      }
    }
  }

  /// Copies a local row as floats; a number that is 0 without its sign, so that it is the same wherever it has been.
  package func copyRow(_ row: Int, to values: inout [Float], at offset: Int) {
    switch element {
    case .float32:
      let source = base.assumingMemoryBound(to: Float.self) + row * columns
      for column in 0..<columns { values[offset + column] = source[column] + 0 }
    case .uint8:
      let source = base.assumingMemoryBound(to: UInt8.self) + row * columns
      for column in 0..<columns { values[offset + column] = Float(source[column]) }
    }
  }
}
