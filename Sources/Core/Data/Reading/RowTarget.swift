/// Where decoded elements go: row-major memory of one rank's rows.
enum RowTarget {
  case bytes(UnsafeMutablePointer<UInt8>)
  case floats(UnsafeMutablePointer<Float>)
  case labels(UnsafeMutablePointer<Int32>)
}

/// Which columns of a matrix an ``ArraySource`` gives.
package enum ColumnSelection: Equatable {
  case all
  /// One column, as targets.
  case only(Int)
  /// All but the one that holds the targets.
  case except(Int)

  /// The number of columns given, of a matrix with `columns`.
  package func count(of columns: Int) -> Int {
    switch self {
    case .all: columns
    case .only: 1
    case .except: columns - 1
    }
  }

  /// The place of a column among those given, or nil if it is not.
  @inline(__always)
  package func place(of column: Int) -> Int? {
    switch self {
    case .all: column
    case .only(let chosen): column == chosen ? 0 : nil
    case .except(let left): column == left ? nil : column - (column > left ? 1 : 0)
    }
  }
}
