import CLinux
import DTrainCore
import Glibc

/// A process beside the ranks of a node that ends their launcher, mpirun or its daemon on another node, where it outlives
/// them all.
///
/// Debian's PMIx 4.2.2 can lock itself up when ranks die while they start: mpirun or a daemon then waits for ever, with
/// zombies for children. A guard ends it when nothing that it started lives, for its ``patience`` seconds in which it
/// does nothing either. A wrapper script, a second program or, for mpirun, a remote daemon (ssh, srun) is a child that
/// lives. A daemon whose ranks ended well is left alone: it may wait for other nodes. The guard also removes what a killed
/// mpirun leaves. `DTRAIN_NO_LAUNCHER_GUARD` turns it off.
enum LauncherGuard {
  /// The first argument of a guard.
  private static let command = "guard-launcher"
  /// Seconds between two looks, and from the request to end to the end.
  private static let (interval, grace) = (0.5, 1.0)
  /// What a rank that ended well sends.
  private static let farewell: [UInt8] = [1]

  /// Starts a guard for the launcher that started this process, where there is one and it has none yet.
  static func start() {
    // Who traces a process and all that it starts would wait for the guard, and mpirun for whoever traces.
    guard Launcher.isPresent, getenv("DTRAIN_NO_LAUNCHER_GUARD") == nil,
      (SystemFiles.line("TracerPid", in: "/proc/self/status") ?? "0") == "0",
      let launcher = launcher(), let claim = claim(launcher)
    else { return }
    // The socket outlives this process in the guard.
    defer { close(claim) }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // Pipes of the launcher that stayed open would keep it waiting.
    for stream in Int32(0)...2 {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
    }
    posix_spawnattr_setflags(&attributes, linux_spawn_setsid)
    func list(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
      texts.map { strdup($0.system) } + [nil]
    }
    let arguments = list([CommandLine.arguments[0], command, "\(launcher)", "\(claim)"])
    let environment = list([
      "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "TMPDIR=\(TemporaryDirectory.path)",
    ])
    defer { for text in arguments + environment { free(text) } }
    var process = pid_t()
    posix_spawn(&process, "/proc/self/exe", &actions, &attributes, arguments, environment)
  }

