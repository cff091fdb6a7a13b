internal import CLinux
import Glibc

/// Memory whose size the user's data or options decide, and which the system may refuse.
package enum Memory {
  /// Memory that is not touched, on a boundary; to be given back with `free`.
  ///
  /// - Parameters:
  ///   - bytes: nil where the number does not fit 64 bits.
  ///   - alignment: a power of two, at least 8.
  ///   - use: what it is for, behind "no memory for".
  /// - Throws: `TrainerError(.inputOutput)`.
  package static func reserve(
    _ bytes: Int?, alignment: Int, for use: @autoclosure () -> String
  ) throws(TrainerError) -> UnsafeMutableRawPointer {
    guard let bytes, let memory = __libc_memalign(alignment, max(alignment, bytes)) else {
      throw TrainerError(
        .inputOutput, "no memory for \(use()); use more ranks on more nodes")
    }
    return memory
  }

  /// The error of memory that was refused where nothing else can be done without it.
  ///
  /// - Parameter less: what would take less, such as a smaller batch; nil for nothing.
  package static func refusal(of bytes: Int, less: String?) -> TrainerError {
    TrainerError(
      .inputOutput,
      "the system refused \(bytes) bytes of memory; use more ranks on more nodes\(less.map { " or \($0)" } ?? ""), or raise "
        + "the limit (ulimit -v, or the batch system's)")
  }
}
