import DTrainCore
import XCTest

final class HelpTests: XCTestCase {
  func testHelpNamesEveryCommand() throws {
    for arguments in [["--help"], ["help"], ["-h"]] {
      let result = try Program.run(arguments)
      XCTAssertEqual(result.status, 0)
      XCTAssertEqual(result.error, "")
      for command in ["mlp", "predict", "evaluate", "export", "info", "doctor"] {
        XCTAssert(result.output.contains("\n  \(command) "), "\(arguments): \(command)")
      }
    }
  }

  func testHelpOfMLPNamesEveryOptionOfTheContract() throws {
    let result = try Program.run(["mlp", "--help"])
    XCTAssertEqual(result.status, 0)
    let options = [
      "data", "labels", "target", "drop", "columns", "categories", "missing", "test-data",
      "test-labels", "format", "scale", "out",
      "overwrite", "seed", "shards", "quiet", "verbose", "progress", "blas-kernels", "hidden",
      "classes", "activation", "loss", "huber-delta", "epochs", "batch", "learning-rate",
      "gradient", "decay",
      "schedule",
      "step-every", "step-factor", "warmup", "optimizer", "momentum", "weight-decay", "init-scale",
      "init-model", "validation", "early-stop", "target-accuracy", "evaluate-every",
    ]
    for option in options {
      XCTAssert(result.output.contains(" --\(option)"), "--\(option)")
    }
    XCTAssertFalse(result.output.contains("measure-products"))
    XCTAssert(result.output.contains("idx, npy, npz"), result.output)
    for line in result.output.split(separator: "\n") {
      XCTAssertLessThanOrEqual(line.count, 80, String(line))
    }
  }

  func testHelpAndVersionAppearOnceUnderMPIRun() throws {
    let version = try Program.run(["--version"], ranks: 3)
    XCTAssertEqual(version.status, 0)
    let lines = version.output.split(separator: "\n")
    XCTAssertEqual(lines.first, "dtrain \(Version.current)")
    XCTAssertEqual(
      lines.dropFirst().map { $0.prefix { $0 != ":" } }, ["commit", "Swift", "MPI", "kernels"])
    XCTAssertTrue(lines[3].contains("Open MPI v"), String(lines[3]))
    XCTAssertTrue(lines[4].contains("OpenBLAS"), String(lines[4]))
    XCTAssertNotNil(lines[1].firstMatch(of: /[0-9a-f]{10}|unknown/), String(lines[1]))
    let help = try Program.run(["mlp", "--help"], ranks: 3)
    XCTAssertEqual(help.status, 0)
    XCTAssertEqual(help.output.components(separatedBy: "OVERVIEW:").count, 2)
  }
}
