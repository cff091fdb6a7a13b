import Glibc

/// One `mpirun` of a program of this package, with a time limit.
///
/// The job sees a small environment of its own: nothing of the caller's that could change a result
/// (kernels, threads, pretended nodes) reaches the ranks unless ``environment`` names it.
public struct MPIJob {
  /// The number of ranks.
  public var ranks: Int
  /// The executable's name, which stands beside the test bundle.
  public var program: String
  /// Its arguments.
  public var arguments: [String]
  /// Variables besides those that every job gets.
  public var environment: [String: String] = [:]
  /// Shell commands for single ranks, before the program starts there: `cd`, `ulimit`, `export`.
  public var preludes: [Int: String] = [:]
  /// Shell commands that prepare a mount namespace of the job's own; nil for none.
  public var mounts: String?
  /// Shell commands in that namespace after the job, for example to copy what it wrote.
  public var epilogue = ":"
  /// What is done to the job while it runs: called every few milliseconds until it returns true.
  public var attack: ((RunningJob) -> Bool)?
  /// Seconds until the whole job is killed.
  public var timeout = 120.0

  /// A job of `ranks` ranks; the rest can be set after.
  public init(_ ranks: Int, _ program: String, _ arguments: [String]) {
    self.ranks = ranks
    self.program = program
    self.arguments = arguments
  }

  /// Runs the job until no process of it is left.
  ///
  /// - Throws: ``LaunchFailure`` where mpirun or the program cannot be started at all.
  public func run() throws(LaunchFailure) -> JobOutcome {
    let executable = try BuiltProducts.executable(program)
    var command = ["mpirun", "-q", "-np", "\(ranks)"]
    if preludes.isEmpty {
      command += [executable] + arguments
    } else {
      command += ["/bin/bash", "-c", rankScript, executable, executable] + arguments
    }
    if let mounts {
      // Without root, a user namespace in which this user is root may mount as well.
      let isolation = geteuid() == 0 ? ["unshare", "-m"] : ["unshare", "-r", "-m"]
      let script = "set -e; \(mounts); set +e; \"$@\"; code=$?; \(epilogue); exit $code"
      command = isolation + ["/bin/bash", "-c", script, "job"] + command
    }
    return try ChildProcess.run(
      command, environment: variables, timeout: timeout, attack: attack)
  }

  /// Runs the prelude of this rank, then becomes the program.
  private var rankScript: String {
    let cases = preludes.sorted { $0.key < $1.key }.map { "\($0.key)) \($0.value);;" }
    return "case $OMPI_COMM_WORLD_RANK in \(cases.joined(separator: " ")) esac; exec \"$@\""
  }

  private var variables: [String: String] {
    var all = [
      "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      // More ranks than cores, which then must not spin.
      "OMPI_MCA_rmaps_base_oversubscribe": "1",
      "OMPI_MCA_mpi_yield_when_idle": "1",
      // The search for devices takes a fifth of what a job's start takes.
      "HWLOC_COMPONENTS": "-linuxio,-pci",
      // A look at Omni-Path hardware takes half of what is left.
      "OMPI_MCA_pml": "ob1",
      // Wrong arguments and forgotten handles are reported.
      "OMPI_MCA_mpi_param_check": "1",
      "OMPI_MCA_mpi_show_handle_leaks": "1",
    ]
    for name in ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"] {
      if let value = getenv(name) { all[name] = String(cString: value) }
    }
    if geteuid() == 0 || mounts != nil {
      all["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
      all["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    }
    return all.merging(environment) { _, own in own }
  }
}
