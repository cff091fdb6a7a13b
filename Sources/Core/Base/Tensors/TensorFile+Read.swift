extension TensorFile {
  /// Reads the safetensors file at `path`.
  ///
  /// - Throws: `TrainerError(.badData)` as `decode(_:name:)`, or where it cannot be read.
  public static func read(path: String) throws(TrainerError) -> TensorFile {
    try decode(try FileContents.read(path), name: path)
  }

  /// The content of a safetensors file, strictly: a header of at most 100 MB without duplicate names,
  /// at most 65,536 tensors of known types whose bytes follow each other without holes from the header
  /// to the end of the file, and no float that is not finite.
  ///
  /// - Parameter name: the file, as it is called in messages.
  /// - Throws: `TrainerError(.badData)` that names the file and what is wrong in it.
  /// - Complexity: O(bytes).
  public static func decode(_ bytes: [UInt8], name: String) throws(TrainerError) -> TensorFile {
    if let what = ForeignFile.words(for: Array(bytes.prefix(ForeignFile.headCount))) {
      throw TrainerError(.badData, "\(name) is \(what)")
    }
    do throws(TensorFileFault) {
      let headerCount = try TensorLayout.headerCount(bytes[...], fileSize: bytes.count)
      let layout = try TensorLayout(
        header: Array(bytes[8..<8 + headerCount]), fileSize: bytes.count)
      var file = TensorFile(metadata: layout.metadata)
      for entry in layout.entries {
        let tensor = Tensor(
          entry.name, type: entry.type, shape: entry.shape, bytes: bytes[entry.range])
        if let index = tensor.firstNotFinite {
          throw TensorFileFault(
            "element \(index) of tensor \(TensorLayout.quoted(tensor.name)) is not finite")
        }
        file.tensors.append(tensor)
      }
      return file
    } catch {
      throw TrainerError(
        .badData,
        "\(name) is no usable safetensors file: \(error.problem); copy or write the file again")
    }
  }
}
