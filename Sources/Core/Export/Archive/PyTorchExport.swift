/// PyTorch: a dictionary that `torch.load(weights_only=True)` reads; of a network `state_dict` is that of an
/// `nn.Sequential` of linear layers with the activation between them.
struct PyTorchExport: ModelExport {
  let name = "pytorch"
  let ending = ".pt"

  func encode(_ model: ExportedModel) throws(TrainerError) -> FilePieces {
    var storages = Storages()
    let table = model.table(&storages)
    let content =
      switch model {
      case .network(let network): network.pickle(&storages, table)
      case .centers(let centers): centers.pickle(&storages, table)
      }
    var archive = StoredZip()
    archive.add("archive/data.pkl", content.encoded)
    for (index, bytes) in storages.members.enumerated() {
      archive.add("archive/data/\(index)", Self.pieces(bytes))
    }
    archive.add("archive/version", Self.pieces(Array("3\n".utf8)))
    archive.add("archive/byteorder", Self.pieces(Array("little".utf8)))
    return try archive.finished(for: self)
  }

  private static func pieces(_ bytes: [UInt8]) -> FilePieces {
    var pieces = FilePieces()
    pieces.append(bytes)
    return pieces
  }
}

/// The elements of tensors, each by itself.
private struct Storages {
  private(set) var members: [[UInt8]] = []

  mutating func add(_ values: some Sequence<Float>, _ shape: [Int]) -> Pickle {
    add(littleEndian(values), "FloatStorage", shape)
  }

  mutating func add(_ values: some Sequence<Double>, _ shape: [Int]) -> Pickle {
    add(littleEndian(values), "DoubleStorage", shape)
  }

  private mutating func add(_ bytes: [UInt8], _ type: String, _ shape: [Int]) -> Pickle {
    members.append(bytes)
    return .tensor(storage: members.count - 1, type: type, shape: shape)
  }
}

extension ExportedModel {
  /// What rows are made of, and the names of classes.
  fileprivate func table(_ storages: inout Storages) -> [(String, Pickle)] {
    func list(_ texts: [String]) -> Pickle { .list(texts.map { .text($0) }) }
    var members: [(String, Pickle)] = []
    if !classNames.isEmpty { members.append(("class_names", list(classNames))) }
    if !rowShape.isEmpty { members.append(("row_shape", .list(rowShape.map { .int($0) }))) }
    guard let schema else { return members }
    members.append(("columns", .text(schema.json.compact)))
    if !schema.columnNames.isEmpty { members.append(("column_names", list(schema.columnNames))) }
    let fill = schema.features.flatMap(\.fill)
    if !fill.isEmpty { members.append(("missing", storages.add(fill, [fill.count]))) }
    return members
  }
}

extension ExportedNetwork {
  fileprivate func pickle(_ storages: inout Storages, _ table: [(String, Pickle)]) -> Pickle {
    // Modules of activations stand between the layers, and have no tensors.
    let stride = activation == .identity ? 1 : 2
    var state: [(String, Pickle)] = []
    for (index, layer) in layers.enumerated() {
      let shape = [layer.outputs, layer.inputs]
      state.append(("\(index * stride).weight", storages.add(layer.transposed, shape)))
      state.append(("\(index * stride).bias", storages.add(layer.bias, [layer.outputs])))
    }
    let (features, outputs) = (sizes[0], sizes[sizes.count - 1])
    let targetScaling: ColumnScaling =
      if case .numbers(let scaling) = targets { scaling } else { .none(outputs) }
    return .dictionary(
      table + [
        ("state_dict", .ordered(state)), ("layers", .list(sizes.map { .int($0) })),
        ("activation", .text(activation.rawValue)), ("output", .text(output.rawValue)),
        ("loss", .text(loss)), ("targets", .text(targets.name)),
        ("scaling_offset", storages.add(scaling.allOffsets, [features])),
        ("scaling_shift", storages.add(scaling.shift, [features])),
        ("scaling_factor", storages.add(scaling.factor, [features])),
        ("target_offset", storages.add(targetScaling.allOffsets, [outputs])),
        ("target_shift", storages.add(targetScaling.shift.map { Double($0) }, [outputs])),
        ("target_factor", storages.add(targetScaling.factor.map { Double($0) }, [outputs])),
        ("dtrain", .text(Version.current)),
      ])
  }
}

extension ExportedCenters {
  fileprivate func pickle(_ storages: inout Storages, _ table: [(String, Pickle)]) -> Pickle {
    .dictionary(
      table + [
        ("centers", storages.add(values, [count, columns])), ("metric", .text(metric.rawValue)),
        ("scaling_offset", storages.add(scaling.allOffsets, [columns])),
        ("scaling_shift", storages.add(scaling.shift.map { Double($0) }, [columns])),
        ("scaling_factor", storages.add(scaling.factor.map { Double($0) }, [columns])),
        ("dtrain", .text(Version.current)),
      ])
  }
}
