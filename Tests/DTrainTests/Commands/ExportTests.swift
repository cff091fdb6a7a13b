import Foundation
import Launching
import XCTest

/// `dtrain export` and `--export`: which files there are when, and what is refused. What the files compute is checked in
/// Tests/python/check_exports.py.
final class ExportTests: XCTestCase {
  private static let files = ["model.onnx", "model.npz", "model.pt"]

  /// A folder with `x.npy`, `y.npy` and the finished run `run`.
  private func trained(_ options: [String] = []) throws -> RunFolder {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    _ = try run(network(folder) + ["--epochs", "2"] + options)
    return folder
  }

  private func network(_ folder: RunFolder, out: String = "run") -> [String] {
    [
      "mlp", "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--hidden", "5",
      "--out", folder.file(out), "--quiet",
    ]
  }

  private func clustering(_ folder: RunFolder, _ clusters: String, out: String) -> [String] {
    [
      "kmeans", "--data", folder.file("x.npy"), "--clusters", clusters, "--out", folder.file(out),
      "--quiet",
    ]
  }

  func testTheSameBytesForAnyRanksAndBothWays() throws {
    let folder = try trained(["--export", "onnx,npz,pytorch"])
    let expected = try Self.files.map { try folder.bytes("run/\($0)") }
    let three =
      network(folder, out: "three") + ["--epochs", "2", "--export", "npz,pytorch,npz,onnx"]
    _ = try run(three, ranks: 3)
    XCTAssertEqual(try Self.files.map { try folder.bytes("three/\($0)") }, expected)
    let summary = try folder.json("three/summary.json")
    XCTAssertEqual(summary["exported"] as? [String], ["model.npz", "model.pt", "model.onnx"])
    for name in Self.files {
      try FileManager.default.removeItem(atPath: folder.file("run/\(name)"))
    }
    let result = try run(["export", folder.file("run"), "--to", "onnx,npz,pytorch"], ranks: 3)
    XCTAssertEqual(
      result.output, Self.files.map { "written to \(folder.file("run/\($0)"))\n" }.joined())
    XCTAssertEqual(try Self.files.map { try folder.bytes("run/\($0)") }, expected)
    // A file by itself, to a file, over an old one.
    try folder.write(folder.bytes("run/model.safetensors"), "alone/m.safetensors")
    for _ in 0..<2 {
      let result = try run([
        "export", folder.file("alone/m.safetensors"), "--to", "npz", "--output",
        folder.file("n.npz"), "--quiet",
      ])
      XCTAssertEqual(result.output, "")
      XCTAssertEqual(try folder.bytes("n.npz"), expected[1])
    }
    _ = try run(["export", folder.file("alone/m.safetensors"), "--to", "onnx"])
    XCTAssertEqual(try folder.bytes("alone/model.onnx"), expected[0])
  }

  /// What was asked for is remembered; what belongs to another result goes away.
  func testARunThatIsContinued() throws {
    let folder = try trained(["--export", "onnx"])
    _ = try run(["export", folder.file("run"), "--to", "npz"])
    let old = try folder.bytes("run/model.onnx")
    let resume = ["mlp", "--resume", folder.file("run"), "--quiet"]
    // Nothing to do: what is there stays, and another form is added.
    _ = try run(resume + ["--export", "pytorch"])
    XCTAssertEqual(try Self.files.map { folder.has("run/\($0)") }, [true, true, true])
    _ = try run(resume + ["--epochs", "4"], ranks: 2)
    XCTAssertEqual(try Self.files.map { folder.has("run/\($0)") }, [true, false, false])
    let new = try folder.bytes("run/model.onnx")
    XCTAssertNotEqual(new, old)
    let whole = network(folder, out: "whole") + ["--epochs", "4", "--export", "onnx"]
    _ = try run(whole)
    XCTAssertEqual(try folder.bytes("whole/model.onnx"), new)
    // A new run in its place leaves none of them.
    _ = try run(network(folder, out: "whole") + ["--epochs", "1", "--overwrite"])
    XCTAssertFalse(folder.has("whole/model.onnx"))
  }

