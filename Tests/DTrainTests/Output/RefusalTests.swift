import Foundation
import XCTest

/// One message for each mistake: what it was, where, and what to do.
final class RefusalTests: XCTestCase {
  /// Sixty rows `x.npy` of four columns with classes `y.npy`; `net` and `centers` are finished runs.
  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    var random = SeededNumbers(seed: 13)
    let rows = (0..<240).map { _ in random.float() }
    try folder.write(RunFile.floats([60, 4], rows), "x.npy")
    try folder.write(RunFile.integers((0..<60).map { $0 % 2 }), "y.npy")
    _ = try run(training(folder) + ["--epochs", "1", "--quiet", "--out", folder.file("net")])
    _ = try run(
      clustering(folder) + ["--max-iterations", "1", "--quiet", "--out", folder.file("centers")])
    return folder
  }

  private func training(_ folder: RunFolder) -> [String] {
    ["mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
  }

  private func clustering(_ folder: RunFolder) -> [String] {
    ["kmeans", "--data", folder.file("x.npy"), "--clusters", "3"]
  }

  /// Expects an exit code and a message with all words, but for those after `!`.
  private func refuse(
    _ arguments: [String], _ status: Int32, _ words: String..., limit: String? = nil,
    line: UInt = #line
  ) throws {
    let result = try Program.run(arguments, limit: limit)
    XCTAssertEqual(result.status, status, result.output + result.error, line: line)
    XCTAssertEqual(result.messages.count, 1, result.error, line: line)
    for word in words {
      let isWanted = !word.hasPrefix("!")
      XCTAssertEqual(
        result.error.contains(isWanted ? word : String(word.dropFirst())), isWanted,
        "'\(word)': \(result.error)", line: line)
    }
  }

  func testFilesOfOtherFormats() throws {
    let folder = try folder()
    let x = folder.file("x.npy")
    for format in ["csv", "tsv", "idx", "npz", "hdf5"] {
      try refuse(
        clustering(folder) + ["--format", format], 3,
        "\(x) is NPY and not \(format.uppercased()); omit --format \(format)")
    }
    try folder.write(RunFile.npz([("x.npy", try folder.bytes("x.npy"))]), "x.npz")
    try refuse(
      ["kmeans", "--data", folder.file("x.npz"), "--clusters", "3", "--format", "npy"], 3,
      "is NPZ and not NPY")
    let text = "a,b\n1,2\n3,4\n"
    try folder.write(Array(text.utf8), "t.csv")
    try refuse(
      ["kmeans", "--data", folder.file("t.csv"), "--clusters", "1", "--format", "npy"], 3,
      "an NPY file begins with", "check --format")
  }

  func testMembersOfNothing() throws {
    let folder = try folder()
    for command in [
      training(folder), clustering(folder),
      ["predict", "--model", folder.file("net"), "--output", folder.file("p.npy"), "--data"]
        + [folder.file("x.npy")],
      ["evaluate", "--model", folder.file("net"), "--data", folder.file("x.npy"), "--labels"]
        + [folder.file("y.npy")],
    ] { try refuse(command + ["--member", "Rows"], 2, "--member Rows", "omit it") }
    try folder.write(RunFile.npz([("x.npy", try folder.bytes("x.npy"))]), "x.npz")
    try refuse(
      ["mlp", "--data", folder.file("x.npz"), "--member", "x:YY"], 3, "has no member YY")
  }

  func testWeightsThatAreAllZero() throws {
    let folder = try folder()
    try folder.write(RunFile.doubles([60], .init(repeating: 0, count: 60)), "zero.npy")
    try folder.write(RunFile.doubles([60], .init(repeating: 1e-50, count: 60)), "small.npy")
    for command in [training(folder), clustering(folder)] {
      try refuse(
        command + ["--weights", folder.file("zero.npy")], 3,
        "dtrain: \(folder.file("zero.npy")): all weights are 0, so", "give at least one above 0")
    }
    try refuse(
      clustering(folder) + ["--weights", folder.file("small.npy")], 3,
      "dtrain: \(folder.file("small.npy")): all weights are 0 as float32", "multiply them")
  }

  func testRunsThatAreNotFinished() throws {
    let folder = try folder()
    for (run, result) in [("net", "model.safetensors"), ("centers", "centers.npy")] {
      for name in ["summary.json", result] {
        try FileManager.default.removeItem(atPath: folder.file("\(run)/\(name)"))
      }
      let (path, x) = (folder.file(run), folder.file("x.npy"))
      for command in [
        ["predict", "--model", path, "--data", x, "--output", folder.file("p.npy")],
        ["evaluate", "--model", path, "--data", x], ["export", path, "--to", "npz"],
        training(folder) + ["--init-model", path], clustering(folder) + ["--init", path],
      ] { try refuse(command, 3, "the run is not finished", "--resume \(path)") }
    }
    try refuse(
      training(folder) + ["--init-model", folder.path], 3, "holds no model", "name a run directory")
  }

  func testResultsOfSomethingElse() throws {
    let folder = try folder()
    try folder.write(Array("version https://git-lfs.github.com/spec/v1\n".utf8), "lfs")
    for command in [
      training(folder) + ["--init-model", folder.file("lfs")],
      ["predict", "--model", folder.file("lfs"), "--data", folder.file("x.npy"), "--output"]
        + [folder.file("p.npy")], ["info", folder.file("lfs")],
    ] { try refuse(command, 3, "git lfs pull\n", "!name a model") }
    let five = folder.file("five")
    _ = try run(
      training(folder) + ["--classes", "5", "--epochs", "1", "--quiet", "--out", five])
    try refuse(
      training(folder) + ["--init-model", five, "--hidden", "7"], 3,
      "give --classes 5 and --hidden 200")
    try refuse(
      training(folder) + ["--init-model", folder.file("net"), "--classes", "9"], 3,
      "other --classes")
    try refuse(["info", folder.path], 3, "is no run itself, but holds 3 runs", "such as ")
  }

  func testRunDirectoriesThatCannotBe() throws {
    let folder = try folder()
    let (net, lock) = (folder.file("net"), folder.file("net/.lock"))
    let more = ["mlp", "--resume", net, "--epochs", "2"]
    mkfifo(lock, 0o600)
    try refuse(more, 7, "\(lock) is a pipe and no plain file: remove it")
    unlink(lock)
    symlink("nowhere", lock)
    try refuse(more, 7, "\(lock) is a symbolic link and no plain file: remove it")
    unlink(lock)
    try refuse(["mlp", "--resume", folder.file("x.npy")], 2, "that is no directory")
    symlink("nowhere", folder.file("link"))
    try refuse(training(folder) + ["--out", folder.file("link")], 2, "a symbolic link to nothing")
    // A run without checkpoints cannot be continued.
    try refuse(training(folder) + ["--out", net], 2, "--overwrite", "or --resume")
    try FileManager.default.removeItem(atPath: folder.file("net/checkpoints"))
    try refuse(training(folder) + ["--out", net], 2, "--overwrite", "!--resume")
  }

  func testInputsThatAreLost() throws {
    let folder = try folder()
    let more = ["mlp", "--resume", folder.file("net"), "--epochs", "2", "--quiet"]
    try FileManager.default.removeItem(atPath: folder.file("net/inputs.json"))
    try refuse(more, 3, "inputs.json is missing", "give --data, and --labels")
    _ = try run(more + training(folder).dropFirst())
    _ = try run(["mlp", "--resume", folder.file("net"), "--epochs", "3", "--quiet"])
    let config = String(decoding: try folder.bytes("net/config.json"), as: UTF8.self)
    try folder.write(
      Array(config.replacingOccurrences(of: #""version": ""#, with: #""version": "9."#).utf8),
      "net/config.json")
    try refuse(
      ["mlp", "--resume", folder.file("net"), "--epochs", "4"], 2,
      "\(folder.file("net")) was begun by another version")
  }

  func testWhatOthersMayNotSee() throws {
    // Root sees all: it is somebody else who looks.
    let folder = try folder()
    chmod(folder.path, 0o755)
    let hidden = folder.file("hidden")
    try folder.write(try folder.bytes("x.npy"), "hidden/x.npy")
    try FileManager.default.copyItem(atPath: Program.path, toPath: folder.file("dtrain"))
    chmod(hidden, getuid() == 0 ? 0o700 : 0)
    defer { chmod(hidden, 0o700) }
    let somebody =
      getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    for (arguments, words) in [
      (["info", hidden], "cannot list \(hidden): Permission denied"),
      (["kmeans", "--data", hidden, "--clusters", "2"], "cannot list \(hidden): "),
      (["kmeans", "--data", "\(hidden)/*.npy", "--clusters", "2"], "cannot list \(hidden): "),
      (["mlp", "--resume", hidden], "cannot open \(hidden)/config.json: Permission denied"),
      (["export", "\(hidden)/x", "--to", "npz"], "cannot open \(hidden)/x: Permission denied"),
    ] {
      let out = arguments[0] == "kmeans" ? ["--out", "/tmp/dtrain-run-\(UUID().uuidString)"] : []
      let (status, text) = try Program.errors(
        of: somebody + [folder.file("dtrain")] + arguments + out)
      XCTAssertGreaterThan(status, 1, text)
      XCTAssert(text.contains(words) && text.contains("check the permissions"), text)
    }
  }

  func testOptionsThatNameNothing() throws {
    for command in ["doctor", "kmeans", "mlp"] {
      try refuse([command, "--foo"], 2, "unknown option '--foo'", "!Did you mean")
    }
    try refuse(["mlp", "--bacth", "3"], 2, "'--bacth'. Did you mean '--batch'?")
    try refuse(["mpl"], 2, "did you mean mlp?")
    try refuse(["foo"], 2, "name one of mlp")
    let x = ["--data", "x.npy"]
    for (arguments, form) in [
      (["mlp", "--epochs", "1e9"], "give a whole number"),
      (["mlp", "--hidden", "a"], "such as 200 or 512,256"),
      (["mlp", "--learning-rate", "a"], "give a number"),
      (["kmeans", "--clusters", "a"], "2:10"), (["kmeans", "--keep", "a"], "give a whole number"),
      (["kmeans", "--checkpoint-every", "5x"], "100steps, 30s, 1.5h or never"),
      (["kmeans", "--stall-timeout", "5"], "60s, 5m, 1h or never"),
    ] { try refuse(arguments + x, 2, "is invalid for '\(arguments[1])", form) }
  }

  func testSharedMemoryThatIsRefused() throws {
    let folder = try folder()
    try refuse(
      training(folder) + ["--out", folder.file("out")], 7,
      "while allocating the model: the system refused", "File too large; raise", "(ulimit -f)",
      "!(rank", limit: "--fsize=4096")
  }

  func testNumbersThatDoNotFit() throws {
    let folder = try folder()
    let part = folder.file("part.npy")
    try folder.write(RunFile.floats([2, 4], .init(repeating: 1, count: 8)), "part.npy")
    try refuse(
      ["mlp", "--labels", folder.file("y.npy"), "--data", part, part], 3,
      "and 1 more have 4 rows but \(folder.file("y.npy")) has 60")
    try folder.write(RunFile.doubles([60], .init(repeating: 0.5, count: 60)), "half.npy")
    // The file is named once.
    let half = folder.file("half.npy")
    try refuse(
      ["mlp", "--data", folder.file("x.npy"), "--labels", half, "--targets", "classes"], 3,
      "dtrain: \(half): the element", "--targets numbers if these are quantities")
  }
}
