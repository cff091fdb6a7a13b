import DTrainCore
import Glibc

/// What an mpirun that was killed leaves on its host; one that ends by itself removes it.
enum LauncherFiles {
  /// Whether an mpirun that is gone left files.
  static func areLeft(by process: pid_t) -> Bool { FileSystem.exists(directory(of: process)) }

  /// Removes the files of an mpirun that is gone: its directory, and the shared memory of ranks that were killed while
  /// they connected.
  static func remove(of process: pid_t) {
    let directory = directory(of: process)
    if let job = job(in: directory) { removeSegments(of: job) }
    // There is none after a good end.
    try? FileSystem.removeTree(directory)
  }

  /// Open MPI's directory for an mpirun on this host, `ompi.HOST.USER/pid.NUMBER` under TMPDIR or /tmp.
  private static func directory(of process: pid_t) -> String {
    let host = MPIRuntime.hostName().prefix { $0 != "." }
    return "\(TemporaryDirectory.path)/ompi.\(host).\(geteuid())/pid.\(process)"
  }

  /// Removes the files `vader_segment.HOST.USER.JOB.RANK` in /dev/shm.
  private static func removeSegments(of job: String) {
    guard let names = try? FileSystem.entries(of: "/dev/shm") else { return }
    let mark = ".\(geteuid()).\(job)."
    for name in names where name.hasPrefix("vader_segment.") && name.contains(mark) {
      unlink("/dev/shm/\(name)".system)
    }
  }

  /// The number of the ranks' job as it stands in the names of their files, hexadecimal: one more than
  /// that of mpirun, which Open MPI 4 notes as `NUMBER.0;ADDRESS`. Nil after a good end.
  private static func job(in directory: String) -> String? {
    guard let bytes = try? FileContents.read("\(directory)/contact.txt", limit: 1 << 16),
      let number = UInt32(String(decoding: bytes.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
    else { return nil }
    return String(number &+ 1, radix: 16)
  }
}
