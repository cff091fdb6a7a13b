import Glibc

/// Directories with files named as those of MNIST.
enum MNISTDirectory {
  /// The files of a directory: `train-images-idx3-ubyte` and so on, `-` or `.` before `idx`, `.gz` or not.
  ///
  /// Throws `TrainerError` (bad data) naming what is missing; the test files may be missing together.
  static func files(in path: String) throws -> [(role: ArchiveRole, path: String)] {
    func find(_ stem: String, _ type: String) -> String? {
      for separator in ["-", "."] {
        for ending in ["", ".gz"] {
          let candidate = "\(path)/\(stem)\(separator)\(type)\(ending)"
          if access(candidate, F_OK) == 0 { return candidate }
        }
      }
      return nil
    }
    let names = [
      (role: ArchiveRole.rows, stem: "train-images", type: "idx3-ubyte"),
      (.targets, "train-labels", "idx1-ubyte"), (.testRows, "t10k-images", "idx3-ubyte"),
      (.testTargets, "t10k-labels", "idx1-ubyte"),
    ]
    let paths = names.map { find($0.stem, $0.type) }
    let files = zip(names, paths).prefix(paths[2] == nil && paths[3] == nil ? 2 : 4)
    let missing = files.filter { $1 == nil }.map { name, _ in "\(name.stem)-\(name.type)" }
    try require(
      missing.isEmpty, .badData,
      "the directory \(path.printable) lacks \(missing.joined(separator: " and ")) (.gz or not); "
        + "complete it, or name the data files themselves")
    return files.map { ($0.role, $1!) }
  }
}
