import Glibc

extension RunDirectory {
  /// Creates the directory that the user named, unless it exists.
  package static func createNamed(_ path: String) throws(TrainerError) {
    var status = stat()
    if stat(path.system, &status) == 0 {
      try require(
        status.st_mode & S_IFMT == S_IFDIR, .usage,
        "\(parameter: "out") \(path): that is \(FileSystem.kind(of: status)); name a directory, or a name that is free"
      )
    } else if errno == ENOENT, FileSystem.exists(path) {
      throw TrainerError(
        .usage,
        "\(parameter: "out") \(path): that is a symbolic link to nothing; remove it, or name another directory"
      )
    }
    try require(
      !path.isEmpty, .usage,
      "\(parameter: "out") is empty; name a directory, or omit \(parameter: "out")")
    try createWithParents(path)
  }

  /// Creates `runs/COMMAND-DATE-TIME` and returns it. Two that begin in one second get two names.
  package static func createDefault(_ command: String) throws(TrainerError) -> String {
    try createWithParents("runs")
    let base = "runs/\(command)-\(localTime())"
    for attempt in 1...1000 {
      let path = attempt == 1 ? base : "\(base)-\(attempt)"
      if mkdir(path.system, 0o777) == 0 { return path }
      guard errno == EEXIST else {
        throw SystemCallFailure("create the directory", path).error(.inputOutput)
      }
    }
    throw TrainerError(
      .usage, "\(base)-1000 and all before it exist; name a directory with \(parameter: "out")")
  }

  /// Creates a directory, and those that lead to it, unless they exist.
  static func createWithParents(_ path: String) throws(TrainerError) {
    guard mkdir(path.system, 0o777) != 0 else { return }
    if errno == ENOENT {
      let parent = AtomicFile.directory(of: path)
      guard parent != path else {
        throw SystemCallFailure("create the directory", path).error(.inputOutput)
      }
      try createWithParents(parent)
      if mkdir(path.system, 0o777) == 0 { return }
    }
    // What is there may be a directory, or be made by another process at the same time.
    let failure = SystemCallFailure("create the directory", path)
    var status = stat()
    if stat(path.system, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    throw failure.error(.inputOutput)
  }

  /// The local date and time as `YYYYMMDD-HHMMSS`.
  private static func localTime() -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y%m%d-%H%M%S", &parts)
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
