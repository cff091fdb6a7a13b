import Glibc

/// What this process takes of the machine's memory.
public enum ProcessMemory {
  /// The most bytes that were resident at once, shared pages that this process touched included.
  ///
  /// `getrusage` also counts the program that called `exec`, here the launcher's child: the kernel's own
  /// high-water mark of the present image is asked first.
  public static var peakResidentBytes: Int { highWaterMark ?? maximumResidentSet }

  private static var highWaterMark: Int? {
    guard let file = fopen("/proc/self/status", "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      guard text.hasPrefix("VmHWM:") else { continue }
      return Int(text.drop { !$0.isNumber }.prefix { $0.isNumber }).map { $0 * 1024 }
    }
    return nil
  }

  private static var maximumResidentSet: Int {
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
