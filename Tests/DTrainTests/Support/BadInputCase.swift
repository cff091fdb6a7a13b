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
  /// Seconds beyond a sound start until the message; more where large products come before it.
  var delay = 1.0

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
    var (folder, outcome) = try attempt(bad, ranks, file, line)
    var start = try SoundStart.seconds(ranks: ranks, in: self)
    if outcome.secondsToMessage ?? 100 > start + 1 {
      // A machine that does other work too may have been slow just then: once more, beside a new measurement.
      start = try SoundStart.seconds(ranks: ranks, in: self, isMeasuredAgain: true)
      (folder, outcome) = try attempt(bad, ranks, file, line)
    }
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
    expect(
      outcome.secondsToMessage ?? 100 < start + bad.delay,
      "message after \(outcome.secondsToMessage ?? 100) s; a sound run takes \(start) s")
    expect(outcome.seconds - (outcome.secondsToMessage ?? 0) < 5, "gone after \(outcome.seconds) s")
    expect(!folder.has("run/summary.json"), "a summary was written")
    expect(!folder.has("run/model.safetensors"), "a model was written")
    return messages.first ?? ""
  }
  /// One run of the case, in a folder of its own.
  private func attempt(
    _ bad: BadInput, _ ranks: Int, _ file: StaticString, _ line: UInt
  ) throws -> (RunFolder, JobOutcome) {
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
    return (folder, try run(job, "bad-input \(bad.name)", file: file, line: line))
  }
}

/// What a run of a few small files takes from its start to its end, and so more than any start takes.
private enum SoundStart {
  private nonisolated(unsafe) static var known: [Int: Double] = [:]

  /// The seconds with so many ranks, as measured once, or again.
  static func seconds(
    ranks: Int, in test: XCTestCase, isMeasuredAgain: Bool = false
  ) throws -> Double {
    if let seconds = known[ranks], !isMeasuredAgain { return seconds }
    let folder = try RunFolder()
    try BadInput.soundFiles(in: folder)
    let outcome = try test.train(
      ranks, ["--data", folder.file("images"), "--epochs", "1"], in: folder, name: "a sound start")
    known[ranks] = outcome.seconds
    return outcome.seconds
  }
}
