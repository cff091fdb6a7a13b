import Glibc

/// The checkpoints of one run: a directory that holds one directory for each. One rank uses it.
///
/// A checkpoint is there completely or not at all: it is written under another name, made durable, and
/// renamed. Older ones are removed after that, the newest `keep` stay.
package struct CheckpointStore {
  /// The directory of all checkpoints.
  package let directory: String
  /// What the positions count; part of the names.
  package let unit: RunUnit

  /// What a checkpoint is called while it is written, and while it is removed.
  static let unfinishedName = AtomicFile.temporaryPrefix + "checkpoint"
  private static let removedName = AtomicFile.temporaryPrefix + "removed"
  /// The file of tensors in a checkpoint.
  static let tensorsName = "state.safetensors"

  /// Its parts.
  package init(directory: String, unit: RunUnit) {
    self.directory = directory
    self.unit = unit
  }

  /// The name of the checkpoint at a position, which orders as the positions do.
  package func name(at position: Int) -> String {
    let digits = String(position)
    return "\(unit.rawValue)-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// The path of the checkpoint called `name`.
  package func path(of name: String) -> String { "\(directory)/\(name)" }

  /// The positions of all checkpoints, whole or damaged, ascending; none where there is no directory.
  package func positions() throws(SystemCallFailure) -> [Int] {
    guard FileSystem.exists(directory) else { return [] }
    return try FileSystem.entries(of: directory).compactMap { entry in
      guard entry.hasPrefix("\(unit.rawValue)-"),
        let position = Int(entry.dropFirst(unit.rawValue.utf8.count + 1)),
        name(at: position) == entry
      else { return nil }
      return position
    }.sorted()
  }

  /// Removes what killed processes left unfinished.
  func removeUnfinished() throws(SystemCallFailure) {
    for name in [Self.unfinishedName, Self.removedName] where FileSystem.exists(path(of: name)) {
      try FileSystem.removeTree(path(of: name))
    }
  }

  /// Removes the checkpoint at a position; it loses its name first, so that no part of it is ever taken for
  /// a damaged checkpoint.
  func remove(at position: Int) throws(SystemCallFailure) {
    let old = path(of: name(at: position))
    let removed = path(of: Self.removedName)
    guard rename(old.system, removed.system) == 0 else { throw SystemCallFailure("remove", old) }
    try FileSystem.removeTree(removed)
  }
}
