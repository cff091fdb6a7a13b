import Glibc

/// The environment that OpenBLAS reads before `main`.
enum ProcessStart {
  /// Holds the number of the process that has been started anew; that number outlives `exec` and is
  /// no other process's, so that a program started from here is not taken for prepared.
  private static let marker = "DTRAIN_PREPARED"

  /// Opens /dev/null for each standard stream that is closed: the next file that is opened would take its place, and get
  /// what is printed.
  static func openStandardStreams() {
    for stream in Int32(0)...2 where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Lets writing beyond the limit on the size of files fail (`ulimit -f`), with a message, instead of ending the process.
  static func ignoreLimitSignals() { signal(SIGXFSZ, SIG_IGN) }

  /// Starts this program again in the same process, with one BLAS thread and the given kernels, unless
  /// it has been started so already. OpenBLAS starts its threads and picks its kernels when it is
  /// loaded: setting its variables in a running process changes nothing (measured).
  ///
  /// Returns where nothing needs to be done, or where the system cannot start it again.
  static func restart(with kernels: KernelClass?) {
    var wanted = [("OPENBLAS_NUM_THREADS", "1"), ("OMP_NUM_THREADS", "1")]
    if let kernels { wanted.append(("OPENBLAS_CORETYPE", kernels.rawValue)) }
    let isReady = wanted.allSatisfy { name, value in variable(name) == value }
    let process = String(getpid())
    if isReady || variable(marker) == process { return }
    for (name, value) in wanted { setenv(name, value, 1) }
    setenv(marker, process, 1)
    // By its own path first: started through the link, the process would be called `exe` in `top`.
    if let path = ownPath() { execv(path, CommandLine.unsafeArgv) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// The path of this program; nil where the link to it is too long. It may have been moved since.
  private static func ownPath() -> String? {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &text, text.count - 1)
    guard count > 0, count < text.count - 1 else { return nil }
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
