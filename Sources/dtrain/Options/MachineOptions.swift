import ArgumentParser

/// How the process computes.
struct MachineOptions: ParsableArguments {
  @Option(
    name: .customLong("blas-kernels"),
    help: ArgumentHelp(
      """
      Family of OpenBLAS kernels; results differ between families in the last bits \
      (default: \(KernelClass.standard?.rawValue ?? "by processor")).
      """, valueName: "class"))
  private var chosen: KernelClass?

  @OptionGroup var stall: StallOptions

  /// The family that is asked for, or the default; nil where OpenBLAS chooses.
  var kernels: KernelClass? { kernels(as: nil) }

  /// The same with another default: the family of that name, where there is one.
  func kernels(as recorded: String?) -> KernelClass? {
    chosen ?? recorded.flatMap(KernelClass.init(rawValue:)) ?? KernelClass.standard
  }
}
