/// The content of a safetensors file as `model.safetensors` should have it; see ``SafetensorsExport`` for the format.
///
/// What is missing or does not fit is `TrainerError(.badData)`.
struct ModelFile {
  let content: TensorFile
  /// What messages call the file.
  let name: String

  /// Whether dtrain says in the file that it wrote it; tensors may have been cast since.
  var isOwn: Bool { content.metadata["dtrain"] != nil }

  /// The error for what does not fit.
  func failure(_ problem: String) -> TrainerError {
    TrainerError(.badData, "\(name) is not a model of dtrain mlp: \(problem)")
  }

  /// A text of the metadata, which the file must have.
  func metadata(_ key: String) throws(TrainerError) -> String {
    guard let value = content.metadata[key] else { throw failure("its metadata has no '\(key)'") }
    return value
  }

  /// The shape and the parameters, which may be stored as any floats.
  ///
  /// - Complexity: O(parameters).
  func network() throws(TrainerError) -> (network: Network, parameters: [Float]) {
    let text = try metadata("layers")
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sizes.count >= 2, sizes.allSatisfy({ (1...1 << 31).contains($0) }) else {
      throw failure("layers are '\(text)'")
    }
    guard let activation = Activation(rawValue: try metadata("activation")) else {
      throw failure("activation is '\(try metadata("activation"))'")
    }
    // The tensors prove the sizes before anything is allocated for them.
    var layers: [LinearLayer] = []
    for layer in 0..<sizes.count - 1 {
      layers.append(
        LinearLayer(
          weight: try tensor(
            "layers.\(layer).weight", TensorFile.ElementType.floats,
            [sizes[layer + 1], sizes[layer]]),
          bias: try tensor(
            "layers.\(layer).bias", TensorFile.ElementType.floats, [sizes[layer + 1]])))
    }
    do throws(TensorFileFault) {
      return (Network(sizes: sizes, activation: activation), try layers.parameters())
    } catch {
      throw failure(error.problem)
    }
  }

  /// How columns are scaled, `scaling` or `target_scaling`.
  ///
  /// Its tensors must have the types that they were written with: cast to fewer digits, they would scale otherwise.
  func scaling(_ name: String, columns: Int) throws(TrainerError) -> ColumnScaling {
    guard let kind = ColumnScaling.Kind(rawValue: try metadata(name)) else {
      throw failure("\(name) is '\(try metadata(name))'")
    }
    let offsets =
      content["\(name).offset"] == nil
      ? [] : try tensor("\(name).offset", [.f64], [columns]).doubles ?? []
    // Nothing follows from inputs that were the same in all rows; targets are divided by theirs.
    let least = name == "scaling" ? 0 : Float.leastNonzeroMagnitude
    guard let shift = content.metadata["\(name)_shift"],
      let factor = content.metadata["\(name)_factor"]
    else {
      let shift = try tensor("\(name).shift", [.f32], [columns]).floats ?? []
      let factor = try tensor("\(name).factor", [.f32], [columns]).floats ?? []
      guard shift.allSatisfy(\.isFinite), factor.allSatisfy({ $0.isFinite && $0 >= least }) else {
        throw failure(
          "\(name).shift or \(name).factor is not finite, or a factor is \(least == 0 ? "negative" : "not positive")"
        )
      }
      return ColumnScaling(kind: kind, offsets: offsets, shift: shift, factor: factor)
    }
    guard let shift = Float(shift), let factor = Float(factor), shift.isFinite, factor.isFinite,
      factor >= least
    else { throw failure("\(name) is by '\(shift)' and '\(factor)'") }
    return ColumnScaling(
      kind: kind, offsets: offsets, shift: [Float](repeating: shift, count: columns),
      factor: [Float](repeating: factor, count: columns))
  }

  /// The names of the classes; none where they were numbers.
  func classNames(count: Int) throws(TrainerError) -> [String] {
    guard let text = content.metadata["class_names"] else { return [] }
    let names = (try? JSON(parsing: Array(text.utf8)))?.items?.map(\.text)
    guard let names, names.count == count, !names.contains(nil) else {
      throw failure("class_names is no list of \(count) names")
    }
    return names.map { $0! }
  }

  /// What rows were made of; nil for matrices.
  func schema(columns: Int) throws(TrainerError) -> TableSchema? {
    guard let text = content.metadata["columns"] else { return nil }
    guard let json = try? JSON(parsing: Array(text.utf8)), let schema = TableSchema(recorded: json),
      schema.width == columns
    else { throw failure("columns do not describe \(columns.counted("column"))") }
    return schema
  }

  /// The extents of a row; empty where there is one alone.
  func rowShape(columns: Int) throws(TrainerError) -> [Int] {
    guard let text = content.metadata["row_shape"] else { return [] }
    let extents = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard extents.allSatisfy({ (1...columns).contains($0) }),
      extents.reduce(1.0, { $0 * Double($1) }) == Double(columns)
    else { throw failure("row_shape '\(text)' is not one of \(columns.counted("column"))") }
    return extents
  }

  /// A tensor of one of these types and of this shape.
  private func tensor(
    _ name: String, _ types: [TensorFile.ElementType], _ shape: [Int]
  ) throws(TrainerError) -> TensorFile.Tensor {
    guard let found = content[name] else { throw failure("tensor \(name) is missing") }
    guard found.shape == shape, types.contains(found.type) else {
      throw failure(
        "tensor \(name) is \(found.type.rawValue) \(found.shape), expected "
          + "\(types.map(\.rawValue).joined(separator: " or ")) \(shape)")
    }
    return found
  }
}

// MARK: - Reading

extension ModelFile {
  /// Reads a file, or the model in a run directory, on rank 0, and makes something of it on all ranks; collective.
  ///
  /// - Parameter decode: gives the same on every rank, or throws.
  /// - Throws: `TrainerError(.badData)`, agreed upon by all ranks.
  static func read<Model>(
    _ path: String, among world: Communicator, _ decode: (ModelFile) throws -> Model
  ) throws -> Model {
    let name = file(of: path)
    func model(_ bytes: [UInt8]) throws -> Model {
      try decode(ModelFile(content: TensorFile.decode(bytes, name: name), name: name))
    }
    let bytes = try world.fromRoot {
      let bytes = try contents(of: path)
      if let what = ForeignFile.wordsInsteadOfTensors(
        for: Array(bytes.prefix(ForeignFile.headCount)))
      {
        throw TrainerError(.badData, "\(name.printable) is \(what)")
      }
      _ = try model(bytes)
      return bytes
    }
    return try model(bytes)
  }

  /// The SHA-256 of the file that ``read(_:among:_:)`` would read, on all ranks.
  static func hash(_ path: String, among world: Communicator) throws -> String {
    let digits = try world.fromRoot {
      Array(SHA256.hexadecimal(of: try contents(of: path)).utf8)
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The bytes of the file.
  ///
  /// - Throws: `TrainerError(.badData)`, also for a run that is not finished.
  private static func contents(of path: String) throws(TrainerError) -> [UInt8] {
    if FileSystem.isDirectory(path) {
      try RunDirectory.checkHolds([SafetensorsExport.fileName], in: path)
    }
    return try FileContents.read(file(of: path))
  }

  static func file(of path: String) -> String {
    FileSystem.isDirectory(path)
      ? FileSystem.path(of: SafetensorsExport.fileName, in: path) : path
  }
}
