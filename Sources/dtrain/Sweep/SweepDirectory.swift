import DTrainCore
import Glibc

/// The directory of a sweep: `sweep.json`, a run directory for each point, `report.html`. Every rank reads and the first
/// rank of each group writes there; one process at a time holds it.
struct SweepDirectory {
  let path: String
  /// What keeps a second sweep out; nil where it is only looked at.
  private let lock: RunLock?
  private let isNew: Bool
  /// Whether a sweep is there that is to be replaced.
  private let isReplaced: Bool

  /// The record of a sweep.
  private static let recordName = "sweep.json"

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Creates the directory of a new sweep and locks it.
  ///
  /// - Parameters:
  ///   - path: nil for `runs/sweep-DATE-TIME`.
  ///   - overwrite: whether a sweep that is there may be replaced: see ``prepare()``.
  /// - Throws: `TrainerError(.usage)` where something else is there, `TrainerError(.inputOutput)` where it cannot be
  ///   written.
  static func create(_ path: String?, overwrite: Bool) throws(TrainerError) -> SweepDirectory {
    let wanted = path
    let path: String
    let isNew = wanted.map { !FileSystem.exists($0) } ?? true
    if let wanted {
      try RunDirectory.createNamed(wanted)
      path = wanted
    } else {
      path = try RunDirectory.createDefault("sweep")
    }
    let lock = try RunLock(directory: path, canMove: true)
    let shown = Shell.word(path)
    try require(
      !FileSystem.exists("\(path)/config.json"), .usage,
      "--out \(path) holds a run (config.json), and a sweep needs a directory of its own; name another one"
    )
    let isSweep = FileSystem.exists("\(path)/\(recordName)")
    try require(
      !isSweep || overwrite, .usage,
      "--out \(path) already holds a sweep (\(recordName)); name another directory, or give --overwrite to replace that "
        + "sweep, or dtrain sweep --resume \(shown) to continue it")
    let directory = SweepDirectory(path: path, lock: lock, isNew: isNew, isReplaced: isSweep)
    let points = try directory.pointNames()
    try require(
      isSweep || points.isEmpty, .usage,
      "--out \(path) holds points of a sweep, but no \(recordName); name another directory")
    return directory
  }

  /// Opens the directory of an earlier sweep to continue it, and locks it.
  static func open(_ path: String) throws(TrainerError) -> SweepDirectory {
    SweepDirectory(path: path, lock: try RunLock(directory: path), isNew: false, isReplaced: false)
  }

  /// The directory as ranks see it that do not write its record.
  init(sharing path: String) { self.init(path: path, lock: nil, isNew: false, isReplaced: false) }

  private init(path: String, lock: RunLock?, isNew: Bool, isReplaced: Bool) {
    (self.path, self.lock, self.isNew, self.isReplaced) = (path, lock, isNew, isReplaced)
  }

  /// Leaves a place as it was found, where nothing is written yet.
  func abandon() {
    guard isNew else { return }
    lock?.withdraw()
    rmdir(path.system)
  }

  /// What `sweep.json` in a directory says.
  ///
  /// - Throws: `TrainerError(.usage)` where there is none, `TrainerError(.badData)` where it is damaged.
  static func record(in path: String) throws(TrainerError) -> JSON {
    let name = "\(path)/\(recordName)"
    try require(
      FileSystem.exists(name), .usage,
      "--resume \(path): there is no sweep (no \(recordName)); name the directory of one"
        + (FileSystem.exists("\(path)/config.json")
          ? ", or continue the run that it holds by its command" : ""))
    let bytes = try FileContents.read(name, limit: 64 << 20)
    do throws(JSON.ParseError) {
      return try JSON(parsing: bytes)
    } catch {
      throw TrainerError(
        .badData, "\(name): \(error); the file is damaged: restore it, or start the sweep again")
    }
  }

  /// Whether a directory holds a sweep.
  static func holdsSweep(_ path: String) -> Bool { FileSystem.exists("\(path)/\(recordName)") }

  /// Writes `sweep.json`.
  func write(_ record: JSON) throws(TrainerError) {
    try AtomicFile.write(Array(record.pretty.utf8), to: file(Self.recordName))
  }

  private func pointNames() throws(TrainerError) -> [String] {
    do throws(SystemCallFailure) {
      return try FileSystem.entries(of: path).filter { name in
        let digits = name.dropFirst("point-".count)
        return name.hasPrefix("point-") && digits.count >= 4 && digits.allSatisfy(\.isNumber)
      }
    } catch {
      throw error.error(.inputOutput)
    }
  }

  /// Removes the sweep that is replaced, once nothing stands in the way of the new one; last what makes it look like one.
  func prepare() throws(TrainerError) {
    guard isReplaced else { return }
    let names = try pointNames() + ["report.html", Self.recordName]
    do throws(SystemCallFailure) {
      for name in names where FileSystem.exists(file(name)) {
        try FileSystem.removeTree(file(name))
      }
    } catch {
      throw error.error(.inputOutput)
    }
  }
}
