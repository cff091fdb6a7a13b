/// Where the tensors of a safetensors file stand, from its header alone.
package struct TensorLayout {
  /// One tensor.
  package struct Entry {
    package let name: String
    package let type: TensorFile.ElementType
    package let shape: [Int]
    /// The bytes that it takes, from the start of the file.
    package let range: Range<Int>
  }

  /// Text by name.
  package let metadata: [String: String]
  /// The tensors, in the order of their bytes.
  package let entries: [Entry]

  /// The tensor called `name`.
  ///
  /// - Complexity: O(tensors).
  package subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// The length of the header that begins at byte 8, from the first bytes of a file.
  ///
  /// - Parameter beginning: the first 9 bytes of the file, or all of a shorter one.
  package static func headerCount(
    _ beginning: ArraySlice<UInt8>, fileSize: Int
  ) throws(TensorFileFault) -> Int {
    guard beginning.count >= 8 else {
      throw TensorFileFault("\(fileSize) bytes, shorter than the 8 that count its header")
    }
    let count = beginning.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard count <= TensorFile.headerLimit else {
      throw TensorFileFault("a header of \(count) bytes, more than \(TensorFile.headerLimit)")
    }
    guard 8 + Int(count) <= fileSize else {
      throw TensorFileFault(
        "a header of \(count) bytes in a file of \(fileSize): it is cut short")
    }
    guard count > 0, beginning[beginning.startIndex + 8] == UInt8(ascii: "{") else {
      throw TensorFileFault("byte 8 does not begin a JSON object")
    }
    return Int(count)
  }

  /// Reads a header.
  ///
  /// - Parameters:
  ///   - header: the JSON object that begins at byte 8.
  ///   - fileSize: the bytes of the whole file, which its tensors must fill.
  package init(header: [UInt8], fileSize: Int) throws(TensorFileFault) {
    let json: JSON
    do throws(JSON.ParseError) {
      json = try JSON(parsing: header, maximumDepth: 4)
    } catch {
      throw TensorFileFault("byte \(error.offset + 8) of its header: \(error.problem)")
    }
    guard let members = json.members else { throw TensorFileFault("its header is no JSON object") }
    guard members.count <= TensorFile.tensorLimit else {
      throw TensorFileFault("\(members.count) tensors, more than \(TensorFile.tensorLimit)")
    }
    let dataStart = 8 + header.count
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for member in members {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.value)
      } else {
        entries.append(try Self.entry(member.key, member.value, dataStart: dataStart))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try Self.checkContiguous(entries, dataStart: dataStart, fileSize: fileSize)
    self.metadata = metadata
    self.entries = entries
  }

  private static func metadata(_ value: JSON) throws(TensorFileFault) -> [String: String] {
    guard let members = value.members else { throw TensorFileFault("__metadata__ is no object") }
    var metadata: [String: String] = [:]
    for member in members {
      guard let text = member.value.text else {
        throw TensorFileFault("__metadata__ entry \(quoted(member.key)) is no string")
      }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ value: JSON, dataStart: Int
  ) throws(TensorFileFault) -> Entry {
    func fault(_ problem: String) -> TensorFileFault {
      TensorFileFault("tensor \(quoted(name)): \(problem)")
    }
    guard TensorFile.isName(name) else {
      throw fault("a name must have 1 to \(TensorFile.nameLimit) bytes and no control character")
    }
    guard let members = value.members else { throw fault("not described by an object") }
    for member in members where !["dtype", "shape", "data_offsets"].contains(member.key) {
      throw fault("the unknown field \(quoted(member.key))")
    }
    guard let typeName = value["dtype"]?.text else { throw fault("no dtype") }
    guard let type = TensorFile.ElementType(rawValue: typeName) else {
      let known = TensorFile.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("dtype \(quoted(typeName)) is not among \(known)")
    }
    guard let shape = naturals(value["shape"]) else {
      throw fault("its shape is no list of integers from 0")
    }
    guard let offsets = naturals(value["data_offsets"]), offsets.count == 2 else {
      throw fault("its data_offsets are not two integers from 0")
    }
    guard let byteCount = TensorFile.byteCount(type, shape) else {
      throw fault("a shape beyond the range of 64 bits")
    }
    // Both are natural, so the difference cannot overflow.
    guard offsets[1] - offsets[0] == byteCount else {
      throw fault("data_offsets \(offsets) for \(byteCount) bytes of \(typeName) \(shape)")
    }
    let (start, isTooFar) = offsets[0].addingReportingOverflow(dataStart)
    let (end, overflow) = offsets[1].addingReportingOverflow(dataStart)
    guard !isTooFar, !overflow else { throw fault("data_offsets beyond the range of 64 bits") }
    return Entry(name: name, type: type, shape: shape, range: start..<end)
  }

  /// The integers from 0 in a list. The parser takes only `0|[1-9][0-9]*` for one.
  private static func naturals(_ value: JSON?) -> [Int]? {
    guard let items = value?.items else { return nil }
    let integers = items.compactMap(\.int)
    return integers.count == items.count && integers.allSatisfy { $0 >= 0 } ? integers : nil
  }

  private static func checkContiguous(
    _ entries: [Entry], dataStart: Int, fileSize: Int
  ) throws(TensorFileFault) {
    var end = dataStart
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw TensorFileFault(
          "tensor \(quoted(entry.name)) begins at data byte \(entry.range.lowerBound - dataStart)"
            + " where \(end - dataStart) is next: tensors overlap or leave a hole")
      }
      end = entry.range.upperBound
    }
    guard end == fileSize else {
      throw TensorFileFault(
        "\(fileSize - dataStart) bytes of data where the header describes \(end - dataStart): "
          + (fileSize < end ? "it is cut short" : "something stands behind its end"))
    }
  }

  /// Text from a file, for a message.
  package static func quoted(_ text: String) -> String {
    // What a file holds may be long: a message shows its beginning.
    JSON.string(text.count > 80 ? String(text.prefix(80)) + "…" : text).compact
  }
}

/// What is wrong with a file, without its name.
package struct TensorFileFault: Error {
  package let problem: String
  package init(_ problem: String) { self.problem = problem }
}
