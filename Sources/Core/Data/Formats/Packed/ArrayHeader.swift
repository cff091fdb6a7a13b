/// What the header of an IDX or NPY file declares, checked for arithmetic but not against the file.
struct ArrayHeader {
  let type: ScalarType
  /// Whether the most significant byte of an element comes first.
  let isBigEndian: Bool
  /// Whether the first index varies fastest (Fortran order).
  let isColumnMajor: Bool
  /// Extents, at least one; the first may be 0, others are at least 1.
  let shape: [Int]
  /// Bytes before the first element.
  let length: Int
  /// Elements in all.
  let elements: Int

  /// Bytes from the start of the header to the end of the last element.
  var totalBytes: Int { length + elements * type.size }
  var rows: Int { shape[0] }
  /// Elements of a row: further dimensions are flattened.
  var columns: Int { shape.dropFirst().reduce(1, *) }

  /// Throws `TrainerError` (bad data) for shapes without dimensions or columns, or beyond 2^62 bytes.
  init(
    type: ScalarType, isBigEndian: Bool, isColumnMajor: Bool, shape: [Int], length: Int,
    name: String
  ) throws {
    try require(
      !shape.isEmpty, .badData, "\(name) holds a single number (shape ()), not rows; save an array")
    for extent in shape {
      try require(
        extent >= 0, .badData,
        "\(name): its header declares a negative extent, \(extent); save the array again")
    }
    var elements = 1
    for extent in shape where extent > 0 {
      let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
      try require(
        !overflow && product <= 1 << 58, .badData,
        "\(name): its header declares the shape \(shape), more than any file holds; save the array again"
      )
      elements = product
    }
    try require(
      !shape.dropFirst().contains(0), .badData,
      "\(name) has no columns: its shape is \(shape); give at least one column")
    self.type = type
    self.isBigEndian = isBigEndian
    self.isColumnMajor = isColumnMajor && shape.count > 1
    self.shape = shape
    self.length = length
    self.elements = shape[0] == 0 ? 0 : elements
  }

  /// What a header that was checked before says.
  init(_ array: StoredArray, isBigEndian: Bool, length: Int) {
    type = array.type
    self.isBigEndian = isBigEndian
    isColumnMajor = array.isColumnMajor
    shape = array.shape
    self.length = length
    elements = array.rows * array.columns
  }

  /// For each column as stored in Fortran order, the column of the flattened row it belongs to, or
  /// nil where the two agree.
  ///
  /// - Complexity: O(columns · dimensions)
  func columnOrder() -> [Int]? {
    guard isColumnMajor, shape.count > 2 else { return nil }
    let extents = Array(shape.dropFirst())
    return (0..<columns).map { stored in
      var rest = stored
      var indices: [Int] = []
      for extent in extents {
        indices.append(rest % extent)
        rest /= extent
      }
      return zip(extents, indices).reduce(0) { $0 * $1.0 + $1.1 }
    }
  }
}
