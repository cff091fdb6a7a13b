/// A value in Python's pickle format, protocol 2, of the kinds that a file of PyTorch needs.
indirect enum Pickle {
  case int(Int)
  case text(String)
  case list([Pickle])
  case dictionary([(String, Pickle)])
  /// A dictionary of `collections.OrderedDict`, as state dicts are.
  case ordered([(String, Pickle)])
  /// A tensor, row-major, whose elements are the archive's member `data/STORAGE`.
  case tensor(storage: Int, type: String, shape: [Int])

  /// The whole pickle.
  var encoded: FilePieces {
    var file = FilePieces()
    file.append([0x80, 2])
    write(to: &file)
    file.append(Self.code("."))
    return file
  }

  private static func code(_ letter: Unicode.Scalar) -> [UInt8] { [UInt8(ascii: letter)] }

  private static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  private func write(to file: inout FilePieces) {
    switch self {
    case .int(let value):
      // Eight bytes, of which only as many are needed as an Int has.
      file.append([0x8A, 8])
      file.append(little: Int64(value))
    case .text(let text):
      file.append(Self.code("X"))
      file.append(little: UInt32(text.utf8.count))
      file.append(Array(text.utf8))
    case .list(let items):
      file.append(Self.code("]") + Self.code("("))
      for item in items { item.write(to: &file) }
      file.append(Self.code("e"))
    case .dictionary(let members):
      file.append(Self.code("}"))
      Self.write(members, to: &file)
    case .ordered(let members):
      file.append(Self.global("collections", "OrderedDict") + Self.code(")") + Self.code("R"))
      Self.write(members, to: &file)
    case .tensor(let storage, let type, let shape):
      file.append(Self.global("torch._utils", "_rebuild_tensor_v2") + Self.code("("))
      // What stands for the storage is a tuple, by which the reader finds the member.
      file.append(Self.code("("))
      Pickle.text("storage").write(to: &file)
      file.append(Self.global("torch", type))
      Pickle.text("\(storage)").write(to: &file)
      Pickle.text("cpu").write(to: &file)
      Pickle.int(shape.reduce(1, *)).write(to: &file)
      file.append(Self.code("t") + Self.code("Q"))
      // Begins at element 0; extents; elements from one index to the next; no gradient, no hooks.
      Pickle.int(0).write(to: &file)
      Self.write(tuple: shape, to: &file)
      let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
      Self.write(tuple: strides, to: &file)
      file.append([0x89])
      Pickle.ordered([]).write(to: &file)
      file.append(Self.code("t") + Self.code("R"))
    }
  }

  private static func write(_ members: [(String, Pickle)], to file: inout FilePieces) {
    file.append(code("("))
    for (name, value) in members {
      Pickle.text(name).write(to: &file)
      value.write(to: &file)
    }
    file.append(code("u"))
  }

  private static func write(tuple values: [Int], to file: inout FilePieces) {
    file.append(code("("))
    for value in values { Pickle.int(value).write(to: &file) }
    file.append(code("t"))
  }
}
