import DTrainCore
import XCTest

final class InfoTests: XCTestCase {
  private func describe(_ path: String) throws -> JSON {
    let result = try Program.run(["info", "--json", path])
    XCTAssertEqual(result.status, 0, result.error)
    XCTAssertEqual(result.error, "")
    return try XCTUnwrap(JSON(parsing: Array(result.output.utf8))[0])
  }

  func testMNISTDirectory() throws {
    let facts = try describe("Datasets/mnist")
    XCTAssertEqual(facts["kind"], "data")
    XCTAssertEqual(facts["rows"]?["shape"], [60000, 28, 28])
    XCTAssertEqual(facts["rows"]?["type"], "uint8")
    XCTAssertEqual(facts["rows"]?["maximum"], 255)
    XCTAssertEqual(facts["test_rows"]?["shape"], [10000, 28, 28])
    // The counts of MNIST's test labels are well known.
    let counts = try XCTUnwrap(facts["test_labels"]?["rows_by_value"]?.members)
    XCTAssertEqual(
      counts.map(\.value), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  }

  func testTextNamesWhatItDescribes() throws {
    let result = try Program.run(["info", "Datasets/mnist/t10k-labels-idx1-ubyte.gz"])
    XCTAssertEqual(result.status, 0)
    XCTAssert(result.output.hasPrefix("Datasets/mnist/t10k-labels-idx1-ubyte.gz\n"))
    XCTAssert(result.output.contains("[10000]"), result.output)
  }

  /// Missing values are described, not refused: who has them looks here for them.
  func testNumbersThatAreNotFinite() throws {
    let folder = try RunFolder()
    func write(_ values: [Float]) throws -> JSON {
      try folder.write(RunFile.floats([3, 2], values), "x.npy")
      return try describe(folder.file("x.npy"))
    }
    let some = try write([1, -2, 5, .nan, .infinity, .nan])
    XCTAssertEqual(some["nan"], 2)
    XCTAssertEqual(some["infinite"], 1)
    XCTAssertEqual(some["first_of_these"], "row 1, column 1")
    XCTAssertEqual(some["minimum"], -2)
    XCTAssertEqual(some["maximum"], 5)
    XCTAssertEqual(try write([Float](repeating: .nan, count: 6))["minimum"]?.isNull, true)
    XCTAssertNil(try write([1, 2, 3, 4, 5, 6])["nan"])
  }

  func testModelFile() throws {
    let path = NSTemporaryDirectory() + "dtrain-info-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = TensorFile(
      metadata: ["loss": "squared"],
      tensors: [
        TensorFile.Tensor("w", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6]),
        TensorFile.Tensor("b", shape: [2], floats: [7, 8]),
      ])
    try Data(file.encode()).write(to: URL(fileURLWithPath: path))
    let facts = try describe(path)
    XCTAssertEqual(facts["kind"], "model")
    XCTAssertEqual(facts["parameters"], 8)
    XCTAssertEqual(facts["metadata"]?["loss"], "squared")
    XCTAssertEqual(facts["tensors"]?.items?.count, 2)
  }

  func testUnfinishedRun() throws {
    let path = NSTemporaryDirectory() + "dtrain-info-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    // The last line was cut by a kill.
    try #"{"command": "mlp", "epochs": 9}"#.write(
      toFile: path + "/config.json", atomically: true, encoding: .utf8)
    try "{\"epoch\": 1}\n{\"epoch\": 2}\n{\"epo"
      .write(toFile: path + "/metrics.jsonl", atomically: true, encoding: .utf8)
    let facts = try describe(path)
    XCTAssertEqual(facts["kind"], "run")
    XCTAssertEqual(facts["state"], "unfinished")
    XCTAssertEqual(facts["metrics_lines"], 2)
    XCTAssertEqual(facts["last_metrics"]?["epoch"], 2)
    XCTAssertEqual(facts["configuration"]?["epochs"], 9)
  }

  func testRunWithCheckpoints() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("info", folder, ["--optimizer", "adamw"])
    try begin(
      test, ranks: 1, in: folder, out: "whole",
      checkpoints: ["--checkpoint-every", "5steps", "--keep", "3"])
    try cut("whole", behind: 2, to: "run", in: folder)
    try folder.write(Array(#"{"reason": "request"}"#.utf8), "run/stopped.json")
    let names = try checkpoints(folder, "run")
    let state = "run/checkpoints/\(names[1])/state.safetensors"
    try folder.write(Array(try folder.bytes(state).dropLast()), state)
    let facts = try describe(folder.file("run"))
    XCTAssertEqual(facts["state"], "stopped on request")
    XCTAssertEqual(facts["stop"]?["reason"], "request")
    let listed = try XCTUnwrap(facts["checkpoints"]?.items)
    XCTAssertEqual(listed.map { $0["name"]?.text }, names)
    XCTAssertEqual(listed.map { $0["usable"]?.flag }, [true, false, true])
    let checkpoint = try describe(folder.file("run/checkpoints/\(names[2])"))
    XCTAssertEqual(checkpoint["kind"], "checkpoint")
    XCTAssertEqual(checkpoint["progress"]?["epoch"], 4)
    // 20 columns and a bias to 16 units, these and a bias to three classes; 8 shards.
    XCTAssertEqual(
      checkpoint["tensors"]?.items?.map { [$0["name"], $0["shape"]?[0]] },
      [
        ["losses", 8], ["parameters", 387], ["optimizer.0", 387], ["optimizer.1", 387],
      ])
    let damaged = try Program.run(["info", folder.file("run/checkpoints/\(names[1])")])
    XCTAssertEqual(damaged.status, 3, damaged.output)
    XCTAssertTrue(damaged.error.contains("damaged checkpoint: state.safetensors has"))
  }

  func testBadFilesAreErrorsOfData() throws {
    for path in ["/nonexistent/file", "/dev/null", "Package.swift", "Datasets"] {
      let result = try Program.run(["info", path])
      XCTAssertEqual(result.status, 3, path)
      XCTAssertEqual(result.output, "", path)
      XCTAssertEqual(result.messages.count, 1, result.error)
    }
  }

  /// What could not be printed is not taken for printed.
  func testFullDevice() throws {
    for arguments in [["info", "Datasets/mnist/t10k-labels-idx1-ubyte.gz"], ["--help"]] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: Program.root)
      process.standardOutput = try XCTUnwrap(FileHandle(forWritingAtPath: "/dev/full"))
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      XCTAssertEqual(process.terminationStatus, 7, "\(arguments): \(text)")
      XCTAssert(text.hasPrefix("dtrain: standard output could not be written"), text)
    }
  }
}
