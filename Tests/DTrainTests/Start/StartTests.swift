import DTrainCore
import XCTest

/// The new start with one BLAS thread and a stated kernel class, seen through the doctor.
final class StartTests: XCTestCase {
  private func findings(
    _ arguments: [String] = [], ranks: Int? = nil, environment: [String: String] = [:]
  ) throws -> [JSON] {
    let result = try Program.run(
      ["doctor", "--json"] + arguments, ranks: ranks, environment: environment)
    XCTAssertEqual(result.status, 0, result.error + result.output)
    XCTAssertEqual(result.error, "")
    return try XCTUnwrap(JSON(parsing: Array(result.output.utf8)).items)
  }

  private func finding(_ subject: String, in all: [JSON]) throws -> JSON {
    try XCTUnwrap(all.first { $0["subject"]?.text == subject }, subject)
  }

  func testOneThreadWhateverTheEnvironmentSays() throws {
    let all = try findings(environment: ["OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"])
    XCTAssertEqual(try finding("matrix kernels", in: all)["status"], "ok")
    XCTAssert(try XCTUnwrap(finding("MPI", in: all)["detail"]?.text).contains("Open MPI"))
  }

  #if arch(x86_64)
    func testKernelClassIsWhatTheOptionSays() throws {
      for (arguments, name) in [
        ([], "Haswell"), (["--blas-kernels", "zen"], "Zen"),
        (["--blas-kernels=sandybridge"], "Sandybridge"),
      ] {
        let all = try findings(arguments, environment: ["OPENBLAS_CORETYPE": "Nehalem"])
        let kernels = try finding("matrix kernels", in: all)
        XCTAssertEqual(kernels["status"], "ok")
        XCTAssert(try XCTUnwrap(kernels["detail"]?.text).contains("OpenBLAS \(name),"))
      }
    }
  #endif

  func testNoMarkerKeepsAnotherProcessFromStartingAnew() throws {
    let all = try findings(environment: ["DTRAIN_PREPARED": "1", "OPENBLAS_NUM_THREADS": "2"])
    XCTAssertEqual(try finding("matrix kernels", in: all)["status"], "ok")
  }

  func testDoctorOfSeveralRanks() throws {
    let all = try findings(ranks: 3)
    XCTAssert(
      try XCTUnwrap(finding("MPI", in: all)["detail"]?.text).contains("3 ranks on one node"))
    XCTAssertEqual(try finding("shared memory", in: all)["status"], "ok")
    XCTAssertNotNil(try finding("all-reduce by MPI", in: all)["detail"])
  }

  func testDoctorSaysWhySharedMemoryIsMissing() throws {
    let all = try findings(ranks: 2, environment: ["DTRAIN_NO_SHARED_MEMORY": "1"])
    let finding = try finding("shared memory", in: all)
    XCTAssertEqual(finding["status"], "warning")
    XCTAssert(try XCTUnwrap(finding["detail"]?.text).contains("DTRAIN_NO_SHARED_MEMORY"))
  }
}
