import Foundation
import Launching
import XCTest

/// A sweep, and the runs of its points alone.
struct SweepCase {
  let method: String
  /// What all points share.
  let arguments: [String]
  /// What the sweep is given besides.
  let swept: [String]
  /// What each point has instead.
  let points: [[String]]

  /// The files of a point that are the same as those of its run alone.
  var results: [String] {
    ["config.json", method == "mlp" ? "model.safetensors" : "centers.npy"]
  }

  static func name(_ index: Int) -> String { "point-000\(index + 1)" }
}

extension XCTestCase {
  /// Makes a sweep with `--out out` in the folder, expecting success.
  @discardableResult
  func sweep(
    _ test: SweepCase, ranks: Int, groupSize: Int = 1, in folder: RunFolder, out: String = "sweep",
    environment: [String: String] = [:], file: StaticString = #filePath, line: UInt = #line
  ) throws -> JobOutcome {
    var job = MPIJob(
      ranks, "dtrain",
      ["sweep", test.method] + test.arguments + test.swept
        + ["--group-size", "\(groupSize)", "--out", folder.file(out), "--overwrite"])
    job.environment = environment
    let outcome = try run(job, "sweep in groups of \(groupSize)", file: file, line: line)
    XCTAssertEqual(
      outcome.exitCode, 0, "\(outcome.output)\(outcome.errors)", file: file, line: line)
    return outcome
  }

  /// Makes the points of a sweep alone, as `alone/point-0001` and so on.
  func makeAlone(_ test: SweepCase, in folder: RunFolder) throws {
    for (index, point) in test.points.enumerated() {
      _ = try run(
        [test.method] + test.arguments + point
          + ["--out", folder.file("alone/\(SweepCase.name(index))"), "--quiet", "--overwrite"])
    }
  }

  /// Compares the results of all points, or of some, with those of their runs alone.
  func expectTheSame(
    _ test: SweepCase, in folder: RunFolder, out: String = "sweep", points: [Int]? = nil,
    _ name: String, file: StaticString = #filePath, line: UInt = #line
  ) throws {
    for index in points ?? Array(test.points.indices) {
      for result in test.results {
        let place = "\(SweepCase.name(index))/\(result)"
        XCTAssertTrue(
          try folder.bytes("\(out)/\(place)") == folder.bytes("alone/\(place)"),
          "\(name): \(place)", file: file, line: line)
      }
    }
  }
}
