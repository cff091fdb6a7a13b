import Glibc

/// What the environment says of the launcher (mpirun, srun) that started this process.
public enum Launcher {
  /// Whether a launcher that Open MPI can talk to, or a step of several tasks, started this process.
  ///
  /// A shell inside a batch allocation has the job's variables but none of a step: a program started
  /// there by hand runs alone.
  public static var isPresent: Bool {
    variable("OMPI_COMM_WORLD_SIZE") != nil || variable("PMIX_RANK") != nil || declaredSize > 1
  }

  /// The number of ranks that the launcher says it started, at least 1.
  public static var declaredSize: Int {
    let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"]
    return max(1, names.compactMap { variable($0).flatMap { Int($0) } }.max() ?? 1)
  }

  /// This process's number among those that the launcher started, before MPI is up.
  public static var declaredRank: Int {
    let names = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"]
    guard isPresent else { return 0 }
    return names.compactMap { variable($0).flatMap { Int($0) } }.first ?? 0
  }

  /// This process's number among those of its node, as the launcher says; 0 where it says nothing.
  static var declaredLocalRank: Int {
    ["OMPI_COMM_WORLD_LOCAL_RANK", "PMIX_LOCAL_RANK", "SLURM_LOCALID"].lazy
      .compactMap { variable($0).flatMap { Int($0) } }.first ?? 0
  }

  /// Whether one of the processes that the launcher started on this host is gone; nil where that cannot be seen, or
  /// where the first rank is elsewhere.
  public static var hasLostAProcessHere: Bool? {
    guard declaredLocalRank == declaredRank,
      let size = variable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap({ Int($0) })
    else { return nil }
    // A process is a child of the thread that started it.
    let tasks = "/proc/\(getppid())/task"
    guard let folder = opendir(tasks) else { return nil }
    defer { closedir(folder) }
    var children = 0
    while let entry = readdir(folder) {
      let task = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard task.first != ".", let file = fopen("\(tasks)/\(task)/children", "r") else { continue }
      var isInNumber = false
      while case let byte = getc(file), byte != EOF {
        let isDigit = byte != 0x20
        if isDigit, !isInNumber { children += 1 }
        isInNumber = isDigit
      }
      fclose(file)
    }
    return children == 0 ? nil : children < size
  }

  /// Refuses a step of several tasks that was started without what lets MPI find the others, before MPI
  /// itself ends each of them with a screen of text.
  static func checkBeforeStart() throws(LaunchError) {
    let connectors = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
    guard declaredSize > 1, connectors.allSatisfy({ variable($0) == nil }) else { return }
    throw LaunchError(declaredSize: declaredSize, isReporter: declaredRank == 0)
  }

  /// Refuses a launch of several processes that do not find each other: each would do the whole
  /// work alone, and all would write the same files.
  static func check(_ world: Communicator) throws(LaunchError) {
    guard world.size == 1, declaredSize > 1 else { return }
    throw LaunchError(declaredSize: declaredSize, isReporter: declaredRank == 0)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}

/// Several processes were started, yet MPI gave each a world of its own.
public struct LaunchError: ExitCoding, CustomStringConvertible {
  let declaredSize: Int
  /// Whether this process speaks for all.
  let isReporter: Bool
  /// Usage: the command line has to change.
  public var exitCode: Int32 { 2 }
  /// What was seen and what to do.
  public var description: String {
    """
    the launcher started \(declaredSize) processes, but MPI connects none of them (each sees a world \
    of size 1). Under SLURM use 'srun --mpi=pmix'; otherwise use the mpirun of the Open MPI that \
    this program was built with ('mpirun --version' should print Open MPI)
    """
  }
}
