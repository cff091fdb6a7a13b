internal import CLinux
internal import CMPI
import Glibc

/// An error that knows the exit code its job should end with.
public protocol ExitCoding: Error {
  /// The process exit code, in `1...125`.
  var exitCode: Int32 { get }
}

/// Start and end of MPI around a program's body.
public enum MPIRuntime {
  /// What messages begin with.
  private nonisolated(unsafe) static var program = ""

  /// Runs `body` with the communicator of all ranks, and returns the process's exit code.
  ///
  /// MPI is initialised (`MPI_Init_thread` with `MPI_THREAD_FUNNELED`) only when a launcher started
  /// this process; otherwise `body` gets ``Communicator/solo`` and no MPI function is ever called.
  /// When `body` returns on every rank, MPI is finalised. An error that escapes prints
  ///
  ///     PROGRAM: [rank r of N on HOST] while doing what: what happened; what to do
  ///
  /// and ends the whole job (`MPI_Abort`) with the error's ``ExitCoding/exitCode``, or 1; finalising
  /// is collective and would hang with a rank missing. Of an error that all ranks agreed upon (see
  /// ``Communicator/agree(_:)``) only the rank where it happened prints. A job of several ranks that
  /// stands still longer than `limits` say is ended with ``StallLimits/exitCode``, and a message that
  /// tells which rank waits where and ends with `advice`; a rank does not outlive the launcher.
  ///
  /// - Parameter wording: the words for an error.
  public static func run(
    program: String, limits: StallLimits = StallLimits(), advice: StallAdvice = StallAdvice(),
    wording: (any Error) -> String = { "\($0)" }, _ body: (Communicator) throws -> Int32
  ) -> Int32 {
    var world = Communicator.solo
    Self.program = program
    do {
      try Launcher.checkBeforeStart()
      guard Launcher.isPresent else { return try body(world) }
      try ResourceLimits.check()
      ParentDeath.removesFiles()
      let watchdog = try Watchdog(program: program, limits: limits, advice: advice)
      defer { watchdog.enter(.done) }
      var provided: Int32 = 0
      try check(
        "MPI_Init_thread", MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided))
      world = try Communicator(handle: MPI_COMM_WORLD)
      try Launcher.check(world)
      watchdog.enter(.connecting)
      let connections = try NodeConnections(world)
      ParentDeath.kills()
      watchdog.enter(.running)
      try ProgressBoard.share(among: world, with: watchdog)
      let code = try body(world)
      connections.restoreNames()
      try check("MPI_Finalize", MPI_Finalize())
      return code
    } catch {
      return fail(error, world: world, wording: wording)
    }
  }

  private static func fail(
    _ error: any Error, world: Communicator, wording: (any Error) -> String
  ) -> Int32 {
    let agreed = error as? AgreedFailure
    if let agreed, agreed.own == nil {
      awaitAbort()
      return agreed.exitCode
    }
    let cause = agreed?.own ?? error
    let code = exitCode(of: cause)
    let (rank, size) =
      world.handle == nil
      ? (Launcher.declaredRank, Launcher.declaredSize) : (world.rank, world.size)
    if cause is LaunchError, rank != 0 { return code }
    // Before MPI is up ranks fail alike, but need not. Where one has failed, the launcher ends the others in a second or
    // three: a signal cuts the sleep short.
    if world.handle == nil, rank > 0, sleep(4) > 0 { return code }
    let place = size > 1 ? "[rank \(rank) of \(size) on \(hostName())] " : ""
    let message = "\(place)\(Activity.message(wording(cause)))"
    if world.handle == nil {
      writeError("\(program): \(message)\n")
    } else {
      abort(message, code: code)
    }
    return code
  }

  /// The code with which an error ends the job.
  package static func exitCode(of error: any Error) -> Int32 {
    max(1, (error as? any ExitCoding)?.exitCode ?? 1)
  }

  /// Prints a message and ends the job. The corresponding C function is `MPI_Abort`.
  static func abort(_ message: String, code: Int32) {
    writeError("\(program): \(message)\n")
    usleep(20_000)  // Lets the launcher forward the message before it tears the job down.
    MPI_Abort(MPI_COMM_WORLD, code)
  }

  /// Waits while another rank prints and aborts: this one must not run ahead of the message. Should the abort be
  /// lost, this rank's own exit ends the job.
  static func awaitAbort() { sleep(4) }

  /// This machine's name, from `gethostname`.
  public static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "?" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Writes a message to standard error in one call, so that ranks do not interleave in a line, and so that nothing in
  /// it, such as a file's name, commands the terminal: see ``TerminalText``.
  public static func writeError(_ message: String) {
    writeRaw(barErasure + TerminalText.harmless(message))
  }

  /// What comes before messages where some rank may draw a progress bar on the terminal that shows them; else empty. To be
  /// set before there are threads.
  public nonisolated(unsafe) static var barErasure = ""

  /// Writes a text in one call, whatever it commands a terminal to do: to standard error, or to standard output (1).
  public static func writeRaw(_ text: String, to stream: Int32 = 2) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { write(stream, $0.baseAddress, $0.count) }
  }

  /// Writes what was printed so far; whether any of it was lost, for example because the disk is full.
  public static func hasLostOutput() -> Bool { linux_standard_output_failed() != 0 }

  /// The MPI library's own name and version. The corresponding C function is
  /// `MPI_Get_library_version`.
  public static func libraryVersion() -> String {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING))
    var length: Int32 = 0
    MPI_Get_library_version(&text, &length)
    return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
