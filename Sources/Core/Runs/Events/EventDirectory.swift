import Glibc

/// A directory in which TensorBoard finds a run: an event file of each process that worked on it.
package struct EventDirectory {
  private let path: String

  /// The beginning of the names by which TensorBoard knows event files, and the end of those of this program.
  private static let prefix = "events.out.tfevents.", suffix = ".dtrain"

  package init(_ path: String) { self.path = path }

  /// Refuses a place where events of a run cannot be written; nothing changes. Rank 0's.
  ///
  /// - Parameters:
  ///   - run: the directory of the run.
  ///   - inputs: the paths that the run reads, of which some may be directories.
  ///   - isNew: whether events of another run may not stand there: those of this one are continued.
  ///   - overwrite: whether those of this program may all the same, since they are replaced.
  /// - Throws: `TrainerError(.usage)`, or `TrainerError(.inputOutput)` where the directory cannot be written to.
  package func check(
    run: String, reading inputs: [String], isNew: Bool, overwrite: Bool
  ) throws(TrainerError) {
    try require(!path.isEmpty, .usage, "\(parameter: "tensorboard") is empty; name a directory")
    let option = "\(parameter: "tensorboard") \(path)"
    var status = stat()
    if stat(path.system, &status) == 0 {
      try require(
        status.st_mode & S_IFMT == S_IFDIR, .usage,
        "\(option): that is \(FileSystem.kind(of: status)); name a directory, or a name that is free"
      )
    }
    if let own = FileSystem.resolved(path),
      let input = inputs.first(where: { FileSystem.resolved($0) == own })
    {
      throw TrainerError(
        .usage, "\(option): the run reads that directory as \(input); name another directory")
    }
    try OutputPath.refuseRunFile(path, option: "tensorboard", alsoOf: run)
    try checkAccess()
    guard isNew else { return }
    let hindrance = eventFiles().first { !overwrite || !$0.hasSuffix(Self.suffix) }
    guard let hindrance else { return }
    let remedy =
      hindrance.hasSuffix(Self.suffix) ? ", or give \(parameter: "overwrite") to replace them" : ""
    throw TrainerError(
      .usage,
      "\(option): that directory already holds events of a run (\(hindrance)); name another directory\(remedy)"
    )
  }

  /// Begins the file of this process behind those that are there; makes the directory, with its parents. Rank 0's.
  ///
  /// - Parameter replacing: whether the event files of this program that are there are removed.
  /// - Throws: `TrainerError(.inputOutput)`.
  func begin(replacing: Bool) throws(TrainerError) -> EventFile {
    try RunDirectory.createWithParents(path)
    do throws(SystemCallFailure) {
      if replacing {
        for name in eventFiles() where name.hasSuffix(Self.suffix) {
          try FileSystem.removeTree("\(path)/\(name)")
        }
      }
      // Readers take files in the order of their names, which is that of their seconds.
      let newest = eventFiles().compactMap(Self.second).max() ?? 0
      return try EventFile(path: "\(path)/\(Self.name(second: max(time(nil), newest + 1)))")
    } catch {
      throw error.error(.inputOutput)
    }
  }

  private func eventFiles() -> [String] {
    SystemFiles.names(in: path).filter { $0.hasPrefix(Self.prefix) }
  }

  private static func name(second: Int) -> String {
    let host = MPIRuntime.hostName().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    return "\(prefix)\(second).\(String(host)).\(getpid())\(suffix)"
  }

  /// The second that a name tells.
  private static func second(_ name: String) -> Int? {
    Int(name.dropFirst(prefix.count).prefix { $0.isNumber })
  }

  /// Refuses a directory that cannot be written to, or made.
  private func checkAccess() throws(TrainerError) {
    var place = path
    while !FileSystem.exists(place), AtomicFile.directory(of: place) != place {
      place = AtomicFile.directory(of: place)
    }
    guard access(place.system, W_OK | X_OK) != 0 else { return }
    throw SystemCallFailure(
      FileSystem.isDirectory(path) ? "write to" : "create the directory", path
    ).error(.inputOutput)
  }
}
