import DTrainCore
import Glibc
import Synchronization

/// A launcher that runs, in a process group of its own: ctrl-C reaches it once, from here.
struct LaunchedJob {
  private let process: pid_t

  /// The process that signals are passed on to; 0 for none.
  private static let current = Atomic<Int32>(0)
  /// The last signal that asked for the end; 0 for none.
  private static let request = Atomic<Int32>(0)

  /// Whether somebody asked the supervisor to end.
  static var isAskedToStop: Bool { request.load(ordering: .relaxed) != 0 }

  /// Passes requests to stop on to the job from now on: the first as SIGUSR1, upon which mpirun lets the ranks save
  /// for as long as they need, and later ones as they are.
  static func listen() {
    // A handler must not be the first to touch them.
    current.store(0, ordering: .relaxed)
    request.store(0, ordering: .relaxed)
    for number in [SIGUSR1, SIGTERM, SIGINT, SIGHUP] {
      signal(number) { number in
        let isFirst = LaunchedJob.request.exchange(number, ordering: .relaxed) == 0
        let process = LaunchedJob.current.load(ordering: .relaxed)
        if process > 0 { kill(process, isFirst ? SIGUSR1 : number) }
      }
    }
  }

  /// Starts a command found in PATH.
  ///
  /// - Throws: `TrainerError(.usage)` where it cannot be started.
  init(_ words: [String]) throws(TrainerError) {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Out of the terminal's group it could not read from it.
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    var arguments = words.map { strdup($0.system) } + [nil]
    defer { for text in arguments { free(text) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, words[0].system, &actions, &attributes, &arguments, environ)
    try require(code == 0, .usage, "\(words[0]): \(String(cString: strerror(code)))")
    process = child
    Self.current.store(child, ordering: .relaxed)
  }

  /// Waits for the end, removes what a killed mpirun leaves, and returns the exit code, or 128 and the
  /// signal's number.
  ///
  /// - Parameter isDeaf: whether the job shows no sign yet that it heard a request to stop. One that came before
  ///   the ranks were there is lost, so it is repeated each second as long as this holds.
  func wait(while isDeaf: () -> Bool) -> Int32 {
    var status: Int32 = 0
    var asked = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      usleep(50_000)
      guard Self.isAskedToStop else { continue }
      asked += 1
      if asked % 20 == 0, isDeaf() { kill(process, SIGUSR1) }
    }
    Self.current.store(0, ordering: .relaxed)
    if status & 0x7f != 0 {
      // The ranks of a killed mpirun die with it, but not in the same instant.
      usleep(300_000)
    }
    LauncherFiles.remove(of: process)
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }
}
