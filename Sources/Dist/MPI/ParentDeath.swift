internal import CLinux
import Glibc

/// What becomes of this process when the one that started it dies: mpirun, its daemon, or that of SLURM. Without this a
/// rank that computes, or is stopped, would outlive its job.
///
/// A daemon that died before is not noticed here; then MPI cannot start.
enum ParentDeath {
  /// Lets the kernel tell this process, which then removes what Open MPI made for it in /dev/shm, and dies: the names
  /// of these files go only when the ranks have found each other.
  static func removesFiles() {
    let jobs = ["OMPI_MCA_ess_base_jobid", "PMIX_NAMESPACE"].lazy
    guard
      let job = jobs.compactMap({ getenv($0) }).compactMap({ UInt32(String(cString: $0)) }).first
    else { return kills() }
    let host = MPIRuntime.hostName()
    let end = ".\(geteuid()).\(String(job, radix: 16)).\(Launcher.declaredLocalRank)"
    // Open MPI may have cut the domain off.
    file = strdup("/dev/shm/vader_segment.\(host)\(end)")
    otherFile = strdup("/dev/shm/vader_segment.\(host.prefix { $0 != "." })\(end)")
    // A signal that nobody else sends, and nobody ignores.
    let number = __libc_current_sigrtmin() + 3
    signal(number) { _ in
      if let file { unlink(file) }
      if let otherFile { unlink(otherFile) }
      kill(getpid(), SIGKILL)
    }
    _ = linux_die_with_parent(number)
  }

  /// Lets the kernel kill this process, even where it is stopped.
  static func kills() { _ = linux_die_with_parent(SIGKILL) }
}

// For the handler, which may touch nothing that is made when it is first used.
private nonisolated(unsafe) var file: UnsafeMutablePointer<CChar>?
private nonisolated(unsafe) var otherFile: UnsafeMutablePointer<CChar>?
