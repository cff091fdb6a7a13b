import Foundation
import Launching
import XCTest

@testable import DTrainCore
@testable import dtrain

/// Which points a sweep has, and what it refuses.
final class SweepPointTests: XCTestCase {
  private func values(_ text: String, hasCommas: Bool = false) throws -> [String] {
    let values = try SweptValues(
      text, flag: "--x", hasCommas: hasCommas, accepts: { Double($0) != nil })
    guard case .listed(let list) = values else { return [] }
    return list
  }

  func testValues() throws {
    XCTAssertEqual(try values("1e-3,0.1"), ["1e-3", "0.1"])
    XCTAssertEqual(try values("200,100", hasCommas: true), ["200,100"])
    XCTAssertEqual(try values("200,100;50", hasCommas: true), ["200,100", "50"])
    XCTAssertEqual(try values("a,b;c"), ["a,b", "c"])
    XCTAssertEqual(try values("1,1"), ["1"])
    XCTAssertEqual(
      try values("1e-4:1e-1:log:4,0"), ["1e-4", "0.001", "0.01", "1e-1", "0"])
    XCTAssertEqual(try values("0:1:linear:5"), ["0", "0.25", "0.5", "0.75", "1"])
    XCTAssertEqual(try values("1:1000:log:3"), ["1", "31.6228", "1000"])
    // Other ranges are values.
    XCTAssertEqual(try values("2:10:2"), ["2:10:2"])
    let whole = try SweptValues(
      "1:10:linear:4", flag: "--x", hasCommas: false, accepts: { Int($0) != nil })
    guard case .listed(let list) = whole else { return XCTFail("no list") }
    XCTAssertEqual(list, ["1", "4", "7", "10"])
    for (text, words) in [
      ("1,,2", "empty"), ("0:1:log:3", "positive"), ("1:2:log:x", "'x'"), ("a:2:log:3", "numbers"),
      ("1:1:linear:3", "different"), ("1:2:log,3", "count"),
    ] {
      XCTAssertThrowsError(try values(text), text) {
        XCTAssertTrue("\($0)".contains(words), "\(text): \($0)")
      }
    }
  }

  func testHalving() throws {
    func rounds(_ points: Int, _ factor: Int, _ length: Int) throws -> [[Int]] {
      try Halving(points: points, factor: factor, length: length).rounds.map {
        [$0.points, $0.length ?? 0]
      }
    }
    XCTAssertEqual(try rounds(8, 2, 8), [[8, 1], [4, 2], [2, 4], [1, 0]])
    XCTAssertEqual(try rounds(10, 3, 27), [[10, 3], [4, 9], [2, 0]])
    XCTAssertEqual(try rounds(100, 4, 5), [[100, 2], [25, 0]])
    XCTAssertEqual(Halving(points: 3).rounds, [Halving.Round(length: nil, points: 3)])
    XCTAssertThrowsError(try rounds(3, 4, 100))
    XCTAssertThrowsError(try rounds(100, 4, 3))
  }

  /// Points are drawn by the seed alone.
  func testRandomPoints() throws {
    let arguments = [
      "sweep", "mlp", "--data", "x.npy", "--learning-rate", "1e-4:1e-1:log", "--hidden",
      "10;20;30,10", "--warmup", "0:100:linear", "--random", "40", "--dry-run",
    ]
    let one = try run(arguments)
    let lines = one.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    XCTAssertEqual(lines.count, 41, one.output)
    XCTAssertEqual(lines[0], ["point", "hidden", "learning-rate", "warmup"])
    let rates = lines.dropFirst().compactMap { Double($0[2]) }
    XCTAssertEqual(rates.count, 40)
    XCTAssertTrue(rates.allSatisfy { (1e-4...1e-1).contains($0) }, one.output)
    // Of log-uniform numbers half lie below the geometric mean; 40 throws of a coin give 10 to 30.
    let low = rates.count { $0 < 3.16e-3 }
    XCTAssertTrue((10...30).contains(low), "\(low) of 40 below the middle")
    XCTAssertEqual(Set(lines.dropFirst().map { $0[1] }), ["10", "20", "30,10"])
    XCTAssertTrue(lines.dropFirst().allSatisfy { (0...100).contains(Int($0[3]) ?? -1) })
    XCTAssertEqual(try run(arguments, ranks: 3).output, one.output)
    XCTAssertNotEqual(try run(arguments + ["--random-seed", "1"]).output, one.output)
    // A drawn number is written so that it can be typed.
    for rate in lines.dropFirst().map({ $0[2] }) {
      XCTAssertLessThanOrEqual(rate.count { $0.isNumber }, 11, rate)
    }
  }

