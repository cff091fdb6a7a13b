import Glibc

/// What the system lets this process have, where that is less than MPI takes to start: MPI itself would end it with a
/// screen of text that names no limit.
enum ResourceLimits {
  /// What MPI takes, rounded up: bytes of a file.
  private static let fileBytes = 16 << 10
  /// Bytes of the file by which Open MPI shares memory: a segment, its header, and a page to spare.
  private static let sharedFileBytes = 4 << 20 + 4096
  /// Bytes of addresses, most of them for its libraries, open files, and threads, that of the
  /// watchdog among them.
  private static let (addresses, openFiles, threads) = (256 << 20, 32, 5)

  /// Refuses limits that are too low.
  static func check() throws(ResourceShortage) {
    if let limit = limit(RLIMIT_AS) {
      let room = mmap(nil, addresses, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard room != MAP_FAILED else {
        throw ResourceShortage(
          "of the \(limit >> 20) MiB of memory that this process may have, less than the \(addresses >> 20) MiB are left "
            + "that MPI takes; raise the limit (ulimit -v)")
      }
      munmap(room, addresses)
    }
    if let limit = limit(RLIMIT_NOFILE), limit < openFiles {
      throw ResourceShortage(
        "this process may have \(limit) open files, and MPI takes \(openFiles); raise the limit (ulimit -n)"
      )
    }
    if let limit = limit(RLIMIT_FSIZE), limit < fileBytes {
      throw ResourceShortage(
        "files may have \(limit) bytes, too few for those by which MPI's ranks find each other; raise the limit on the size of "
          + "files (ulimit -f)")
    }
    try LauncherStore.check()
    avoidLargeFiles()
    if !canStart(threads: threads) { throw .threads }
  }

  /// Lets ranks talk over TCP where they may not write the file by which Open MPI shares memory: it would do so by itself,
  /// behind a screen of text.
  private static func avoidLargeFiles() {
    if let limit = limit(RLIMIT_FSIZE), limit < sharedFileBytes {
      setenv("OMPI_MCA_btl", "^vader", 0)
    }
  }

  /// Whether the system lets this number of threads run at the same time.
  private static func canStart(threads count: Int) -> Bool {
    // Each waits until all have been tried.
    var gate = pthread_mutex_t()
    pthread_mutex_init(&gate, nil)
    pthread_mutex_lock(&gate)
    defer { pthread_mutex_destroy(&gate) }
    return withUnsafeMutablePointer(to: &gate) { gate in
      var started: [pthread_t] = []
      while started.count < count {
        var thread = pthread_t()
        let code = pthread_create(
          &thread, nil,
          { gate in
            let gate = gate!.assumingMemoryBound(to: pthread_mutex_t.self)
            pthread_mutex_lock(gate)
            pthread_mutex_unlock(gate)
            return nil
          }, gate)
        guard code == 0 else { break }
        started.append(thread)
      }
      pthread_mutex_unlock(gate)
      for thread in started { pthread_join(thread, nil) }
      return started.count == count
    }
  }

  /// A limit that is in force; nil for none.
  private static func limit(_ resource: __rlimit_resource) -> Int? {
    var found = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &found) == 0 else { return nil }
    return Int(exactly: found.rlim_cur)
  }
}

/// The system refuses what the job needs.
struct ResourceShortage: ExitCoding, CustomStringConvertible {
  /// Disk, I/O or memory.
  var exitCode: Int32 { 7 }
  /// What is lacking, and what to do.
  let description: String

  /// A limit of the user's, or of a container.
  static let threads = ResourceShortage(
    "the system allows no more threads: raise the limit on processes (ulimit -u) or memory (ulimit -v), or start fewer ranks on this node"
  )

  init(_ description: String) { self.description = description }
}
