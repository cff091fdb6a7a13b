import CCPU

#if canImport(Glibc)
  import Glibc
#endif

/// Why no kernels can run here.
public struct KernelSelectionError: Error, Equatable, CustomStringConvertible {
  /// What is missing or wrong, and what to do.
  public let description: String
}

extension KernelTable {
  /// The kernels for this CPU.
  ///
  /// The environment variable `DTRAIN_ISA` (`v3` or `v4`) overrides the choice. Without it v4 is
  /// taken where it was measured to be faster, which is on AMD's processors with AVX-512 (Zen 4:
  /// tanh and sigmoid 1.5 times, the rest about equal), else v3. Both give the same bits.
  /// - Throws: ``KernelSelectionError`` if the CPU is older than x86-64-v3 or lacks the instruction
  ///   set that the variable asks for, or if the variable holds something else.
  public static func select() throws(KernelSelectionError) -> KernelTable {
    try select(
      isa: getenv("DTRAIN_ISA").map { String(cString: $0) }, missing: dtrain_cpu_missing(),
      isAMD: dtrain_cpu_is_amd() != 0)
  }

  /// The kernels that `select()` chooses; ends the process with its message where it throws, so
  /// call `select()` first.
  public static let shared: KernelTable = {
    do throws(KernelSelectionError) {
      return try select()
    } catch {
      fatalError(error.description)
    }
  }()

  /// The choice itself: `isa` from the environment, `missing` as `dtrain_cpu_missing` returns it,
  /// and whether AMD made the CPU.
  package static func select(
    isa: String?, missing: UInt32, isAMD: Bool
  ) throws(KernelSelectionError) -> KernelTable {
    #if arch(x86_64)
      if let isa, isa != "v3", isa != "v4" {
        throw KernelSelectionError(
          description: "DTRAIN_ISA is '\(isa)'; it can be v3 or v4, or be left unset")
      }
      let missingV3 = featureNames(missing & 0xFFF)
      if !missingV3.isEmpty {
        throw KernelSelectionError(
          description:
            "this CPU cannot run dtrain: it needs x86-64-v3 (Intel Haswell, AMD Excavator or newer) "
            + "and lacks \(missingV3.joined(separator: ", ")); "
            + "run on a newer machine, or let the virtual machine pass the host's CPU through")
      }
      guard let isa else { return isAMD && missing == 0 ? v4 : v3 }
      if isa == "v3" { return v3 }
      let missingV4 = featureNames(missing)
      if !missingV4.isEmpty {
        throw KernelSelectionError(
          description:
            "DTRAIN_ISA is 'v4', but this CPU lacks \(missingV4.joined(separator: ", ")); "
            + "set it to v3 or leave it unset")
      }
      return v4
    #else
      if let isa {
        throw KernelSelectionError(
          description: "DTRAIN_ISA is '\(isa)', but this CPU has one set of kernels; leave it unset"
        )
      }
      return arm64
    #endif
  }

  /// Every build that this CPU can run.
  package static var available: [KernelTable] {
    #if arch(x86_64)
      let missing = dtrain_cpu_missing()
      if missing == 0 { return [v3, v4] }
      return missing & 0xFFF == 0 ? [v3] : []
    #else
      return [arm64]
    #endif
  }

  /// The names of the features in a mask of `dtrain_cpu_missing`, lowest bit first.
  private static func featureNames(_ mask: UInt32) -> [String] {
    let names = [
      "SSSE3", "SSE4.2", "POPCNT", "AVX", "AVX2", "BMI1", "BMI2", "F16C", "FMA", "LZCNT", "MOVBE",
      "the operating system's support for AVX", "AVX512F", "AVX512BW", "AVX512CD", "AVX512DQ",
      "AVX512VL", "the operating system's support for AVX-512",
    ]
    return names.indices.filter { mask & (1 << UInt32($0)) != 0 }.map { names[$0] }
  }
}
