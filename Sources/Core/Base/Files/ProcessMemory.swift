import Glibc

/// What this process takes of the machine's memory.
public enum ProcessMemory {
  /// The most bytes that were resident at once, shared pages that this process touched included.
  ///
  /// `getrusage` also counts the program that called `exec`, here the launcher's child: the kernel's own
  /// high-water mark of the present image is asked first.
  public static var peakResidentBytes: Int {
    if let mark = SystemFiles.number("VmHWM", in: "/proc/self/status") { return mark * 1024 }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  /// Bytes that this process's control group may still take, as the kernel estimates; nil where it does
  /// not say.
  public static var availableBytes: Int? {
    guard let machine = SystemFiles.number("MemAvailable", in: "/proc/meminfo") else { return nil }
    guard let limit = SystemFiles.text("/sys/fs/cgroup/memory.max").flatMap({ Int($0) }),
      let used = SystemFiles.text("/sys/fs/cgroup/memory.current").flatMap({ Int($0) })
    else { return machine * 1024 }
    return min(machine * 1024, max(0, limit - used))
  }
}
