import Foundation
import Launching
import XCTest

/// What must not be continued is refused with a message that says why; nothing starts afresh in silence.
final class ResumeRefusalTests: XCTestCase {
  private let ranks = 2

  /// A finished run with its checkpoints, in `whole`.
  private func wholeRun(_ folder: RunFolder) throws -> ResumeCase {
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("refused", folder, [])
    try begin(
      test, ranks: ranks, in: folder, out: "whole",
      checkpoints: ["--checkpoint-every", "1", "--keep", "9"])
    return test
  }

  /// Continues `run` where that must fail, and checks the message and that nothing was changed.
  @discardableResult
  private func refuse(
    _ name: String, _ code: Int32, _ words: [String], command: String = "mlp",
    _ options: [String] = [], in folder: RunFolder, line: UInt = #line
  ) throws -> JobOutcome {
    let before = try listing(folder)
    let job = MPIJob(
      ranks, "dtrain", [command, "--resume", folder.file("run"), "--progress", "none"] + options)
    let outcome = try run(job, "resume refused: \(name)", line: line)
    XCTAssertEqual(outcome.exitCode, code, "\(name): \(outcome.errors)", line: line)
    let messages = outcome.messages(of: "dtrain").filter { !$0.contains("warning:") }
    XCTAssertEqual(messages.count, 1, "\(name): \(outcome.errors)", line: line)
    for word in words {
      XCTAssertTrue(
        (messages.first ?? "").contains(word), "\(name): no '\(word)' in \(outcome.errors)",
        line: line)
    }
    XCTAssertEqual(try listing(folder), before, "\(name) changed the run", line: line)
    return outcome
  }

