import Foundation
import XCTest

/// What was given by mistake is named for what it is, with what to give instead.
final class RemedyTests: XCTestCase {
  /// Forty rows `x.npy` of two columns, classes `y.npy`, and a finished run `net` and `centers`.
  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    try folder.write(
      RunFile.floats([40, 2], (0..<80).map { Float($0 % 7) + ($0 < 40 ? 0 : 9) }), "x.npy")
    try folder.write(RunFile.integers((0..<40).map { $0 / 20 }), "y.npy")
    _ = try run(training(folder) + ["--epochs", "2", "--out", folder.file("net")])
    _ = try run(
      clustering(folder) + [
        "--scale", "standard", "--max-iterations", "1", "--out", folder.file("centers"),
      ])
    return folder
  }

  private func training(_ folder: RunFolder) -> [String] {
    ["mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--quiet"]
  }

  private func clustering(_ folder: RunFolder) -> [String] {
    ["kmeans", "--data", folder.file("x.npy"), "--clusters", "2", "--quiet"]
  }

  private func check(
    _ arguments: [String], _ status: Int32, _ words: [String], line: UInt = #line
  ) throws {
    let result = try Program.run(arguments)
    XCTAssertEqual(result.status, status, result.output + result.error, line: line)
    XCTAssertEqual(result.messages.count, 1, result.error, line: line)
    for word in words {
      XCTAssert(result.error.contains(word), "'\(word)': \(result.error)", line: line)
    }
  }

  /// Runs a script in a folder, with `$dtrain`; its exit code and what it printed.
  private func shell(_ script: String, in folder: RunFolder) throws -> (status: Int32, text: String)
  {
    try Program.errors(
      of: ["bash", "-c", "cd '\(folder.path)'; exec >&2; dtrain='\(Program.path)'; \(script)"])
  }

  // MARK: - Records

  func testConfigurationsOfNoRun() throws {
    let folder = try folder()
    let files = [
      ("net/config.json", "mlp", ["--epochs", "3"]),
      ("centers/config.json", "kmeans", ["--max-iterations", "2"]),
    ]
    for (file, command, last) in files {
      let sound = try folder.bytes(file)
      let run = String(file.prefix { $0 != "/" })
      let text = String(decoding: sound, as: UTF8.self)
      let nameless = text.replacingOccurrences(
        of: "\"command\": \"\(command)\"", with: "\"command\": null")
      XCTAssertNotEqual(nameless, text)
      for wrong in ["[]", "null", "{}", "", nameless] {
        try folder.write(Array(wrong.utf8), file)
        let word = "\(run)/config.json"
        try check([command, "--resume", folder.file(run)], 3, [word, "restore it"])
        try check(["info", folder.file(run)], 3, [word])
        let listed = try Program.run(["runs", folder.path])
        let line = listed.output.split(separator: "\n").first { $0.hasPrefix(run) } ?? ""
        XCTAssert(line.contains("damaged: ") && line.contains("config.json"), "\(line)")
        guard command == "kmeans" else { continue }
        for model in [folder.file(run), folder.file("\(run)/centers.npy")] {
          try check(
            ["evaluate", "--model", model, "--data", folder.file("x.npy")], 3, [word, "restore it"])
        }
        // Beside centers alone.
        try folder.write(try folder.bytes("centers/centers.npy"), "copy/c.npy")
        try folder.write(Array(wrong.utf8), "copy/config.json")
        try check(
          ["evaluate", "--model", folder.file("copy/c.npy"), "--data", folder.file("x.npy")], 3,
          ["copy/config.json"])
      }
      let more = "{\"nosuch\": 1, " + text.dropFirst()
      try folder.write(Array(more.utf8), file)
      try check(
        [command, "--resume", folder.file(run)] + last, 2,
        ["nosuch was 1 and is absent; continue the run with the options that it began with"])
      try folder.write(sound, file)
    }
    // That of another program is none of ours, and it is said.
    try folder.write(Array(#"{"model_type": "bert"}"#.utf8), "copy/config.json")
    let scored = try run([
      "evaluate", "--model", folder.file("copy/c.npy"), "--data", folder.file("x.npy"),
    ])
    XCTAssert(scored.error.contains("another program's config.json beside it"), scored.error)
  }

  func testCentersOfAnotherRun() throws {
    let folder = try folder()
    _ = try run(clustering(folder) + ["--out", folder.file("plain")])
    let evaluate = ["evaluate", "--data", folder.file("x.npy"), "--model"]
    _ = try run(evaluate + [folder.file("plain")])
    let own = try folder.bytes("plain/centers.npy")
    var others = try folder.bytes("centers/centers.npy")
    if own == others { others[others.count - 1] ^= 1 }
    try folder.write(others, "plain/centers.npy")
    try check(
      evaluate + [folder.file("plain")], 3,
      ["is not the file that the run beside it wrote", "model_sha256", "copy these elsewhere"])
    // Without a summary there is nothing to compare.
    try FileManager.default.removeItem(atPath: folder.file("plain/summary.json"))
    _ = try run(evaluate + [folder.file("plain/centers.npy")])
  }

  func testCheckpointsThatOthersMayNotRead() throws {
    let folder = try folder()
    chmod(folder.path, 0o777)
    try FileManager.default.copyItem(atPath: Program.path, toPath: folder.file("dtrain"))
    let somebody =
      getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    // What follows is somebody else's run, of which a file is not.
    if getuid() == 0 {
      XCTAssertEqual(try shell("chown -R 65534:65534 net", in: folder).status, 0)
    }
    let checkpoints = try FileManager.default.contentsOfDirectory(
      atPath: folder.file("net/checkpoints"))
    let more = ["mlp", "--resume", folder.file("net"), "--epochs", "3"]
    for (file, commands) in [
      (
        "checkpoints/\(checkpoints.max()!)/state.safetensors",
        [more]
      ),
      (
        "checkpoints/\(checkpoints.max()!)/manifest.json",
        [more]
      ),
      ("checkpoints/\(checkpoints.max()!)", [more]),
      ("config.json", [["runs", folder.path], ["info", folder.file("net")]]),
    ] {
      let path = folder.file("net/\(file)")
      if getuid() == 0 { XCTAssertEqual(chown(path, 0, 0), 0) }
      chmod(path, getuid() == 0 ? 0o600 : 0)
      for arguments in commands + [["info", folder.file("net/\(file)")]] {
        let (status, text) = try Program.errors(
          of: ["bash", "-c", "exec \"$@\" >&2", "-"] + somebody + [folder.file("dtrain")]
            + arguments)
        let name = "\(file), \(arguments[0]): \(text)"
        if arguments[0] != "runs" { XCTAssertEqual(status, 3, name) }
        XCTAssert(text.contains("Permission denied; check the permissions"), name)
        XCTAssertFalse(text.contains("damaged") || text.contains("--overwrite"), name)
        XCTAssertEqual(text.contains("unreadable: "), arguments[0] == "runs", name)
      }
      chmod(path, file.hasSuffix("json") || file.hasSuffix("tensors") ? 0o644 : 0o755)
    }
  }

  // MARK: - Models and data

  func testOthersThanModels() throws {
    let folder = try folder()
    let (x, config) = (folder.file("x.npy"), folder.file("net/config.json"))
    let predict = ["predict", "--data", x, "--output", folder.file("p.csv"), "--model"]
    try check(predict + [config], 3, ["a JSON file", "model.safetensors"])
    try check(training(folder) + ["--init-model", config], 3, ["a JSON file"])
    _ = try run(["export", folder.file("net"), "--to", "onnx", "--output", folder.file("m.onnx")])
    try check(predict + [folder.file("m.onnx")], 3, ["an ONNX model"])
    let old: [UInt8] = [
      0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]
    try folder.write(old + [UInt8](repeating: 0x30, count: 200), "old.pt")
    for command in [
      predict + [folder.file("old.pt")],
      training(folder) + ["--init-model", folder.file("old.pt")],
      ["info", folder.file("old.pt")],
      ["kmeans", "--data", folder.file("old.pt"), "--clusters", "2"],
    ] { try check(command, 3, ["a file of torch.save", "safetensors.torch.save_file"]) }
  }

  func testRunsAsFirstCenters() throws {
    let folder = try folder()
    let start = clustering(folder) + ["--out", folder.file("again"), "--init"]
    let wide = ["kmeans", "--data", folder.file("x.npy"), "--clusters", "3", "--init"]
    let result = try Program.run(wide + [folder.file("centers/")])
    XCTAssertFalse(result.error.contains("centers//"), result.error)
    XCTAssert(result.error.contains("centers/centers.npy holds 2 centers"), result.error)
    try check(start + [""], 2, ["--init is empty: give random, k-means++"])
    _ = try run(start + [folder.file("centers/")])
  }

  func testTablesWithoutAName() throws {
    let folder = try folder()
    let rows = (0..<20).map { "\($0),\($0 % 3),\($0 / 10)\n" }.joined()
    try folder.write(Array(("a,b,y\n" + rows).utf8), "table")
    let mlp = "$dtrain mlp --target y --epochs 1 --quiet --out piped --data"
    for data in ["table", "- < table", "- < <(cat table)"] {
      let (status, text) = try shell("\(mlp) \(data) --overwrite", in: folder)
      XCTAssertEqual(status, 3, text)
      XCTAssert(text.contains("looks like a table in text") && text.contains("--format csv"), text)
      let said = try shell("\(mlp) \(data) --format csv --overwrite", in: folder)
      XCTAssertEqual(said.status, 0, said.text)
    }
  }

  func testInfoOfPipes() throws {
    let folder = try folder()
    let (_, plain) = try shell("$dtrain info x.npy | tail -n +3", in: folder)
    XCTAssert(plain.contains("[40, 2]"), plain)
    for source in ["<(cat x.npy)", "- < x.npy", "- < <(cat x.npy)"] {
      let (status, text) = try shell(
        "set -o pipefail; $dtrain info \(source) | tail -n +3", in: folder)
      XCTAssertEqual(status, 0, text)
      XCTAssertEqual(text.contains("[40, 2]"), true, text)
    }
    let (status, text) = try shell(
      """
      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("s")'
      $dtrain info s < x.npy
      """, in: folder)
    XCTAssertEqual(status, 3, text)
    XCTAssert(text.contains("s is a socket, which cannot be read by its name"), text)
  }

  func testNamesThatBeginWithADash() throws {
    let folder = try folder()
    try folder.write(try folder.bytes("x.npy"), "-dash.npy")
    let (status, text) = try shell(
      "$dtrain kmeans --clusters 2 --quiet --data -dash.npy", in: folder)
    XCTAssertEqual(status, 2, text)
    XCTAssert(text.contains("the file -dash.npy is named ./-dash.npy"), text)
    let named = try shell(
      "$dtrain kmeans --clusters 2 --quiet --data ./-dash.npy --out dash", in: folder)
    XCTAssertEqual(named.status, 0, named.text)
  }

  func testRemedies() throws {
    let folder = try folder()
    try folder.write(RunFile.integers((0..<40).map { $0 % 3 }), "three.npy")
    try folder.write(RunFile.integers((0..<2).map { $0 }), "whole.npy")
    try folder.write(RunFile.floats([2], [0, 1]), "float.npy")
    try check(
      [
        "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("three.npy"), "--classes",
        "2",
      ],
      3, ["outside the 2 classes, 0 to 1; correct it, or train with a larger --classes"])
    try check(
      ["kmeans", "--clusters", "1", "--data", folder.file("float.npy"), folder.file("whole.npy")],
      3, ["files read as one must agree: write one of them again like the other"])
    try check(
      ["mlp", "--resume", folder.file("net"), "--epochs", "1"], 2,
      ["the run has 2 epochs already; give at least 2"])
    try check(
      training(folder) + ["--loss", "squared", "--targets", "classes"], 2,
      ["--loss squared is not for --targets classes; give ", "softmax-ce"])
  }

  // MARK: - Terminals

  /// On a terminal class names are shown, in a pipe they are what they are; JSON says the same either way.
  func testNamesThatCommandATerminal() throws {
    let folder = try RunFolder()
    let (red, left) = ("\u{1b}[31mred", "\u{202e}left")
    let rows = (0..<40).map { "\($0 % 5),\($0 / 20),\($0 < 20 ? red : left)\n" }.joined()
    try folder.write(Array(("a,b,y\n" + rows).utf8), "t.csv")
    _ = try shell(
      "$dtrain mlp --data t.csv --target y --epochs 30 --quiet --out $'r\u{202e}un'", in: folder)
    let predict = "$dtrain predict --model r*un --data t.csv --output -"
    let (status, piped) = try shell("set -o pipefail; \(predict) | cat", in: folder)
    XCTAssertEqual(status, 0, piped)
    XCTAssert(piped.contains(red) && piped.contains(left), piped)
    let seen = try shell("script -qec \"\(predict)\" /dev/null < /dev/null", in: folder).text
    XCTAssertFalse(seen.contains("\u{1b}[31m") || seen.contains("\u{202e}"), seen)
    XCTAssert(seen.contains("\\x1b[31mred") && seen.contains("\\x202eleft"), seen)
    let json = try shell("$dtrain runs --json .", in: folder).text
    XCTAssert(json.contains("r\\u202eun") && !json.contains("\u{202e}"), json)
    let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
    XCTAssertEqual(parsed?.first?["run"] as? String, "r\u{202e}un")
  }
}
