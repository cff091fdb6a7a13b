import Foundation
import Launching
import XCTest

/// `--config FILE`: a run from the options that another one recorded.
final class ConfigurationFileTests: XCTestCase {
  private static let files = [
    "mlp": ["config.json", "model.safetensors"], "kmeans": ["config.json", "centers.npy"],
    "kmedians": ["config.json", "centers.npy"],
  ]

  /// Makes a run, repeats it from its directory alone on another number of ranks, and compares the bytes.
  private func repeats(
    _ command: String, _ arguments: [String], in folder: RunFolder, besides: [String] = [],
    line: UInt = #line
  ) throws {
    let job = MPIJob(
      1, "dtrain", [command] + arguments + ["--out", folder.file("a"), "--overwrite"])
    let first = try run(job, "\(command) to repeat", line: line)
    XCTAssertEqual(first.exitCode, 0, first.errors, line: line)
    var again = MPIJob(
      3, "dtrain",
      [command, "--config", folder.file("a/config.json"), "--out", folder.file("b"), "--overwrite"]
        + besides)
    // Only the first rank needs to see the file.
    again.preludes[0] = "cd /"
    let second = try run(again, "\(command) repeated", line: line)
    XCTAssertEqual(second.exitCode, 0, second.errors, line: line)
    XCTAssertFalse(second.errors.contains("was recorded with another"), second.errors, line: line)
    for file in Self.files[command] ?? [] {
      XCTAssertEqual(
        try folder.bytes("a/\(file)"), try folder.bytes("b/\(file)"), "\(command): \(file)",
        line: line)
    }
  }

