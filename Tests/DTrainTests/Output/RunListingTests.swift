import Foundation
import Launching
import XCTest

@testable import DTrainCore
@testable import dtrain

/// `dtrain runs` and `dtrain diff`.
final class RunListingTests: XCTestCase {
  /// Writes a run's records.
  private func write(
    _ name: String, config: String, summary: String? = nil, metrics: String? = nil,
    stop: String? = nil, in folder: RunFolder
  ) throws {
    let files = [
      ("config.json", config), ("summary.json", summary), ("metrics.jsonl", metrics),
      ("stopped.json", stop), ("inputs.json", #"{"directory": "/d", "data": ["/d/digits.npy"]}"#),
    ]
    for case (let file, let text?) in files {
      try folder.write(Array(text.utf8), "\(name)/\(file)")
    }
  }

  private func mlp(rate: Double, epochs: Int = 4, data: String = "aa") -> String {
    """
    {"format": 1, "command": "mlp", "version": "1", "epochs": \(epochs), "learning_rate": \(rate),
     "init_scale": [0.1, \(rate / 8)], "rows": 100, "chosen": [], "data_sha256": "\(data)"}
    """
  }

  /// Runs in every state, two of them damaged.
  private func sample() throws -> RunFolder {
    let folder = try RunFolder()
    try write(
      "m/run10", config: mlp(rate: 0.1),
      summary: """
        {"command": "mlp", "test_accuracy": 0.91, "seconds_total": 75.5, "model_sha256": "x1"}
        """, in: folder)
    try write(
      "m/run2", config: mlp(rate: 0.5),
      summary: """
        {"command": "mlp", "test_accuracy": 0.97, "seconds_total": 3.25, "model_sha256": "x2"}
        """, in: folder)
    try write(
      "m/unfinished", config: mlp(rate: 0.25),
      metrics: #"{"epoch": 1, "test_accuracy": 0.5, "seconds": 0.25, "seconds_total": 1.5}"#
        + "\n{\"epo", in: folder)
    try write("m/asked", config: mlp(rate: 0.5), stop: #"{"reason": "request"}"#, in: folder)
    try write("m/away", config: mlp(rate: 9), stop: #"{"reason": "diverged"}"#, in: folder)
    try write("m/broken", config: mlp(rate: 1), summary: "{", in: folder)
    try write("m/torn", config: "", in: folder)
    try write(
      "k", config: #"{"command": "kmeans", "clusters": 3, "data_sha256": "bb"}"#,
      summary: #"{"command": "kmeans", "objective": 12.5, "seconds_total": 0.5}"#, in: folder)
    // What is no run, and what is in a run.
    try folder.write([1], "m/checkpoints/model.bin")
    try folder.write(Array("{}".utf8), "other/config.json")
    try write("k/clusterings/2", config: #"{"command": "kmeans"}"#, in: folder)
    return folder
  }

  func testStatesResultsAndDifferences() throws {
    let folder = try sample()
    let result = try Program.run(["runs", folder.path])
    XCTAssertEqual(result.status, 0, result.error)
    let lines = result.output.split(separator: "\n").map(String.init)
    XCTAssertEqual(
      lines.map { String($0.split(separator: " ")[0]) },
      [
        "run", "k", "m/asked", "m/away", "m/broken", "m/run2", "m/run10", "m/torn", "m/unfinished",
        "compare",
      ])
    XCTAssertTrue(lines[0].hasSuffix("learning-rate"), lines[0])
    // What is the same, and what follows from other options, is not shown.
    for word in ["epochs", "init", "clusters"] { XCTAssertFalse(lines[0].contains(word), lines[0]) }
    XCTAssertTrue(lines[1].contains("objective 12.5"), lines[1])
    XCTAssertTrue(lines[2].contains(" stopped "), lines[2])
    XCTAssertTrue(lines[3].contains(" diverged "), lines[3])
    XCTAssertTrue(lines[4].contains("damaged: ") && lines[4].contains("summary.json"), lines[4])
    XCTAssertTrue(lines[5].contains("test accuracy 0.9700"), lines[5])
    XCTAssertTrue(lines[5].contains("digits.npy") && lines[5].contains("3.25 s"), lines[5])
    XCTAssertTrue(lines[6].contains("1:16"), lines[6])
    XCTAssertTrue(lines[7].contains("damaged: ") && lines[7].contains("config.json"), lines[7])
    XCTAssertTrue(lines[8].contains(" unfinished ") && lines[8].contains("0.5000"), lines[8])
    // The whole time, as of runs that are finished, and not that of training.
    XCTAssertTrue(lines[8].contains("1.50 s"), lines[8])
    // One run, and a place without any.
    let range = try Program.run(["runs", folder.file("k")])
    XCTAssertTrue(range.output.contains("kmeans"), range.output)
    XCTAssertEqual(range.output.split(separator: "\n").count, 3, range.output)
    let none = try Program.run(["runs", folder.file("other")])
    XCTAssertTrue(none.output.hasPrefix("no runs in "), none.output)
    XCTAssertEqual(none.status, 0)
  }

  func testSorting() throws {
    let folder = try sample()
    func order(_ arguments: [String]) throws -> [String] {
      let result = try Program.run(["runs", folder.file("m"), "--csv"] + arguments)
      XCTAssertEqual(result.status, 0, result.error)
      return result.output.split(separator: "\n").dropFirst().map {
        String($0.prefix { $0 != "," })
      }
    }
    XCTAssertEqual(
      Array(try order(["--sort", "result"]).prefix(3)), ["run2", "run10", "unfinished"])
    XCTAssertEqual(
      Array(try order(["--sort", "time"]).prefix(3)), ["unfinished", "run2", "run10"])
    // Without a value they come last, in either order.
    XCTAssertEqual(
      Array(try order(["--sort", "time", "--reverse"]).prefix(3)), ["run10", "run2", "unfinished"])
    XCTAssertEqual(
      Array(try order(["--sort", "learning-rate"]).prefix(2)), ["run10", "unfinished"])
    XCTAssertEqual(Array(try order(["--sort", "epochs", "--reverse"]).suffix(1)), ["torn"])
    let refused = try Program.run(["runs", folder.path, "--sort", "speed"])
    XCTAssertEqual(refused.status, 2)
    XCTAssertTrue(refused.error.contains("no such column; name one of run, state"), refused.error)
    for arguments in [["--csv", "--json"], ["--reverse"]] {
      XCTAssertEqual(try Program.run(["runs"] + arguments).status, 2)
    }
    let missing = try Program.run(["runs", folder.file("none")])
    XCTAssertEqual(missing.status, 2)
    XCTAssertEqual(missing.messages.count, 1, missing.error)
  }

  func testFormsForPrograms() throws {
    let folder = try sample()
    try write("odd, \"name\"", config: mlp(rate: 0.5), in: folder)
    let csv = try Program.run(["runs", folder.path, "--csv"]).output
    XCTAssertTrue(
      csv.hasPrefix("run,state,command,data,result,value,group,seconds,learning_rate,problem\n"),
      csv)
    XCTAssertTrue(
      csv.contains("m/run2,finished,mlp,digits.npy,test_accuracy,0.97,B,3.25,0.5,\n"), csv)
    XCTAssertTrue(csv.contains("\"odd, \"\"name\"\"\",unfinished,"), csv)
    let text = try Program.run(["runs", folder.path, "--json"]).output
    let runs = try XCTUnwrap(JSON(parsing: Array(text.utf8)).items)
    XCTAssertEqual(runs.count, 9)
    let second = try XCTUnwrap(runs.first { $0["run"] == "m/run2" })
    XCTAssertEqual(second["result"]?["value"]?.double, 0.97)
    XCTAssertEqual(second["options"]?["epochs"], 4)
    XCTAssertEqual(second["problem"], .null)
    let broken = try XCTUnwrap(runs.first { $0["run"] == "m/broken" })
    XCTAssertEqual(broken["state"], "damaged")
    XCTAssertTrue(broken["problem"]?.text?.contains("summary.json") ?? false)
  }

  /// Which results can be compared is said where not all can.
  func testResultsThatCannotBeComparedAreTold() throws {
    let folder = try RunFolder()
    func write(
      _ name: String, _ config: String, _ result: String, inputs: String = "", data: String = "a"
    ) throws {
      let command = config.contains("clusters") ? "kmeans" : "mlp"
      for (file, text) in [
        (
          "config.json",
          #"{"command": "\#(command)", "rows": 90, "data_sha256": "\#(data)", \#(config)}"#
        ),
        ("summary.json", "{\(result)}"),
        ("inputs.json", #"{"directory": "/d", "data": ["t.csv"], "target": "y"\#(inputs)}"#),
      ] { try folder.write(Array(text.utf8), "\(name)/\(file)") }
    }
    func groups() throws -> [String: String] {
      let json = try Program.run(["runs", folder.path, "--json"]).output
      let runs = try XCTUnwrap(JSON(parsing: Array(json.utf8)).items)
      return Dictionary(
        uniqueKeysWithValues: runs.map { ($0["run"]?.text ?? "", $0["group"]?.text ?? "-") })
    }
    let (quarter, score) = (#""validation": 0.25"#, #""validation_accuracy": 0.5"#)
    try write("a", quarter, score)
    try write("b", quarter + #", "epochs": 9"#, score)
    // Other columns of the same rows have other bytes.
    try write("c", quarter, score, inputs: #", "drop": ["x"]"#, data: "b")
    XCTAssertEqual(try groups(), ["a": "A", "b": "A", "c": "A"])
    let alike = try Program.run(["runs", folder.path]).output
    XCTAssertFalse(alike.contains("group"), alike)
    try write("d", #""validation": 0.5"#, score)
    try write("e", quarter, score, inputs: #", "test_data": ["/u.csv"]"#)
    try write("f", quarter, #""train_accuracy": 0.5"#)
    try write("g", #""clusters": 3"#, #""objective": 7"#)
    try write("h", #""clusters": 4"#, #""objective": 6"#)
    try write("i", quarter, "")
    XCTAssertEqual(
      try groups(),
      [
        "a": "A", "b": "A", "c": "A", "d": "B", "e": "C", "f": "D", "g": "E", "h": "F", "i": "-",
      ])
    let sorted = try Program.run(["runs", folder.path, "--csv", "--sort", "group", "--reverse"])
    XCTAssertEqual(
      sorted.output.split(separator: "\n").dropFirst().map { $0.prefix(1) }.joined(), "hgfedabci")
    let told = try Program.run(["runs", folder.path, "--sort", "result"]).output
    XCTAssertTrue(told.contains("\ncompare results within a group"), told)
    // The file was changed between these two.
    for name in ["d", "e", "f", "g", "h", "i"] {
      try FileManager.default.removeItem(atPath: folder.file(name))
    }
    try write("j", quarter, score, data: "z")
    let changed = try groups()
    XCTAssertEqual(changed["a"], changed["b"])
    XCTAssertNotEqual(changed["a"], changed["j"])
  }

  func testWideTablesAreCut() throws {
    var table = TextTable(columns: [
      .init(title: "run"), .init(title: "state"), .init(title: "alpha", isOptional: true),
      .init(title: "beta", isNumeric: true, isOptional: true),
    ])
    table.rows = [
      .cells(["experiments/monday/first", "finished", "1", "22"]),
      .sentence("experiments/bad", "damaged: a long story about a file"),
    ]
    for width in [20, 30, 40, 60, 80] {
      let (lines, _, _) = table.lines(width: width)
      for line in lines { XCTAssertLessThanOrEqual(line.count, width, line) }
    }
    XCTAssertEqual(table.lines(width: 80).omitted, [])
    XCTAssertEqual(table.lines(width: 45).omitted, ["beta"])
    XCTAssertEqual(table.lines(width: 30).omitted, ["alpha", "beta"])
    XCTAssertTrue(table.lines(width: 30).lines[1].hasPrefix("…"))
    XCTAssertEqual(table.lines(width: nil).lines[0].split(separator: " ").last, "beta")
    XCTAssertTrue(table.lines(width: nil).lines[1].hasSuffix("  22"))
  }

  /// What is the same on all lines goes before what differs, and the column that runs are sorted by stays.
  func testNarrowTablesKeepWhatDiffers() throws {
    let folder = try RunFolder()
    for (index, rate) in [0.001, 0.01, 0.1].enumerated() {
      try write(
        "run\(index)", config: mlp(rate: rate),
        summary: #"{"command": "mlp", "test_accuracy": 0.9, "seconds_total": \#(index + 1)}"#,
        in: folder)
    }
    var table = RunTable(try ListedRun.below(folder.path).runs)
    XCTAssertTrue(table.lines(width: nil).shared.isEmpty)
    let narrow = table.lines(width: 60)
    XCTAssertEqual(narrow.omitted, [])
    XCTAssertTrue(narrow.lines[0].hasSuffix("learning-rate"), narrow.lines[0])
    XCTAssertEqual(narrow.shared.last, "data digits.npy")
    XCTAssertEqual(
      table.lines(width: 45).shared, ["state finished", "command mlp", "data digits.npy"])
    XCTAssertEqual(table.lines(width: 38).omitted, ["learning-rate"])
    try table.sort(by: "learning-rate", isReversed: true)
    XCTAssertEqual(table.lines(width: 38).omitted, [])
    try table.sort(by: "state", isReversed: false)
    XCTAssertEqual(table.lines(width: 60).shared, ["command mlp", "data digits.npy"])
    let refused = try Program.run(["runs", folder.path, "--sort", "speed"])
    XCTAssertTrue(refused.error.contains("time, group, learning-rate"), refused.error)
  }

  func testDiff() throws {
    let folder = try sample()
    try write(
      "m/other", config: mlp(rate: 0.5, data: "cc"),
      summary: """
        {"command": "mlp", "test_accuracy": 0.96, "seconds_total": 9, "model_sha256": "x2"}
        """, in: folder)
    let result = try Program.run(["diff", folder.file("m/run2"), folder.file("m/other")])
    XCTAssertEqual(result.status, 0, result.error)
    for words in ["data sha256", "aa", "cc", "test accuracy", "0.97", "0.96", "seconds total"] {
      XCTAssertTrue(result.output.contains(words), "\(words): \(result.output)")
    }
    XCTAssertFalse(result.output.contains("learning rate"), result.output)
    XCTAssertTrue(result.output.contains("the results are the same to the byte"), result.output)
    let own = try Program.run(["diff", folder.file("m/run2"), folder.file("m/run2")])
    XCTAssertEqual(own.status, 0)
    XCTAssertEqual(own.output.split(separator: "\n").count, 1, own.output)
    // One file by two paths.
    for name in ["m/run2", "m/other"] {
      try folder.write(
        Array(
          (name == "m/run2"
            ? #"{"directory": "/d/e", "data": ["/d/e/x.npy"]}"#
            : #"{"directory": "/d", "data": ["e/x.npy"]}"#).utf8), "\(name)/inputs.json")
    }
    let paths = try Program.run(["diff", folder.file("m/run2"), folder.file("m/other")]).output
    XCTAssertFalse(paths.contains("x.npy"), paths)
    let json = try Program.run(["diff", folder.file("m/run2"), folder.file("m/run10"), "--json"])
    let facts = try JSON(parsing: Array(json.output.utf8))
    XCTAssertEqual(facts["configuration"]?["learning_rate"], [0.5, 0.1])
    XCTAssertEqual(facts["same_model"], false)
    for (pair, code, words) in [
      (["m/run2", "m/broken"], 3, "summary.json"), (["m/run2", "other"], 3, "names no command"),
      (["m/run2", "none"], 3, "holds no run"),
    ] as [([String], Int32, String)] {
      let refused = try Program.run(["diff"] + pair.map(folder.file))
      XCTAssertEqual(refused.status, code, refused.error)
      XCTAssertTrue(refused.error.contains(words), refused.error)
    }
  }

  /// A run that diverges says so in its directory, as `info` and `runs` then do; continued, it would not.
  func testDivergenceIsRecorded() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    let job = MPIJob(
      3, "dtrain",
      [
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--epochs", "3",
        "--optimizer", "sgd", "--learning-rate", "1e30", "--out", folder.file("run"),
      ])
    let outcome = try run(job, "a run that diverges")
    XCTAssertEqual(outcome.exitCode, 5, outcome.errors)
    let stop = try folder.json("run/stopped.json")
    XCTAssertEqual(stop["reason"] as? String, "diverged")
    XCTAssertTrue((stop["message"] as? String)?.contains("learning_rate") ?? false)
    XCTAssertTrue(try Program.run(["info", folder.file("run")]).output.contains("diverged"))
    let listed = try Program.run(["runs", folder.path]).output
    XCTAssertTrue(listed.contains(" diverged "), listed)
  }
}
