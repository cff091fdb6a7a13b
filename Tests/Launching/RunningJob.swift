import Glibc

/// A job while it runs, for those who mean it harm.
public struct RunningJob {
  /// The process that was started: mpirun, unless the job has mounts of its own.
  public let launcher: pid_t
  /// Seconds since its start.
  public let seconds: Double

  /// The processes of the ranks that exist now, by rank.
  public var ranks: [Int: pid_t] {
    var found: [Int: pid_t] = [:]
    for process in ChildProcess.members(ofSession: launcher) where process != launcher {
      if let rank = Self.rank(of: process) { found[rank] = process }
    }
    return found
  }

  /// Sends a signal to the launcher, or to a rank; whether there was such a process.
  @discardableResult
  public func send(_ signal: Int32, to rank: Int?) -> Bool {
    guard let process = rank == nil ? launcher : ranks[rank!] else { return false }
    return kill(process, signal) == 0
  }

  /// The process that started another one; nil where that is gone.
  public func parent(of process: pid_t) -> pid_t? {
    guard let file = fopen("/proc/\(process)/status", "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.split(
        whereSeparator: \.isWhitespace)
      if words.first == "PPid:", let number = words.dropFirst().first { return pid_t(number) }
    }
    return nil
  }

  /// What the launcher told the process that it is.
  private static func rank(of process: pid_t) -> Int? {
    let file = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = max(0, read(file, &bytes, bytes.count))
    let name = "OMPI_COMM_WORLD_RANK="
    return bytes[..<count].split(separator: 0).lazy
      .map { String(decoding: $0, as: UTF8.self) }
      .first { $0.hasPrefix(name) }
      .flatMap { Int($0.dropFirst(name.count)) }
  }
}
