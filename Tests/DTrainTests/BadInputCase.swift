import Launching
import XCTest

/// A fault in what a run is given, and how the run must end.
struct BadInput {
  let name: String
  let code: Int32
  /// What the message must say.
  let words: [String]
  /// Changes the sound files, in the folder of `soundFiles(in:)`.
  var spoil: (RunFolder) throws -> Void = { _ in }
  /// The options after `mlp`; paths are relative to the folder.
  var arguments = BadInput.images
  /// Shell commands on single ranks.
  var preludes: [Int: String] = [:]
  var environment: [String: String] = [:]

  static let images = ["--data", "images", "--epochs", "1"]
  static let floats = ["--data", "x.npy", "--labels", "y.npy", "--epochs", "1", "--batch", "60"]
  static let labelled = floats + ["--test-data", "x.npy", "--test-labels", "t.npy"]

  init(_ name: String, _ code: Int32, _ words: [String]) {
    self.name = name
    self.code = code
    self.words = words
  }

  /// A case that replaces one file.
  static func file(
    _ name: String, _ path: String, _ words: [String], _ arguments: [String] = images,
    code: Int32 = 3, _ change: @escaping ([UInt8]) throws -> [UInt8]
  ) -> BadInput {
    var bad = BadInput(name, code, words)
    bad.arguments = arguments
    bad.spoil = { folder in try folder.write(try change(folder.bytes(path)), path) }
    return bad
  }

  /// A case of options alone.
  static func options(
    _ name: String, _ arguments: [String], _ words: [String], code: Int32 = 2
  ) -> BadInput {
    var bad = BadInput(name, code, words)
    bad.arguments = arguments
    return bad
  }

  /// Files that train without complaint: `images/`, `x.npy`, `y.npy`, `t.npy`.
  static func soundFiles(in folder: RunFolder) throws {
    for (prefix, rows) in [("train", 300), ("t10k", 60)] {
      try folder.write(
        RunFile.idx([rows, 4, 4], (0..<rows * 16).map { UInt8($0 &* 37 % 251) }),
        "images/\(prefix)-images-idx3-ubyte")
      try folder.write(
        RunFile.idx([rows], (0..<rows).map { UInt8($0 % 3) }), "images/\(prefix)-labels-idx1-ubyte")
    }
    try folder.write(
      RunFile.floats([600, 5], (0..<3000).map { Float($0 &* 37 % 251) / 100 }), "x.npy")
    try folder.write(RunFile.integers((0..<600).map { $0 % 3 }), "y.npy")
    try folder.write(RunFile.integers((0..<600).map { $0 % 3 }), "t.npy")
  }
}

extension XCTestCase {
  /// Runs the case on three ranks, and checks the end that every fault must have: one message, from one
  /// rank, soon; the exit code; the job gone; nothing that looks like a finished run.
  @discardableResult
  func check(
    _ bad: BadInput, ranks: Int = 3, file: StaticString = #filePath, line: UInt = #line
  ) throws -> String {
    let folder = try RunFolder()
    try BadInput.soundFiles(in: folder)
    try bad.spoil(folder)
    var arguments = ["mlp"] + bad.arguments
    if !arguments.contains("--out") { arguments += ["--out", "run"] }
    var job = MPIJob(ranks, "dtrain", arguments)
    job.environment = bad.environment
    job.timeout = 40
    for rank in 0..<ranks {
      job.preludes[rank] = "cd \(folder.path); \(bad.preludes[rank] ?? ":")"
    }
    let outcome = try run(job, "bad-input \(bad.name)", file: file, line: line)
    func expect(_ condition: Bool, _ words: String) {
      XCTAssertTrue(
        condition, "\(bad.name), N=\(ranks): \(words); standard error: '\(outcome.errors)'",
        file: file, line: line)
    }
    expect(outcome.exitCode == bad.code, "exit code \(outcome.exitCode), not \(bad.code)")
    let messages = outcome.messages(of: "dtrain").filter { !$0.contains("warning:") }
    expect(messages.count == 1, "\(messages.count) messages")
    for word in bad.words {
      expect((messages.first ?? "").contains(word), "'\(word)' is not in the message")
    }
    expect(!outcome.errors.contains("Fatal error"), "it crashed")
    // Start-up takes up to 4 s on a machine that does other work; the fault shows at once after it.
    expect(
      outcome.secondsToMessage ?? 100 < 5, "message after \(outcome.secondsToMessage ?? 100) s")
    expect(outcome.seconds - (outcome.secondsToMessage ?? 0) < 5, "gone after \(outcome.seconds) s")
    expect(!folder.has("run/summary.json"), "a summary was written")
    expect(!folder.has("run/model.safetensors"), "a model was written")
    return messages.first ?? ""
  }
}