  func testCenters() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 200)
    let names = ["centers.onnx", "centers.npz", "centers.pt"]
    let forms = ["--export", "onnx,npz,pytorch"]
    _ = try run(clustering(folder, "2:4:2", out: "range") + forms, ranks: 2)
    _ = try run(clustering(folder, "4", out: "four") + forms)
    for name in names {
      let bytes = try folder.bytes("four/\(name)")
      XCTAssertEqual(try folder.bytes("range/clusterings/4/\(name)"), bytes, name)
      XCTAssertNotEqual(try folder.bytes("range/clusterings/2/\(name)"), bytes, name)
      try FileManager.default.removeItem(atPath: folder.file("range/clusterings/2/\(name)"))
    }
    _ = try run(["kmeans", "--resume", folder.file("range"), "--export", "npz", "--quiet"])
    XCTAssertTrue(folder.has("range/clusterings/2/centers.npz"))
    // Centers alone are of L2, or of what is said.
    try folder.write(folder.bytes("four/centers.npy"), "alone/c.npy")
    let alone = ["export", folder.file("alone/c.npy"), "--to", "npz,onnx"]
    _ = try run(alone)
    for name in names.prefix(2) {
      XCTAssertEqual(try folder.bytes("alone/\(name)"), try folder.bytes("four/\(name)"), name)
    }
    _ = try run(alone + ["--metric", "l1"])
    XCTAssertNotEqual(try folder.bytes("alone/centers.onnx"), try folder.bytes("four/centers.onnx"))
  }

  /// One message with what is needed, its code, and no file.
  func testRefusals() throws {
    let folder = try trained()
    _ = try run(clustering(folder, "2:3", out: "range"))
    _ = try run(clustering(folder, "2", out: "two"))
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    func refused(
      _ arguments: [String], _ code: Int32, _ words: [String], ranks: Int? = nil,
      line: UInt = #line
    ) throws {
      let result = try run(
        ["export"] + arguments, expecting: code, ranks: ranks, line: line)
      XCTAssertEqual(result.messages.count, 1, result.error, line: line)
      for word in words {
        XCTAssert(result.error.contains(word), "no '\(word)': \(result.error)", line: line)
      }
      let now = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      XCTAssertEqual(Set(now), Set(files), line: line)
    }
    let directory = folder.file("run")
    let onnx = ["--to", "onnx"]
    try refused([directory], 2, ["--to"])
    for forms in ["tflite", "onnx,tflite", "", "onnx,", "ONNX"] {
      try refused([directory, "--to", forms], 2, ["--to", "onnx, npz, pytorch"])
    }
    try refused([folder.file("none")] + onnx, 3, ["none", "no such file", "run directory"])
    try refused([folder.file("none")] + onnx, 3, ["none", "no such file"], ranks: 3)
    try refused([folder.path] + onnx, 3, ["model.safetensors", "centers.npy"])
    try refused([folder.file("range")] + onnx, 2, ["clusterings/10"])
    try refused([folder.file("x.data")] + onnx, 3, ["x.data", "no such file"])
    try refused([directory, "--metric", "l1"] + onnx, 2, ["--metric", "network"])
    // What is read, and what a run needs.
    let model = folder.file("run/model.safetensors")
    for input in [directory, model] {
      try refused([input, "--output", model] + onnx, 2, ["--output", "model.safetensors"])
    }
    for name in ["config.json", "summary.json"] {
      let output = ["--output", folder.file("run/\(name)")]
      try refused([directory] + output + onnx, 2, ["--output", name])
    }
    let centers = folder.file("two/centers.npy")
    try refused([centers, "--output", centers] + onnx, 2, ["--output", "centers.npy"])
    // Where it goes.
    try refused(
      [directory, "--to", "onnx,npz", "--output", folder.file("o")], 2, ["--output", "directory"])
    try refused([directory, "--output", folder.file("o/")] + onnx, 2, ["--output", "directory"])
    try refused([directory, "--output", folder.file("o/p/m.onnx")] + onnx, 7, ["m.onnx"])
  }

  /// Models that cannot be read, and runs that are not finished.
  func testUnusableModels() throws {
    let folder = try trained()
    _ = try run(clustering(folder, "2", out: "two"))
    let model = try folder.bytes("run/model.safetensors")
    func refused(_ name: String, _ words: [String], line: UInt = #line) throws {
      let result = try run(
        ["export", folder.file(name), "--to", "onnx,npz,pytorch"], expecting: 3, line: line)
      XCTAssertEqual(result.messages.count, 1, result.error, line: line)
      for word in words {
        XCTAssert(result.error.contains(word), "no '\(word)': \(result.error)", line: line)
      }
      for name in Self.files + ["run/model.onnx", "two/centers.onnx"] {
        XCTAssertFalse(folder.has(name), name, line: line)
      }
    }
    try folder.write(model.dropLast(3), "cut.safetensors")
    try refused("cut.safetensors", ["cut.safetensors", "copy or write"])
    try folder.write([1, 2, 3], "short.safetensors")
    try refused("short.safetensors", ["short.safetensors"])
    for name in ["run", "two"] {
      try FileManager.default.removeItem(atPath: folder.file("\(name)/summary.json"))
      try refused(name, [folder.file(name), "not finished", "--resume"])
    }
    let centers = try folder.bytes("two/centers.npy")
    try folder.write(centers.dropLast(3), "two/centers.npy")
    try refused("two/centers.npy", ["centers.npy"])
    try folder.write(centers, "two/centers.npy")
    let configuration = try folder.bytes("two/config.json")
    try folder.write(Array("{".utf8), "two/config.json")
    try refused("two/centers.npy", ["config.json", "damaged"])
    let text = String(decoding: configuration, as: UTF8.self)
      .replacingOccurrences(of: "\"scale\": \"none\"", with: "\"scale\": \"much\"")
    try folder.write(Array(text.utf8), "two/config.json")
    try refused("two/centers.npy", ["config.json", "scaling"])
    try FileManager.default.removeItem(atPath: folder.file("two/config.json"))
    try refused("two/centers.npy", ["without its config.json"])
  }
}
