import Glibc

/// What the environment says of the launcher (mpirun, srun) that started this process.
public enum Launcher {
  /// Whether a launcher that Open MPI can talk to, or a step of several tasks, started this process.
  ///
  /// A shell inside a batch allocation has the job's variables but none of a step: a program started
  /// there by hand runs alone.
  public static var isPresent: Bool {
    isAnySet("OMPI_COMM_WORLD_SIZE", "PMIX_RANK") || declaredSize > 1
  }

  /// The number of ranks that the launcher says it started, at least 1.
  public static var declaredSize: Int {
    max(1, numbers("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS").max() ?? 1)
  }

  /// This process's number among those that the launcher started, before MPI is up.
  public static var declaredRank: Int {
    guard isPresent else { return 0 }
    return numbers("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID").first ?? 0
  }

  /// This process's number among those of its node, as the launcher says; 0 where it says nothing.
  package static var declaredLocalRank: Int {
    numbers("OMPI_COMM_WORLD_LOCAL_RANK", "PMIX_LOCAL_RANK", "SLURM_LOCALID").first ?? 0
  }

  /// How many processes the launcher started on this node; nil where it does not say.
  package static var declaredLocalSize: Int? { numbers("OMPI_COMM_WORLD_LOCAL_SIZE").first }

  /// Whether srun started this process, and not mpirun, which may run within a step of SLURM.
  public static var isSrun: Bool {
    isAnySet("SLURM_STEP_NUM_TASKS") && !isAnySet("OMPI_COMM_WORLD_SIZE")
  }

  /// Refuses a step of several tasks that was started without what lets MPI find the others, before MPI
  /// itself ends each of them with a screen of text.
  static func checkBeforeStart() throws(LaunchError) {
    let isConnected = isAnySet("OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK")
    if declaredSize > 1, !isConnected { throw LaunchError() }
  }

  /// Refuses a launch of several processes that do not find each other: each would do the whole
  /// work alone, and all would write the same files.
  static func check(_ world: Communicator) throws(LaunchError) {
    if world.size == 1, declaredSize > 1 { throw LaunchError() }
  }

  private static func isAnySet(_ names: String...) -> Bool {
    names.contains { getenv($0) != nil }
  }

  /// The numbers among the values of some variables.
  private static func numbers(_ names: String...) -> [Int] {
    names.compactMap { getenv($0) }.compactMap { Int(String(cString: $0)) }
  }
}

/// Several processes were started, yet MPI gave each a world of its own.
public struct LaunchError: ExitCoding, CustomStringConvertible {
  /// Usage: the command line has to change.
  public var exitCode: Int32 { 2 }
  /// What was seen and what to do.
  public var description: String {
    """
    the launcher started \(Launcher.declaredSize) processes, but MPI connects none of them (each sees a world \
    of size 1). Under SLURM use 'srun --mpi=pmix'; otherwise use the mpirun of the Open MPI that \
    this program was built with ('mpirun --version' should print Open MPI)
    """
  }
}
