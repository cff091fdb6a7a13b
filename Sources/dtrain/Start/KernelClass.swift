import ArgumentParser
import DTrainCore
import Glibc

/// The families of matrix kernels of OpenBLAS that can be asked for. Classes differ in the last bits of
/// their results, so a run states its own. OpenBLAS knows them by these names, and does not mind the case.
enum KernelClass: String, CaseIterable, ExpressibleByArgument {
  #if arch(x86_64)
    case haswell, zen, sandybridge, skylakex, cooperlake

    /// What a run uses unless told otherwise: on the processors measured as fast as wider classes, and
    /// there on all processors that can run dtrain.
    static let standard: KernelClass? = .haswell

    /// Throws where the processor lacks the instructions of this class: it would die of SIGILL.
    func checkProcessor() throws(TrainerError) {
      guard let missing = ProcessorSupport.missing(features) else { return }
      throw TrainerError(
        .usage,
        "--blas-kernels \(rawValue): this processor lacks \(missing); use haswell, which is the default"
      )
    }

    private var features: [String] {
      switch self {
      case .haswell, .zen, .sandybridge: []
      case .skylakex: ["avx512f", "avx512bw", "avx512dq", "avx512vl"]
      case .cooperlake: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_bf16"]
      }
    }
  #else
    case armv8, neoversen1

    /// OpenBLAS chooses by the processor.
    static let standard: KernelClass? = nil

    /// Every class runs on every processor of this architecture that dtrain was built for.
    func checkProcessor() throws(TrainerError) {}
  #endif
}