  /// Becomes a guard and does not return, where this process was started as one.
  static func guardIfAsked() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count == 3, arguments[0] == command, let process = pid_t(arguments[1]),
      let claim = Int32(arguments[2]), let name = State(of: process)?.name
    else { return }
    watch(process, isDaemon: daemons.contains(name), heeding: claim)
  }

  /// Tells the guard that this rank ended well.
  static func sayFarewell() {
    guard Launcher.isPresent, let launcher = launcher() else { return }
    withName(of: launcher) { socket, address, length in
      _ = sendto(socket, farewell, farewell.count, Int32(MSG_DONTWAIT), address, length)
      close(socket)
    }
  }

  /// The names of launchers as the system shortens them, and the seconds for which they are waited for without a living child. A
  /// daemon first hears from mpirun, which waits for other nodes.
  private static let (launchers, daemons) = (
    ["mpirun", "mpirun.openmpi", "mpiexec", "mpiexec.openmp", "orterun", "prterun"],
    ["orted", "prted"]
  )
  private static let patience = (launcher: 3.0, daemon: 10.0)

  /// - Parameter claim: the socket that ranks send their farewell to.
  private static func watch(_ launcher: pid_t, isDaemon: Bool, heeding claim: Int32) -> Never {
    let handle = linux_pidfd_open(launcher)
    let patience = isDaemon ? patience.daemon : patience.launcher
    var idle: (since: Double, ticks: Int)?
    while handle >= 0, !hasEnded(handle, within: interval), let state = State(of: launcher) {
      guard !state.isHeld, !hasLivingChild(launcher) else {
        idle = nil
        continue
      }
      guard let known = idle, state.ticks - known.ticks <= 1 else {
        idle = (MonotonicClock.seconds, state.ticks)
        continue
      }
      guard MonotonicClock.seconds - known.since >= patience else { continue }
      if isDaemon, hasFarewell(claim) { break }
      say(
        "nothing that \(state.name) started lives any more, and it does not end: it is ended "
          + "(DTRAIN_NO_LAUNCHER_GUARD=1 turns this off)", launcher)
      linux_pidfd_send(handle, SIGTERM)
      if !hasEnded(handle, within: grace) { linux_pidfd_send(handle, SIGKILL) }
      break
    }
    if handle >= 0, hasEnded(handle, within: grace), LauncherFiles.areLeft(by: launcher) {
      // The ranks of a killed mpirun die with it, but not in the same instant.
      usleep(300_000)
      LauncherFiles.remove(of: launcher)
    }
    _exit(0)
  }

  /// Whether a rank ended well.
  private static func hasFarewell(_ claim: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(claim, &byte, 1, Int32(MSG_DONTWAIT)) == 1
  }

  /// The nearest ancestor that is a launcher; ranks may be started through scripts.
  private static func launcher() -> pid_t? {
    var process = getppid()
    for _ in 0..<4 {
      guard process > 1, let state = State(of: process) else { return nil }
      if (launchers + daemons).contains(state.name) { return process }
      process = state.parent
    }
    return nil
  }

  /// A socket whose name only one process of the machine can have; nil where another has it.
  private static func claim(_ launcher: pid_t) -> Int32? {
    withName(of: launcher) { socket, address, length in
      if bind(socket, address, length) == 0 { return socket }
      close(socket)
      return nil
    } ?? nil
  }

  /// A new socket, and the address of a launcher's guard.
  private static func withName<R>(
    of launcher: pid_t, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> R
  ) -> R? {
    guard let state = State(of: launcher) else { return nil }
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard socket >= 0 else { return nil }
    // A name that begins with 0 belongs to no file, and goes with its last owner.
    let name = [0] + Array("dtrain-guard-\(launcher)-\(state.began)".utf8)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body(socket, $0, length) }
    }
  }

  private static func hasEnded(_ handle: Int32, within seconds: Double) -> Bool {
    var waiting = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, Int32(seconds * 1000)) > 0
  }

  private static func hasLivingChild(_ process: pid_t) -> Bool {
    let tasks = "/proc/\(process)/task"
    return SystemFiles.names(in: tasks)
      .compactMap { SystemFiles.text("\(tasks)/\($0)/children") }
      .flatMap { $0.split(separator: " ").compactMap { pid_t($0) } }
      .contains { State(of: $0).map { !$0.isDead } ?? false }
  }

  /// Says it where the launcher's own messages go, if that can be written to.
  private static func say(_ text: String, _ launcher: pid_t) {
    let stream = open("/proc/\(launcher)/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY)
    guard stream >= 0 else { return }
    dup2(stream, 2)
    MPIRuntime.writeError("dtrain: \(text)\n")
  }

  /// What the system says of a process.
  private struct State {
    let name: String
    /// R running, S asleep, T stopped, Z dead, …
    private let letter: Character
    let parent: pid_t
    /// The processor time that it has taken, and when it began, in ticks of the system's clock.
    let ticks: Int
    let began: Int

    var isDead: Bool { letter == "Z" || letter == "X" }
    /// Whether somebody holds it, or a device: then it is not to blame.
    var isHeld: Bool { ["T", "t", "D"].contains(letter) }

    /// Nil where there is no such process.
    init?(of process: pid_t) {
      guard let text = SystemFiles.text("/proc/\(process)/stat"),
        let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
      else { return nil }
      // A name may hold anything.
      name = String(text[text.index(after: open)..<close])
      let fields = text[text.index(after: close)...].split(separator: " ")
      guard fields.count > 19, let letter = fields[0].first, let parent = pid_t(fields[1]),
        let user = Int(fields[11]), let system = Int(fields[12]), let began = Int(fields[19])
      else { return nil }
      (self.letter, self.parent, self.began, ticks) = (letter, parent, began, user + system)
    }
  }
}
