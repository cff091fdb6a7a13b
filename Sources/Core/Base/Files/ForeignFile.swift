/// Files that are often given for others, told by their first bytes.
package enum ForeignFile {
  /// Bytes that are looked at.
  package static let headCount = 128

  /// What a file is that is no safetensors file, and what to do, behind `is`; nil where it may be one.
  package static func wordsInsteadOfTensors(for head: [UInt8]) -> String? {
    if mayBeTensors(head) { return nil }
    if let words = words(for: head) { return words }
    let kinds: [([UInt8], String)] = [
      ([0x93] + Array("NUMPY".utf8), "an NPY file"), ([0x50, 0x4b], "an archive, such as NPZ"),
      ([0x1f, 0x8b], "a gzipped file"), ([0x89] + Array("HDF".utf8), "an HDF5 file"),
    ]
    if let kind = kinds.first(where: { head.starts(with: $0.0) }) {
      return "\(kind.1) and no safetensors file; name a model"
    }
    if isONNX(head) {
      return
        "an ONNX model, which is not read here; name the run's directory or its model.safetensors"
    }
    let beginning = head.prefix(8)
    guard beginning.count == 8, beginning.allSatisfy(isText) else { return nil }
    return startsObject(head)
      ? "a JSON file and no safetensors file; name the run's directory or its model.safetensors"
      : "a text file and no safetensors file; name a model"
  }

  /// What a file is and what to do, behind `is`; nil where it is none of these.
  package static func words(for head: [UInt8]) -> String? {
    if head.starts(with: "version https://git-lfs".utf8) {
      return "a pointer of Git LFS and not the file itself; fetch it with git lfs pull"
    }
    let save =
      "in Python, save arrays with numpy.save or numpy.savez, and a model's weights with safetensors.torch.save_file"
    // The first member of torch.save's archives.
    let isArchive = head.starts(with: [0x50, 0x4b, 3, 4])
    if isArchive && String(decoding: head, as: UTF8.self).contains("/data.pkl")
      || head.starts(with: oldTorchBeginning)
    {
      return "a file of torch.save; \(save)"
    }
    if isPickle(head) { return "a Python pickle; \(save)" }
    let text = String(decoding: head, as: UTF8.self).lowercased()
      .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if ["<!doctype html", "<html"].contains(where: text.hasPrefix) {
      return
        "an HTML page and not the file itself; open it in a browser to see what it says, and download the file again"
    }
    return nil
  }

  /// The number that torch.save wrote first before it made archives, as a pickle of protocol 2.
  private static let oldTorchBeginning: [UInt8] = [
    0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
  ]

  /// How pickles of the protocols 0 and 1, which have no mark, begin: a list, a dictionary, or an object of such a module.
  private static let oldPickleBeginnings: [[UInt8]] =
    [
      "(lp0\n", "(lp1\n", "(dp0\n", "(dp1\n", "ccopy_reg\n", "cnumpy\n", "cnumpy.",
      "ccollections\n",
      "c__builtin__\n", "c__main__\n", "ctorch.", "cpandas.",
    ].map { Array($0.utf8) } + [[0x5d, 0x71, 0], [0x7d, 0x71, 0]]

  private static func isPickle(_ head: [UInt8]) -> Bool {
    // Behind the mark and the protocol stands an operation, which is not 0; a number, as formats of numbers begin, has
    // zeros there.
    if head.count > 2, head[0] == 0x80, (2...5).contains(head[1]) {
      return head[2] != 0 && !mayBeTensors(head)
    }
    return oldPickleBeginnings.contains { head.starts(with: $0) }
  }

  /// The version, and a field that follows it: the first fields of a model in protobuf.
  private static func isONNX(_ head: [UInt8]) -> Bool {
    head.count > 2 && head[0] == 0x08 && (1...32).contains(head[1])
      && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains(head[2])
  }

  /// Whether a length of at most 100 MB and the brace of a header stand where a safetensors file has them.
  private static func mayBeTensors(_ head: [UInt8]) -> Bool {
    head.count > 8 && head[4..<8].allSatisfy { $0 == 0 } && head[8] == UInt8(ascii: "{")
  }

  private static func isText(_ byte: UInt8) -> Bool {
    (0x20...0x7e).contains(byte) || (0x09...0x0d).contains(byte) || byte >= 0x80
  }

  /// Whether the first character that is no white space opens a JSON object.
  private static func startsObject(_ head: [UInt8]) -> Bool {
    head.first { $0 != 0x20 && !(0x09...0x0d).contains($0) } == UInt8(ascii: "{")
  }
}
