import Glibc

/// What one rank sees of its machine; ranks exchange it as JSON.
public struct RankFacts: Equatable, Sendable {
  /// The rank.
  public var rank = 0
  /// Its node's number.
  public var node = 0
  /// Its node's name.
  public var host = ""
  /// The cores that the rank may run on, each named by its first hardware thread.
  public var cores: [Int] = []
  /// Cores of the machine, whether this rank may use them or not.
  public var machineCores = 1
  /// Processors' worth of time that the container grants; nil for no limit.
  public var quota: Double?
  /// OpenBLAS's kernels.
  public var kernelClass = ""
  /// OpenBLAS's threads.
  public var blasThreads = 1
  /// The vector kernels in use: `v3` or `v4`.
  public var instructionSet = ""
  /// Bytes of memory that are available.
  public var memoryAvailable = 0
  /// Bytes of /dev/shm; nil where there is none.
  public var sharedSize: Int?
  /// Those that are free.
  public var sharedFree: Int?
  /// The mean number of running processes of the last minute.
  public var load = 0.0
  /// Network interfaces that are not down, without the loopback.
  public var interfaces: [String] = []
  /// Whether the user said which interfaces to use.
  public var namesInterfaces = false
  /// The speed of a matrix product while all ranks compute.
  public var gigaflops = 0.0

  /// What this process sees now, before it has computed anything.
  static func gather(rank: Int, node: Int) -> RankFacts {
    var facts = RankFacts()
    facts.rank = rank
    facts.node = node
    facts.host = MPIRuntime.hostName()
    let allowed = SystemFiles.list(
      SystemFiles.line("Cpus_allowed_list", in: "/proc/self/status") ?? "0")
    facts.cores = Array(Set(allowed.map(core))).sorted()
    let online = SystemFiles.list(SystemFiles.text("/sys/devices/system/cpu/online") ?? "0")
    facts.machineCores = max(1, Set(online.map(core)).count)
    facts.quota = processorQuota()
    facts.kernelClass = MatrixMultiply.kernelClass
    facts.blasThreads = MatrixMultiply.threads
    facts.instructionSet = (try? KernelTable.select())?.isaName ?? "none"
    facts.memoryAvailable = ProcessMemory.availableBytes ?? 0
    var space = statvfs()
    if statvfs("/dev/shm", &space) == 0 {
      facts.sharedSize = Int(space.f_blocks) * Int(space.f_frsize)
      facts.sharedFree = Int(space.f_bavail) * Int(space.f_frsize)
    }
    facts.load =
      (SystemFiles.text("/proc/loadavg")?.split(separator: " ").first).flatMap { Double($0) } ?? 0
    facts.interfaces = upInterfaces()
    facts.namesInterfaces =
      getenv("OMPI_MCA_btl_tcp_if_include") != nil || getenv("OMPI_MCA_btl_tcp_if_exclude") != nil
    return facts
  }

  /// A core's name: the first of the hardware threads that share it.
  private static func core(of processor: Int) -> Int {
    let path = "/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"
    return SystemFiles.text(path).flatMap { SystemFiles.list($0).first } ?? processor
  }

  /// The limit of a container's control group, version 2.
  private static func processorQuota() -> Double? {
    let parts = (SystemFiles.text("/sys/fs/cgroup/cpu.max") ?? "").split(separator: " ")
    guard parts.count == 2, let quota = Double(parts[0]), let period = Double(parts[1]), period > 0
    else { return nil }
    return quota / period
  }

  private static func upInterfaces() -> [String] {
    SystemFiles.names(in: "/sys/class/net").filter { name in
      name != "lo" && SystemFiles.text("/sys/class/net/\(name)/operstate") != "down"
    }
  }
}
