import Glibc

/// Directories with files named as those of MNIST or EMNIST.
enum MNISTDirectory {
  /// The files of a directory: `train-images-idx3-ubyte` and so on, `-` or `.` before `idx`, `.gz` or not; of EMNIST
  /// `emnist-letters-train-images-idx3-ubyte`, and `test` for `t10k`.
  ///
  /// Throws `TrainerError` (bad data) naming what is missing; the test files may be missing together. It refuses a
  /// directory of several sets.
  static func files(in path: String) throws -> [(role: ArchiveRole, path: String)] {
    let names = [
      (role: ArchiveRole.rows, stem: "train-images", type: "idx3-ubyte"),
      (.targets, "train-labels", "idx1-ubyte"), (.testRows, "t10k-images", "idx3-ubyte"),
      (.testTargets, "t10k-labels", "idx1-ubyte"),
    ]
    let listing = Result { () throws(SystemCallFailure) in try FileSystem.entries(of: path) }
    let set = try self.set(of: (try? listing.get()) ?? [], in: path)
    func find(_ stem: String, _ type: String) -> String? {
      for stem in [stem, stem.replacingPrefix("t10k", with: "test")] {
        for separator in ["-", "."] {
          for ending in ["", ".gz"] {
            let candidate = "\(path)/\(set)\(stem)\(separator)\(type)\(ending)"
            if FileSystem.exists(candidate) { return candidate }
          }
        }
      }
      return nil
    }
    let paths = names.map { find($0.stem, $0.type) }
    let files = zip(names, paths).prefix(paths[2] == nil && paths[3] == nil ? 2 : 4)
    let missing = files.filter { $1 == nil }.map { name, _ in "\(name.stem)-\(name.type)" }
    if missing.isEmpty { return files.map { ($0.role, $1!) } }
    // What cannot be listed, or looked at, would seem to be missing.
    try SystemCallFailure.reported(as: .badData) { () throws(SystemCallFailure) in
      _ = try listing.get()
      try FileSystem.checkAccess(to: "\(path)/\(missing[0])")
    }
    throw TrainerError(
      .badData,
      "the directory \(path.printable) lacks \(missing.joined(separator: " and ")) (.gz or not); "
        + "complete it, or name the data files themselves")
  }

  /// What stands before the names of the files: nothing, or the name of a set with a dash.
  private static func set(of names: [String], in path: String) throws -> String {
    let stems = ["train-images-idx3-ubyte", "train-images.idx3-ubyte"]
    let sets = Set(
      names.compactMap { name in
        let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return stems.first { plain.hasSuffix($0) }.map { String(plain.dropLast($0.count)) }
      })
    if sets.isEmpty || sets.contains("") { return "" }
    try require(
      sets.count == 1, .badData,
      "the directory \(path.printable) holds several sets (\(sets.sorted().map { $0.printable }.joined(separator: ", "))); "
        + "name the files of one")
    return sets.first!
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
