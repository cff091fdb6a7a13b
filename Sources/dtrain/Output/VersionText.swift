import CBuild
import DTrainCore

/// What the program is made of: what to tell with a report of a fault.
enum VersionText {
  /// The version, the commit, Swift, Open MPI and the kernels, one a line.
  static var lines: [String] {
    [
      headline, "commit:   \(String(cString: build_commit()))", "Swift:    \(swift)",
      "MPI:      \(mpi)", "kernels:  \(kernels)",
    ]
  }

  /// The first line, which scripts may compare.
  static let headline = "dtrain \(Version.current)"

  /// The compiler's version, as far as sources can ask for it.
  private static var swift: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// `Open MPI v4.1.4`: what comes before the package's builder.
  private static var mpi: String {
    String(MPIRuntime.libraryVersion().prefix { $0 != "," && $0 != "\n" })
  }

  private static var kernels: String {
    "\(ProcessorSupport.kernels) (\(KernelClass.standard?.rawValue ?? "as it chooses"))"
  }
}
