/// NPY: one array, in its own type.
struct NPYForm: ConvertedForm {
  let endings = [".npy"]
  let isOneArray = true
  let holdsTests = false

  func files(of data: ConvertedData) throws -> [ConvertedFile] {
    try data.checkNumbers()
    return data.oneArrayEach { path, array in
      ConvertedFile(
        path: path, sections: [Self.section(array, isLabels: path == data.labelsPath)])
    }
  }

  /// The bytes of an NPY file.
  ///
  /// - Parameter isLabels: whether the array holds labels. Where these are texts, a missing one has no number.
  static func section(_ array: ArraySource, isLabels: Bool) -> ConvertedFile.Section {
    ConvertedFile.Section(
      head: NPYWriter.header(type: array.type.numpyCode, shape: array.writtenShape),
      arrays: [array], finite: isLabels && !array.texts.isEmpty ? [0] : []
    ) { rows, _ in rows[0].bytes(isBigEndian: false) }
  }
}

/// IDX: one array of the types that it has, most significant byte first.
struct IDXForm: ConvertedForm {
  let endings = IDXFormat().endings
  let isOneArray = true
  let holdsTests = false

  func files(of data: ConvertedData) throws -> [ConvertedFile] {
    try data.checkNumbers()
    return try data.oneArrayEach { path, array in
      guard let code = IDXFormat.code(of: array.type) else {
        throw TrainerError(
          .usage,
          "\(parameter: "to") \(path.printable): IDX has no \(array.type) as \(array.name) has; convert it to NPY"
        )
      }
      try require(
        array.writtenShape.allSatisfy { $0 <= Int(UInt32.max) } && array.writtenShape.count < 256,
        .usage,
        "\(parameter: "to") \(path.printable): IDX has no place for the shape \(array.shape); convert it to NPY"
      )
      let extents = array.writtenShape.flatMap { extent in
        withUnsafeBytes(of: UInt32(extent).bigEndian) { Array($0) }
      }
      let section = ConvertedFile.Section(
        head: [0, 0, code, UInt8(array.writtenShape.count)] + extents, arrays: [array],
        finite: path == data.labelsPath && !array.texts.isEmpty ? [0] : []
      ) { rows, _ in rows[0].bytes(isBigEndian: true) }
      return ConvertedFile(path: path, sections: [section])
    }
  }
}

extension ConvertedData {
  /// A file for the rows and one for the labels, if there are some.
  fileprivate func oneArrayEach(
    _ file: (String, ArraySource) throws -> ConvertedFile
  ) rethrows -> [ConvertedFile] {
    [try file(path, rows)] + (try labels.map { [try file(labelsPath, $0)] } ?? [])
  }
}

extension ArraySource {
  /// The shape, where one column of a matrix is a vector.
  fileprivate var writtenShape: [Int] {
    columns == 1 && !plan.isWhole(of: arrays[0].columns) ? [rows] : shape
  }
}

extension ScalarType {
  /// The type as NumPy spells it in headers.
  fileprivate var numpyCode: String {
    switch self {
    case .bool: "|b1"
    case .uint8: "|u1"
    case .int8: "|i1"
    case .uint16: "<u2"
    case .int16: "<i2"
    case .uint32: "<u4"
    case .int32: "<i4"
    case .uint64: "<u8"
    case .int64: "<i8"
    case .float16: "<f2"
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }
}
