import Glibc

/// A command in a session of its own, so that every process it leaves can be found and ended.
enum ChildProcess {
  /// Runs a command to its end, or to the time limit.
  ///
  /// - Parameter attack: see ``MPIJob/attack``.
  static func run(
    _ command: [String], environment: [String: String], timeout: Double,
    attack: ((RunningJob) -> Bool)? = nil
  ) throws(LaunchFailure) -> JobOutcome {
    var attack = attack
    var watch = Watch()
    let (child, output, errors) = try spawn(command, environment: environment)
    var streams = [Stream(descriptor: output), Stream(descriptor: errors)]
    var status: Int32 = 0
    var hasEnded = false
    var timedOut = false
    var end = 0.0
    while true {
      for index in streams.indices { streams[index].wait(milliseconds: index == 0 ? 5 : 0) }
      watch.look(at: streams[1].bytes)
      if !hasEnded, attack?(RunningJob(launcher: child, seconds: watch.seconds)) == true {
        attack = nil
      }
      if !hasEnded, waitpid(child, &status, WNOHANG) == child {
        hasEnded = true
        end = watch.seconds
      }
      if hasEnded, streams.allSatisfy(\.isAtEnd) || watch.seconds > end + 1 { break }
      if !hasEnded, !timedOut, watch.seconds > timeout {
        timedOut = true
        killAll(session: child)
      }
    }
    var rest = members(ofSession: child)
    while !rest.isEmpty, watch.seconds < end + 5 {
      usleep(20_000)
      rest = members(ofSession: child)
    }
    let seconds = watch.seconds
    for process in rest { kill(process, SIGKILL) }
    for stream in streams { close(stream.descriptor) }
    return JobOutcome(
      exitCode: status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f,
      output: String(decoding: streams[0].bytes, as: UTF8.self),
      errors: String(decoding: streams[1].bytes, as: UTF8.self), seconds: seconds,
      secondsToMessage: watch.message, timedOut: timedOut, leftBehind: rest.count)
  }

  /// Starts a command with pipes for its output and errors.
  private static func spawn(
    _ command: [String], environment: [String: String]
  ) throws(LaunchFailure) -> (child: pid_t, output: Int32, errors: Int32) {
    var output: [Int32] = [-1, -1]
    var errors: [Int32] = [-1, -1]
    guard pipe(&output) == 0, pipe(&errors) == 0 else {
      throw LaunchFailure(description: "pipe: \(String(cString: strerror(errno)))")
    }
    for descriptor in output + errors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID

    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
    variables.append(nil)
    defer { for text in arguments + variables { free(text) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, command[0], &actions, &attributes, &arguments, &variables)
    close(output[1])
    close(errors[1])
    guard code == 0 else {
      close(output[0])
      close(errors[0])
      throw LaunchFailure(
        description: "\(command[0]): \(String(cString: strerror(code))); is it installed?")
    }
    return (child, output[0], errors[0])
  }

  /// The processes of a session: mpirun puts ranks in process groups of their own, but not sessions.
  static func members(ofSession session: pid_t) -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let process = pid_t(name), getsid(process) == session, !isZombie(process) {
        found.append(process)
      }
    }
    return found
  }

  private static func isZombie(_ process: pid_t) -> Bool {
    let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return true }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = max(0, read(file, &bytes, bytes.count))
    guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")), end + 2 < count else {
      return true
    }
    return bytes[end + 2] == UInt8(ascii: "Z")
  }

  private static func killAll(session: pid_t) {
    for process in members(ofSession: session) { kill(process, SIGKILL) }
  }
}

/// Bytes that arrive through a pipe.
private struct Stream {
  let descriptor: Int32
  var bytes: [UInt8] = []
  var isAtEnd = false

  /// Takes what is there, or waits for it.
  mutating func wait(milliseconds: Int32) {
    guard !isAtEnd else {
      usleep(UInt32(milliseconds) * 1000)
      return
    }
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return }
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &piece, piece.count)
    if count > 0 { bytes += piece[..<count] } else { isAtEnd = true }
  }
}

/// The time since the start, and when the first message came.
private struct Watch {
  private let start = Self.now
  private(set) var message: Double?
  private var seen = 0

  var seconds: Double { Self.now - start }

  /// Notes when a line with a program's name and a colon was first seen.
  mutating func look(at bytes: [UInt8]) {
    guard message == nil, bytes.count > seen else { return }
    seen = bytes.count
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    if lines.contains(where: { $0.hasPrefix("dtrain: ") || $0.hasPrefix("mpi-harness: ") }) {
      message = seconds
    }
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
