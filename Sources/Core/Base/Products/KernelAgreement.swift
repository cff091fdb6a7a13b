/// The parts of the machine's code that decide bits, compared among ranks.
public enum KernelAgreement {
  /// OpenBLAS's kernel class on this rank, for example `Haswell`.
  public static var blasClass: String { MatrixMultiply.kernelClass }

  /// Refuses ranks with different classes of BLAS kernels, whose results differ in the last bits.
  ///
  /// - Throws: `TrainerError(.usage)` on all ranks.
  package static func check(among world: Communicator) throws {
    let classes = try world.allGather(bytes: Array(blasClass.utf8))
      .map { String(decoding: $0, as: UTF8.self) }
    guard let other = classes.firstIndex(where: { $0 != classes[0] }) else { return }
    throw world.failure(
      .usage,
      "OpenBLAS runs its \(classes[0]) kernels on rank 0 and its \(classes[other]) kernels on rank \(other), "
        + "which round differently; give \(parameter: "blas_kernels") CLASS with a class that all machines have, such "
        + "as haswell")
  }
}

extension KernelTable {
  /// The kernels of this processor, with OpenBLAS ready beside them.
  ///
  /// - Throws: `KernelSelectionError`, `TrainerError(.inputOutput)`.
  package static func readyForProducts() throws -> KernelTable {
    try MatrixMultiply.prepare()
    return try select()
  }
}

extension KernelSelectionError: ExitCoding {
  /// Usage: another machine or another setting is needed.
  public var exitCode: Int32 { 2 }
}
