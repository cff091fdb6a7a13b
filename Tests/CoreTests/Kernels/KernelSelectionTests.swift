import KernelTable
import XCTest

final class KernelSelectionTests: XCTestCase {
  private func message(isa: String?, missing: UInt32) -> String? {
    do {
      _ = try KernelTable.select(isa: isa, missing: missing, isAMD: true)
      return nil
    } catch {
      return error.description
    }
  }

  #if arch(x86_64)
    func testChoice() throws {
      XCTAssertEqual(try KernelTable.select(isa: "v3", missing: 0, isAMD: true).isaName, "v3")
      XCTAssertEqual(try KernelTable.select(isa: "v4", missing: 0, isAMD: false).isaName, "v4")
      XCTAssertEqual(try KernelTable.select(isa: nil, missing: 0, isAMD: true).isaName, "v4")
      XCTAssertEqual(try KernelTable.select(isa: nil, missing: 0, isAMD: false).isaName, "v3")
      XCTAssertEqual(try KernelTable.select(isa: nil, missing: 1 << 12, isAMD: true).isaName, "v3")
    }

    func testRefusals() {
      XCTAssertEqual(
        message(isa: "avx2", missing: 0),
        "DTRAIN_ISA is 'avx2'; it can be v3 or v4, or be left unset")
      XCTAssertEqual(
        message(isa: "v4", missing: 1 << 13 | 1 << 17),
        "DTRAIN_ISA is 'v4', but this CPU lacks AVX512BW, the operating system's support for "
          + "AVX-512; set it to v3 or leave it unset")
      for isa in [nil, "v3", "v4"] {
        let text = message(isa: isa, missing: 1 << 4 | 1 << 8 | 1 << 12)
        XCTAssertEqual(text?.contains("lacks AVX2, FMA;"), true, text ?? "not refused")
      }
    }
  #endif

  func testThisMachineHasAChoice() throws {
    XCTAssertFalse(KernelTable.available.isEmpty)
    XCTAssertTrue(KernelTable.available.map(\.isaName).contains(try KernelTable.select().isaName))
    XCTAssertEqual(KernelTable.shared.isaName, try KernelTable.select().isaName)
  }
}
