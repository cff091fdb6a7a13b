import Glibc

extension Launcher {
  /// Whether one of the processes that the launcher started on this host is gone; nil where that cannot be seen, or
  /// where the first rank is elsewhere.
  package static var hasLostAProcessHere: Bool? {
    guard declaredLocalRank == declaredRank, let size = declaredLocalSize else { return nil }
    // A process is a child of the thread that started it.
    let tasks = "/proc/\(getppid())/task"
    let children = SystemFiles.names(in: tasks)
      .compactMap { SystemFiles.text("\(tasks)/\($0)/children") }
      .reduce(0) { $0 + $1.split(separator: " ").count }
    return children == 0 ? nil : children < size
  }

  /// Whether the launcher passes on whole lines alone, and late what is none: srun, which starts processes by its
  /// `slurmstepd`.
  package static var keepsPartsOfLines: Bool {
    getenv("SLURM_PROCID") != nil
      && SystemFiles.line("Name", in: "/proc/\(getppid())/status") == "slurmstepd"
  }
}