  /// Every file of `run` with its size.
  private func listing(_ folder: RunFolder) throws -> [String] {
    guard folder.has("run") else { return [] }
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.file("run"))
    return try names.sorted().map { "\($0) \(try sizeOf(folder.file("run/\($0)")))" }
  }

  private func sizeOf(_ path: String) throws -> Int {
    try XCTUnwrap(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  /// The model that a run began from is recorded by its hash, wherever it lies and may lie later.
  func testInitialModelIsKnownByItsHash() throws {
    let folder = try RunFolder()
    _ = try wholeRun(folder)
    let model = try folder.bytes("whole/model.safetensors")
    try folder.write(model, "elsewhere/first.safetensors")
    try folder.write(model.dropLast() + [1], "other.safetensors")
    var configurations: [[UInt8]] = []
    for path in ["whole", "elsewhere/first.safetensors"] {
      let test = ResumeCase.mlp("refused", folder, ["--init-model", folder.file(path)])
      try train(ranks, Array(test.arguments), in: folder, name: "from \(path)")
      configurations.append(try folder.bytes("run/config.json"))
    }
    XCTAssertTrue(configurations[0] == configurations[1], "config.json depends on a path")
    XCTAssertEqual(
      try folder.json("run/config.json")["init_model_sha256"] as? String,
      try folder.json("whole/summary.json")["model_sha256"] as? String)
    try refuse(
      "another initial model", 2, ["--init-model is a model with the SHA-256"],
      ["--init-model", folder.file("other.safetensors"), "--epochs", "5"], in: folder)
    let job = MPIJob(
      ranks, "dtrain",
      ["mlp", "--resume", folder.file("run"), "--epochs", "5", "--progress", "none"]
        + ["--init-model", folder.file("whole/model.safetensors")])
    XCTAssertEqual(try run(job, "the same initial model").exitCode, 0)
  }

  func testOptionsThatCannotChange() throws {
    let folder = try RunFolder()
    _ = try wholeRun(folder)
    try cut("whole", behind: 1, to: "run", in: folder)
    let table: [(String, [String], [String])] = [
      ("batch", ["--batch", "7"], ["--batch is 50, not 7", "--epochs"]),
      (
        "seed and rate", ["--seed=3", "--learning-rate", "1", "--hidden", "16"],
        ["--seed is 0, not 3; --learning-rate is 0.002, not 1.0;"]
      ),
      ("huber delta", ["--huber-delta", "2"], ["--huber-delta is 1.0, not 2.0"]),
      ("out", ["--out", "elsewhere"], ["--out"]),
      ("overwrite", ["--overwrite"], ["--overwrite"]),
      ("fewer epochs", ["--epochs", "1"], ["--epochs 1", "epoch 2"]),
      ("no epochs", ["--epochs", "0"], ["--epochs"]),
      ("other kernels", ["--blas-kernels", "sandybridge"], ["blas_kernels", "haswell"]),
    ]
    for (name, options, words) in table { try refuse(name, 2, words, options, in: folder) }
    try refuse("another command", 2, ["dtrain mlp --resume"], command: "kmeans", in: folder)
    try FileManager.default.removeItem(atPath: folder.file("run"))
    try refuse("no such run", 2, ["there is no such directory"], in: folder)
    try folder.write([1], "run/x")
    try refuse("no run", 2, ["holds no run"], in: folder)
  }

  /// A rate that falls over all epochs is another one in each step where there are more of them.
  func testMoreEpochsUnderACosine() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("cosine", folder, ["--schedule", "cosine"])
    try begin(
      test, ranks: ranks, in: folder, out: "whole", checkpoints: ["--checkpoint-every", "1"])
    try cut("whole", behind: 1, to: "run", in: folder)
    try refuse("more epochs", 2, ["--schedule cosine", "--epochs"], ["--epochs", "9"], in: folder)
  }

  func testOtherDataOrVersion() throws {
    let folder = try RunFolder()
    let test = try wholeRun(folder)
    try cut("whole", behind: 1, to: "run", in: folder)
    let moved = ["--data", folder.file("x2.npy"), "--labels", folder.file("y.npy")]
    var rows = try folder.bytes("x.npy")
    try folder.write(rows, "x2.npy")
    rows[rows.count - 1] ^= 1
    try folder.write(rows, "x3.npy")
    try refuse(
      "other rows", 3, ["data_sha256", "--data"],
      ["--data", folder.file("x3.npy"), "--labels", folder.file("y.npy")], in: folder)
    let config = String(decoding: try folder.bytes("run/config.json"), as: UTF8.self)
    for (old, new, words) in [
      (#""version": ""#, #""version": "9."#, "another version"),
      (#""batch": 50"#, #""batch": "fifty""#, "batch"),
      (#""format": 1"#, #""format": 2"#, "format was 2 and is 1"),
    ] {
      let changed = config.replacingOccurrences(of: old, with: new)
      XCTAssertNotEqual(changed, config, old)
      try folder.write(Array(changed.utf8), "run/config.json")
      try refuse(words, words == "batch" ? 3 : 2, [words], in: folder)
    }
    try folder.write(Array(config.utf8), "run/config.json")
    // The same rows at another place are the same data, and options may be said again.
    let again = Array(test.arguments.drop { $0 != "--batch" })
    try resume(test, ranks: 3, in: folder, out: "run", like: "whole", moved + again)
  }

  /// A configuration that makes sense but is not the one that the run began with is no mere word: the
  /// checkpoint knows better. So is a checkpoint of another run.
  func testConfigurationsAndCheckpointsOfOtherRuns() throws {
    let folder = try RunFolder()
    let test = try wholeRun(folder)
    try cut("whole", behind: 1, to: "run", in: folder)
    for (old, new) in [
      (#""seed": 0"#, #""seed": 3"#), (#""learning_rate": 0.002"#, #""learning_rate": 0.02"#),
      (#""batch": 50"#, #""batch": 51"#),
      (#""schedule": "exponential""#, #""schedule": "constant""#),
      (#""decay": "#, #""decay": 1"#),
    ] { try refuseChange(old, new, command: "mlp", in: folder) }
    try resume(test, ranks: 3, in: folder, out: "run", like: "whole")

    try begin(
      ResumeCase.mlp("other seed", folder, ["--seed", "1"]), ranks: 1, in: folder, out: "other",
      checkpoints: ["--checkpoint-every", "1", "--keep", "9"])
    try cut("whole", behind: 1, to: "run", in: folder)
    let name = try XCTUnwrap(checkpoints(folder, "run").last)
    let manager = FileManager.default
    try manager.removeItem(atPath: folder.file("run/checkpoints/\(name)"))
    try manager.copyItem(
      atPath: folder.file("other/checkpoints/\(name)"),
      toPath: folder.file("run/checkpoints/\(name)"))
    try refuse(
      "another run's checkpoint", 4, [name, "not of this run", "seed was 1", "is 0"], in: folder)
  }

  func testClusteringsOfOtherConfigurations() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.cluster("refused", "kmeans", folder, [])
    try begin(
      test, ranks: ranks, in: folder, out: "whole",
      checkpoints: ["--checkpoint-every", "1", "--keep", "99"])
    try cut("whole", behind: 1, to: "run", in: folder)
    for (old, new) in [
      (#""seed": 0"#, #""seed": 3"#), (#""tolerance": 0"#, #""tolerance": 1"#),
      (#""init": "k-means++""#, #""init": "random""#), (#""clusters": 12"#, #""clusters": 11"#),
    ] { try refuseChange(old, new, command: "kmeans", in: folder) }
    // Numbers for each column, of which a message shows the first.
    try refuseChange(
      #""scale": "none""#, #""scale": "standard""#, 2,
      ["scaling_shift was absent and is [0.", "…, scaling_factor"], command: "kmeans", in: folder)
    try resume(test, ranks: 3, in: folder, out: "run", like: "whole")
  }

  /// Changes a value of `run/config.json`, where that must be noticed, and changes it back.
  private func refuseChange(
    _ old: String, _ new: String, _ code: Int32 = 4, _ words: [String]? = nil, command: String,
    in folder: RunFolder, line: UInt = #line
  ) throws {
    let config = String(decoding: try folder.bytes("run/config.json"), as: UTF8.self)
    let changed = config.replacingOccurrences(of: old, with: new)
    XCTAssertNotEqual(changed, config, old, line: line)
    try folder.write(Array(changed.utf8), "run/config.json")
    let name = String(old.dropFirst().prefix { $0 != "\"" })
    try refuse(
      new, code, words ?? ["not of this run: \(name) was "], command: command, in: folder,
      line: line)
    try folder.write(Array(config.utf8), "run/config.json")
  }

  func testDamagedCheckpoints() throws {
    let folder = try RunFolder()
    let test = try wholeRun(folder)
    try cut("whole", behind: 2, to: "run", in: folder)
    let names = try checkpoints(folder, "run")
    try refuse("sound", 2, ["--epochs"], ["--epochs", "2"], in: folder)
    func damage(_ name: String) throws {
      let file = "run/checkpoints/\(name)/state.safetensors"
      var bytes = try folder.bytes(file)
      bytes[bytes.count / 2] ^= 16
      try folder.write(bytes, file)
    }
    try damage(names[2])
    // --quiet does not hide it.
    let job = resumption(test, ranks: ranks, in: folder, out: "run")
    let outcome = try run(job, "the newest checkpoint is damaged")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    XCTAssertTrue(outcome.errors.contains("\(names[2]) is damaged"), outcome.errors)
    try expectSame(test, in: folder, "run", "whole")
    XCTAssertEqual(try folder.json("run/summary.json")["resumed_from"] as? String, names[1])

    try cut("whole", behind: 1, to: "run", in: folder)
    try damage(names[0])
    try damage(names[1])
    let none = try refuse("all are damaged", 4, ["all 2 are damaged"], in: folder)
    XCTAssertEqual(none.messages(of: "dtrain").count, 3, none.errors)
    try FileManager.default.removeItem(atPath: folder.file("run/checkpoints"))
    try refuse("none", 4, ["no checkpoint", "--overwrite"], in: folder)
  }
}
