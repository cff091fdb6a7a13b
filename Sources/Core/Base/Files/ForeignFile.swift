/// Files that are often given for others, told by their first bytes.
package enum ForeignFile {
  /// Bytes that are looked at.
  package static let headCount = 128

  /// What a file is that is no safetensors file, and what to do, behind `is`; nil where it may be one.
  package static func wordsInsteadOfTensors(for head: [UInt8]) -> String? {
    if let words = words(for: head) { return words }
    let kinds: [([UInt8], String)] = [
      ([0x93] + Array("NUMPY".utf8), "an NPY file"), ([0x50, 0x4b], "an archive, such as NPZ"),
      ([0x1f, 0x8b], "a gzipped file"), ([0x89] + Array("HDF".utf8), "an HDF5 file"),
    ]
    return kinds.first { head.starts(with: $0.0) }.map {
      "\($0.1) and no safetensors file; name a model"
    }
  }

  /// What a file is and what to do, behind `is`; nil where it is none of these.
  package static func words(for head: [UInt8]) -> String? {
    if head.starts(with: "version https://git-lfs".utf8) {
      return "a pointer of Git LFS and not the file itself; fetch it with git lfs pull"
    }
    // The first member of torch.save's archives.
    let isArchive = head.starts(with: [0x50, 0x4b, 3, 4])
    if isArchive, String(decoding: head, as: UTF8.self).contains("/data.pkl") {
      return
        "a file of torch.save; in Python, save arrays with numpy.savez, and a model's weights with "
        + "safetensors.torch.save_file"
    }
    return nil
  }
}
