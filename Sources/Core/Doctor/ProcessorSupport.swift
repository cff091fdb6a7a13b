import Glibc

/// Whether this processor can run the program's kernels.
public enum ProcessorSupport {
  /// Throws `TrainerError(.usage)` where no kernels of this program run here, or where the variable
  /// `DTRAIN_ISA` asks for some that do not.
  public static func check() throws(TrainerError) {
    do throws(KernelSelectionError) {
      _ = try KernelTable.select()
    } catch {
      throw TrainerError(.usage, error.description)
    }
  }

  /// The kernels that this program chooses here, and the library of matrix products: `v3, OpenBLAS 0.3.21`.
  public static var kernels: String {
    "\((try? KernelTable.select())?.isaName ?? "none"), \(MatrixMultiply.libraryVersion)"
  }

  /// The first of the features, in the words of /proc/cpuinfo, that the processor lacks; nil where it
  /// has all, or where that cannot be found out.
  public static func missing(_ features: [String]) -> String? {
    guard !features.isEmpty, let file = fopen("/proc/cpuinfo", "re") else { return nil }
    defer { fclose(file) }
    // One processor's flags speak for all; the line is some thousand bytes long.
    var line = [CChar](repeating: 0, count: 1 << 14)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      guard text.hasPrefix("flags") else { continue }
      let flags = Set(text.split { $0 == " " || $0 == "\t" || $0 == "\n" })
      return features.first { !flags.contains(Substring($0)) }
    }
    return nil
  }
}
