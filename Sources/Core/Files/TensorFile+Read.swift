extension TensorFile {
  /// Reads the safetensors file at `path`.
  ///
  /// - Throws: `TrainerError(.badData)` as `decode(_:name:)`, or where it cannot be read.
  public static func read(path: String) throws(TrainerError) -> TensorFile {
    try decode(try FileContents.read(path), name: path)
  }

  /// The content of a safetensors file, strictly: a header of at most 1 MiB without duplicate names,
  /// at most 65,536 tensors of known types whose bytes follow each other without holes from the header
  /// to the end of the file, and no float that is not finite.
  ///
  /// - Parameter name: the file, as it is called in messages.
  /// - Throws: `TrainerError(.badData)` that names the file and what is wrong in it.
  /// - Complexity: O(bytes).
  public static func decode(_ bytes: [UInt8], name: String) throws(TrainerError) -> TensorFile {
    do throws(TensorFileFault) {
      return try TensorFileReader(bytes: bytes).file()
    } catch {
      throw TrainerError(
        .badData,
        "\(name) is no usable safetensors file: \(error.problem); copy or write the file again")
    }
  }
}

/// What is wrong with a file, without its name.
private struct TensorFileFault: Error {
  let problem: String
  init(_ problem: String) { self.problem = problem }
}

private struct TensorFileReader {
  let bytes: [UInt8]

  /// Where a tensor's bytes stand, relative to the end of the header.
  struct Entry {
    let name: String
    let type: TensorFile.ElementType
    let shape: [Int]
    let range: Range<Int>
  }

  func file() throws(TensorFileFault) -> TensorFile {
    let (header, dataStart) = try header()
    guard let members = header.members else {
      throw TensorFileFault("its header is no JSON object")
    }
    guard members.count <= TensorFile.tensorLimit else {
      throw TensorFileFault("\(members.count) tensors, more than \(TensorFile.tensorLimit)")
    }
    var file = TensorFile()
    var entries: [Entry] = []
    for member in members {
      if member.key == "__metadata__" {
        file.metadata = try metadata(member.value)
      } else {
        entries.append(try entry(member.key, member.value))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try checkContiguous(entries, dataCount: bytes.count - dataStart)
    for entry in entries {
      let range = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
      let tensor = TensorFile.Tensor(
        entry.name, type: entry.type, shape: entry.shape, bytes: Array(bytes[range]))
      try checkFinite(tensor)
      file.tensors.append(tensor)
    }
    return file
  }

  private func header() throws(TensorFileFault) -> (JSON, dataStart: Int) {
    guard bytes.count >= 8 else {
      throw TensorFileFault("\(bytes.count) bytes, shorter than the 8 that count its header")
    }
    let count = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard count <= TensorFile.headerLimit else {
      throw TensorFileFault("a header of \(count) bytes, more than \(TensorFile.headerLimit)")
    }
    let end = 8 + Int(count)
    guard end <= bytes.count else {
      throw TensorFileFault(
        "a header of \(count) bytes in a file of \(bytes.count): it is cut short")
    }
    guard count > 0, bytes[8] == UInt8(ascii: "{") else {
      throw TensorFileFault("byte 8 does not begin a JSON object")
    }
    do throws(JSON.ParseError) {
      return (try JSON(parsing: Array(bytes[8..<end]), maximumDepth: 4), end)
    } catch {
      throw TensorFileFault("byte \(error.offset + 8) of its header: \(error.problem)")
    }
  }

  private func metadata(_ value: JSON) throws(TensorFileFault) -> [String: String] {
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

  private func entry(_ name: String, _ value: JSON) throws(TensorFileFault) -> Entry {
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
    return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// The integers from 0 in a list. The parser takes only `0|[1-9][0-9]*` for one.
  private func naturals(_ value: JSON?) -> [Int]? {
    guard let items = value?.items else { return nil }
    let integers = items.compactMap(\.int)
    return integers.count == items.count && integers.allSatisfy { $0 >= 0 } ? integers : nil
  }

  private func checkContiguous(_ entries: [Entry], dataCount: Int) throws(TensorFileFault) {
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw TensorFileFault(
          "tensor \(quoted(entry.name)) begins at data byte \(entry.range.lowerBound)"
            + " where \(end) is next: tensors overlap or leave a hole")
      }
      end = entry.range.upperBound
    }
    guard end == dataCount else {
      throw TensorFileFault(
        "\(dataCount) bytes of data where the header describes \(end): "
          + (dataCount < end ? "it is cut short" : "something stands behind its end"))
    }
  }

  private func checkFinite(_ tensor: TensorFile.Tensor) throws(TensorFileFault) {
    let index: Int? = tensor.bytes.withUnsafeBytes { raw in
      func first<Value: BinaryFloatingPoint>(_ type: Value.Type) -> Int? {
        let size = MemoryLayout<Value>.size
        return (0..<raw.count / size).first {
          !raw.loadUnaligned(fromByteOffset: $0 * size, as: type).isFinite
        }
      }
      return switch tensor.type {
      case .f32: first(Float.self)
      case .f64: first(Double.self)
      case .i64, .i32, .u8: nil
      }
    }
    if let index {
      throw TensorFileFault("element \(index) of tensor \(quoted(tensor.name)) is not finite")
    }
  }

  private func quoted(_ text: String) -> String {
    // What a file holds may be long: a message shows its beginning.
    JSON.string(text.count > 80 ? String(text.prefix(80)) + "…" : text).compact
  }
}