  func testARunIsRepeatedFromItsDirectory() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    let (x, y) = (folder.file("x.npy"), folder.file("y.npy"))
    // All that follows from the data.
    try repeats("mlp", ["--data", x, "--labels", y], in: folder)
    // Options, exports and kernels.
    try repeats(
      "mlp",
      [
        "--data", x, "--labels", y, "--epochs", "2", "--hidden", "8,4", "--validation", "0.2",
        "--class-weights", "balanced", "--export", "npz", "--blas-kernels", "sandybridge",
      ], in: folder)
    XCTAssertTrue(folder.has("b/model.npz"))
    XCTAssertEqual(try folder.json("b/config.json")["blas_kernels"] as? String, "Sandybridge")
    try repeats("kmeans", ["--data", x, "--clusters", "4", "--scale", "standard"], in: folder)
    try repeats(
      "kmedians", ["--data", x, "--clusters", "3", "--median", "lower", "--seed", "9"], in: folder)
    try repeats(
      "mlp", ["--data", x, "--labels", y, "--epochs", "1", "--hidden", "none"], in: folder)
    // Classes that are texts, and what becomes of missing values.
    let table = "\(Program.root)/Datasets/penguins/penguins.csv"
    try repeats(
      "mlp", ["--data", table, "--target", "species", "--missing", "mean", "--epochs", "2"],
      in: folder)
  }

  /// The options of another command are refused as such, and not for what is missing among them.
  func testOptionsOfAnotherCommandAreRefused() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 60)
    let (x, y) = (folder.file("x.npy"), folder.file("y.npy"))
    _ = try run(
      ["mlp", "--data", x, "--labels", y, "--epochs", "1", "--quiet", "--out", folder.file("a")])
    _ = try run(["kmeans", "--data", x, "--clusters", "3", "--quiet", "--out", folder.file("k")])
    for (command, other, name) in [
      ("kmeans", "mlp", "a"), ("kmedians", "mlp", "a"), ("mlp", "kmeans", "k"),
      ("kmedians", "kmeans", "k"),
    ] {
      let refused = try run([command, "--config", folder.file(name)], expecting: 2)
      XCTAssertTrue(
        refused.error.contains("is of dtrain \(other), not of dtrain \(command)"), refused.error)
    }
  }

  /// A model to start from is recorded by its hash alone, and centers by their path.
  func testARunThatBeganWithAFileIsRepeated() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    let rows = ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
    try train(
      1, rows + ["--epochs", "1", "--hidden", "8"], in: folder, out: "start", name: "a start")
    let initial = ["--init-model", folder.file("start")]
    let options = ["--epochs", "1", "--hidden", "8"] + initial
    try repeats("mlp", rows + options, in: folder, besides: initial)
    let refused = try Program.run(["mlp", "--config", folder.file("a"), "--out", folder.file("c")])
    XCTAssertEqual(refused.status, 2)
    XCTAssertTrue(refused.error.contains("give --init-model with that model"), refused.error)

    try folder.write(RunFile.floats([2, 20], (0..<40).map { Float($0 % 7) / 7 }), "start.npy")
    var job = MPIJob(
      1, "dtrain",
      ["kmeans", "--data", "x.npy", "--clusters", "2", "--init", "./start.npy", "--out", "a"]
        + ["--overwrite"])
    job.preludes[0] = "cd \(folder.path)"
    XCTAssertEqual(try run(job, "centers by a relative path").exitCode, 0)
    let again = try Program.run(["kmeans", "--config", folder.file("a"), "--out", folder.file("c")])
    XCTAssertEqual(again.status, 0, again.error)
    XCTAssertEqual(try folder.bytes("a/centers.npy"), try folder.bytes("c/centers.npy"))
  }

  /// What is given wins, and what followed from it is open again.
  func testOptionsOnTheCommandLineWin() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    let rows = ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
    try train(
      1, rows + ["--epochs", "2", "--hidden", "8", "--seed", "4", "--activation", "tanh"],
      in: folder, out: "a", name: "a run")
    try train(
      1, ["--config", folder.file("a"), "--epochs", "3", "--hidden", "6,5"], in: folder, out: "b",
      name: "the run with other options")
    let config = try folder.json("b/config.json")
    XCTAssertEqual(config["epochs"] as? Int, 3)
    XCTAssertEqual(config["seed"] as? Int, 4)
    XCTAssertEqual(config["layers"] as? [Int], [20, 6, 5, 3])
    // Those of one hidden layer were 0.01; two are initialised by fan-in.
    XCTAssertEqual((config["init_scale"] as? [Double])?.count, 3)
    XCTAssertNotEqual((config["init_scale"] as? [Double])?.first, 0.01)
    XCTAssertFalse((config["chosen"] as? [String] ?? []).contains("epochs"))
    // A file of a few members, and rows that are given.
    try folder.write(Array(#"{"clusters": 3, "seed": 5}"#.utf8), "few.json")
    let few = try Program.run([
      "kmeans", "--config", folder.file("few.json"), "--data", folder.file("x.npy"), "--out",
      folder.file("c"),
    ])
    XCTAssertEqual(few.status, 0, few.error)
    XCTAssertEqual(try folder.json("c/config.json")["seed"] as? Int, 5)
  }

  /// What is said of the data replaces only what was recorded of the same thing.
  func testWhatIsSaidOfTheDataReplacesItself() throws {
    let folder = try RunFolder()
    let lines = (0..<60).map { row in
      "\(row % 3),\(row % 7 == 0 ? "NA" : "\(row % 10)"),\(row * 7 % 5),\(row % 3 == 0 ? "in" : "out")"
    }
    let table = Array(("a,b,c,where\n" + lines.joined(separator: "\n") + "\n").utf8)
    try folder.write(table, "t.csv")
    try folder.write(table, "same.csv")
    _ = try run([
      "mlp", "--data", folder.file("t.csv"), "--target", "where", "--drop", "c", "--missing",
      "mean",
      "--categories", "a", "--epochs", "2", "--quiet", "--out", folder.file("a"),
    ])
    func inputs(_ arguments: [String]) throws -> [String: Any] {
      let result = try run(
        ["mlp", "--config", folder.file("a"), "--quiet", "--overwrite", "--out", folder.file("b")]
          + arguments)
      XCTAssertFalse(result.error.contains("was recorded with another"), result.error)
      return try folder.json("b/inputs.json")
    }
    let recorded = try inputs([])
    XCTAssertEqual(recorded["categories"] as? [String], ["a"])
    let cases: [(arguments: [String], member: String, value: NSObject)] = [
      (["--missing", "drop"], "missing", "drop" as NSString),
      (["--drop", "b"], "drop", ["b"] as NSArray),
      (["--columns", "a", "b"], "columns", ["a", "b"] as NSArray),
      (["--categories", "b"], "categories", ["b"] as NSArray),
      (["--format", "csv"], "format", "csv" as NSString),
      (["--data", folder.file("same.csv")], "data", [folder.file("same.csv")] as NSArray),
      (
        ["--test-data", folder.file("same.csv")], "test_data", [folder.file("same.csv")] as NSArray
      ),
    ]
    for (arguments, member, value) in cases {
      var expected = recorded
      expected[member] = value
      XCTAssertEqual(
        try inputs(arguments) as NSDictionary, expected as NSDictionary, "\(arguments)")
    }
    // Labels of their own stand for the column of targets.
    try folder.write(RunFile.integers((0..<60).map { $0 % 2 }), "y.npy")
    let labelled = try inputs(["--labels", folder.file("y.npy"), "--drop", "c", "where"])
    XCTAssertTrue(labelled["target"] is NSNull)
    XCTAssertEqual(labelled["missing"] as? String, "mean")
    // Clusterings have the same options.
    _ = try run([
      "kmeans", "--data", folder.file("t.csv"), "--drop", "where", "--missing", "mean",
      "--clusters", "2", "--quiet", "--out", folder.file("k"),
    ])
    _ = try run([
      "kmeans", "--config", folder.file("k"), "--missing", "drop", "--quiet", "--out",
      folder.file("l"),
    ])
    XCTAssertEqual(try folder.json("l/inputs.json")["missing"] as? String, "drop")
    XCTAssertEqual(try folder.json("l/inputs.json")["drop"] as? [String], ["where"])
  }

  /// Other bytes where the recorded data were make another run, and are told.
  func testOtherDataAreTold() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    try cluster(1, ["--data", folder.file("x.npy"), "--clusters", "2"], in: folder, name: "a run")
    try RunData.writeClasses(folder, rows: 210)
    let again = try Program.run([
      "kmeans", "--config", folder.file("run"), "--out", folder.file("b"),
    ])
    XCTAssertEqual(again.status, 0, again.error)
    XCTAssertTrue(again.error.contains("was recorded with another data_sha256"), again.error)
  }

  /// What is wrong is named, with the file; nothing is written.
  func testRefusals() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 60)
    let cases: [(command: String, text: String, words: String)] = [
      ("mlp", #"{"epoch": 3}"#, #"bad.json: "epoch" is no option of dtrain mlp"#),
      (
        "mlp", #"{"epochs": "ten"}"#, #"bad.json: "epochs" is "ten", which is no value of --epochs"#
      ),
      ("mlp", #"{"epochs": 2.5}"#, #"bad.json: "epochs" is 2.5"#),
      ("mlp", #"{"epochs": 0}"#, #"bad.json: "epochs" must be from 1"#),
      ("mlp", #"{"loss": "hinge"}"#, "softmax-ce"),
      ("mlp", #"{"hidden": [8, -1]}"#, #"bad.json: "hidden""#),
      ("mlp", #"{"rows": "many"}"#, #"bad.json: "rows" is "many", where a run records an integer"#),
      ("mlp", #"{"command": "kmeans"}"#, "use dtrain kmeans --config"),
      ("mlp", #"{"format": 2}"#, "has the format 2"),
      ("mlp", "[1]", "holds no JSON object"),
      ("mlp", #"{"epochs": 3"#, "it must hold one JSON object"),
      ("mlp", #"{"init_model_sha256": 5}"#, #"bad.json: "init_model_sha256""#),
      (
        "kmeans", #"{"median": "lower", "clusters": 2}"#, #""median" is no option of dtrain kmeans"#
      ),
      ("kmeans", #"{"clusters": [2]}"#, #"bad.json: "clusters" is [2]"#),
      ("kmeans", #"{"save_labels": 1, "clusters": 2}"#, #"bad.json: "save_labels" is 1"#),
      ("kmeans", #"{"seed": 2}"#, "--clusters is missing"),
    ]
    for test in cases {
      try folder.write(Array(test.text.utf8), "bad.json")
      let result = try Program.run([
        test.command, "--config", folder.file("bad.json"), "--data", folder.file("x.npy"), "--out",
        folder.file("out"),
      ])
      XCTAssertEqual(result.status, 2, test.text)
      XCTAssertTrue(result.error.contains(test.words), "\(test.text): \(result.error)")
      XCTAssertEqual(result.messages.count, 1, result.error)
      XCTAssertFalse(folder.has("out"), test.text)
    }
    for (arguments, words) in [
      (["mlp", "--config", folder.file("none.json")], "none.json"),
      (["mlp", "--config", folder.path], "config.json"),
      (
        ["mlp", "--config", folder.file("bad.json"), "--resume", folder.path], "exclude each other"
      ),
      (["kmeans", "--config", folder.file("bad.json")], "--data is missing"),
    ] {
      let result = try Program.run(arguments)
      XCTAssertEqual(result.status, 2, "\(arguments)")
      XCTAssertTrue(result.error.contains(words), result.error)
    }
    // Once, however many ranks there are.
    let many = try Program.run(["mlp", "--config", folder.file("bad.json")], ranks: 3)
    XCTAssertEqual(many.status, 2, many.error)
    XCTAssertEqual(many.messages.count, 1, many.error)
  }
}