  func testMistakes() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 30)
    let data = ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
    try folder.write(Array("{}".utf8), "run/config.json")
    try folder.write(Array("{}".utf8), "swept/sweep.json")
    let rates = ["--learning-rate", "0.1,0.2"]
    for (arguments, words) in [
      (["mlp"] + data, ["several values", "--learning-rate 1e-3,1e-2"]),
      (
        ["mlp"] + data + ["--hidden", "50,100"],
        ["--hidden 50,100 is one value; for several", "--hidden '50;100'"]
      ),
      (
        ["mlp"] + data + ["--learning-rat", "1,2"],
        ["See 'dtrain sweep mlp --help', and 'dtrain mlp --help'"]
      ),
      (
        ["mlp"] + data + ["--learning-rate", "1,x"],
        ["See 'dtrain sweep mlp --help', and 'dtrain mlp --help'"]
      ),
      (["--gruop-size", "2"], ["See 'dtrain sweep --help'."]),
      (["kmeans", "--data", folder.file("x.npy"), "--clusters", "3"], ["--clusters 5,10,20"]),
      (["mlp"] + data + ["--learning-rate", "0.1,fast"], ["point-0002", "'fast'", "number"]),
      (["mlp"] + data + ["--learning-rate", "0.1,-1"], ["point-0002", "positive"]),
      (["mlp"] + data + ["--learnig-rate", "0.1,0.2"], ["--learnig-rate", "--learning-rate"]),
      (["mlp"] + data + ["--batch", "1:2000:linear:1000", "--seed", "1,2"], ["2000", "1000"]),
      (["mlp"] + data + ["--decay", "1e-5:1e-3:log"], ["--decay", "--random"]),
      (["mlp"] + data + rates + ["--random", "5"], ["--random 5", "2 points"]),
      (["mlp"] + data + rates + ["--random", "0"], ["--random"]),
      (["mlp"] + data + rates + ["--group-size", "0"], ["--group-size"]),
      (["mlp"] + data + rates + ["--group-size", "2"], ["--group-size 2", "1 rank", "start 2"]),
      (["mlp"] + data + rates + ["--halving", "1"], ["--halving"]),
      (["mlp"] + data + rates + ["--halving", "2"], ["--halving", "--epochs"]),
      (["mlp"] + data + ["--epochs", "2,4", "--halving", "2"], ["--halving", "--epochs"]),
      (["mlp"] + data + rates + ["--halving", "3", "--epochs", "9"], ["--halving 3", "2 and 9"]),
      (
        ["mlp"] + data + rates
          + ["--halving", "2", "--epochs", "9", "--checkpoint-every", "never"],
        ["--checkpoint-every"]
      ),
      (["mlp"] + data + rates + ["--trace", "t.json"], ["--trace"]),
      (["mlp"] + data + rates + ["--resume", "x"], ["dtrain sweep --resume"]),
      (["mlp"] + data + rates + ["--out", folder.file("run")], ["holds a run"]),
      (["mlp"] + data + rates + ["--out", folder.file("swept")], ["holds a sweep", "--resume"]),
      (["--resume", folder.file("run")], ["no sweep", "sweep.json"]),
      (["--resume", folder.file("swept")], ["does not say how"]),
      ([], ["mlp, kmeans or kmedians"]),
      (data + rates, ["mlp, kmeans or kmedians"]),
      (["mpl"] + data + rates, ["mlp, kmeans or kmedians"]),
    ] {
      let result = try Program.run(["sweep"] + arguments)
      // A record that is damaged is bad data.
      let status: Int32 = words == ["does not say how"] ? 3 : 2
      XCTAssertEqual(result.status, status, "\(arguments): \(result.error)")
      XCTAssertEqual(result.messages.count, 1, result.error)
      for word in words {
        XCTAssertTrue(result.error.contains(word), "\(arguments): \(result.error)")
      }
    }
    // How many values each option has is said, and what was one value although it looks like several.
    let told = try run(
      ["sweep", "mlp"] + data + rates + [
        "--hidden", "5,4", "--epochs", "1", "--decay", "0,1e-3,1e-2",
      ]
        + ["--out", folder.file("told")])
    XCTAssertTrue(
      told.output.contains("6 points (--learning-rate 2 values, --decay 3 values) on 1 group"),
      told.output)
    XCTAssertTrue(told.output.contains("note: --hidden 5,4 is one value"), told.output)
    let dry = try run(["sweep", "mlp"] + data + rates + ["--hidden", "5,4", "--dry-run"])
    XCTAssertTrue(dry.error.contains("--hidden 5,4 is one value"), dry.error)
    XCTAssertEqual(dry.output.split(separator: "\n").count, 3, dry.output)
    // Ranks that do not divide, and data that are not there, leave nothing behind.
    let ranks = try Program.run(["sweep", "mlp"] + data + rates + ["--group-size", "2"], ranks: 3)
    XCTAssertEqual(ranks.status, 2)
    XCTAssertTrue(ranks.error.contains("give 1 or 3, or start 4 ranks"), ranks.error)
    let missing = try Program.run(
      ["sweep", "mlp", "--data", folder.file("no.npz"), "--out", folder.file("none")] + rates)
    XCTAssertEqual(missing.status, 3, missing.error)
    XCTAssertFalse(folder.has("none"))
  }
}
