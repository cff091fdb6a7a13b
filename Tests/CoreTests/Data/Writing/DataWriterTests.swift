import DTrainDist
import Foundation
import XCTest

@testable import DTrainData

/// Written files read back, appear only when complete, and fail with an error.
final class DataWriterTests: XCTestCase {
  private func names(_ directory: FixtureDirectory) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  func testNPYReadsBack() throws {
    let directory = try FixtureDirectory()
    let path = "\(directory.path)/out.npy"
    for count in [1, 7, 40_000] {
      let values = (0..<count * 2).map { Float($0) / 3 }
      try NPYWriter.write(values, shape: [count, 2], to: path)
      XCTAssertEqual(try readAll(path).values, values)
      let header = try Data(contentsOf: URL(fileURLWithPath: path))
      XCTAssertEqual(header.count % 64, values.count * 4 % 64)
      let labels = (0..<count).map { Int32($0) - 3 }
      let writer = try NPYWriter(path: path, shape: [count], element: .int32)
      try writer.append(labels)
      try writer.finish()
      let source = try open([path]).train
      XCTAssertEqual(source.shape, [count])
      XCTAssertEqual(try source.readLabels(0..<count, topology: .solo()), labels)
    }
    XCTAssertEqual(try names(directory), ["out.npy"])
  }

  func testCSVHasShortestDigits() throws {
    let directory = try FixtureDirectory()
    let path = "\(directory.path)/out.csv"
    let writer = try CSVWriter(
      path: path, shape: [2, 2], element: .float32, columns: .init(["a", "b"], numbersRows: true))
    try writer.append([0.1, -2, 1e-5, 16_777_216] as [Float])
    try writer.append([] as [Float])
    XCTAssertFalse(FileManager.default.fileExists(atPath: path))
    try writer.finish()
    XCTAssertEqual(
      try String(contentsOfFile: path, encoding: .utf8), "row,a,b\n0,0.1,-2.0\n1,1e-05,16777216.0\n"
    )
    let labels = try CSVWriter(path: path, shape: [2], element: .int32, columns: .init(["label"]))
    try labels.append([3, -1] as [Int32])
    try labels.finish()
    XCTAssertEqual(try String(contentsOfFile: path, encoding: .utf8), "label\n3\n-1\n")
  }

  func testUnfinishedFilesLeaveNothing() throws {
    let directory = try FixtureDirectory()
    do {
      let writer = try NPYWriter(
        path: "\(directory.path)/out.npy", shape: [2], element: .float32)
      try writer.append([1] as [Float])
      XCTAssertEqual(try names(directory).count, 1)
    }
    XCTAssertEqual(try names(directory), [])
  }

  func testFailures() throws {
    let directory = try FixtureDirectory()
    assertFails(.inputOutput, ["nowhere/out.npy", "No such file"]) {
      try NPYWriter.write([1], shape: [1], to: "\(directory.path)/nowhere/out.npy")
    }
    let target = "\(directory.path)/taken"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
    assertFails(.inputOutput, ["taken"]) {
      try NPYWriter.write([1], shape: [1], to: target)
    }
    XCTAssertEqual(try names(directory), ["taken"])
    // A limit on the size of files stands for a full disk.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
    let former = limit
    limit.rlim_cur = 100_000
    let handler = signal(SIGXFSZ, SIG_IGN)
    defer {
      var former = former
      setrlimit(__rlimit_resource_t(1), &former)
      signal(SIGXFSZ, handler)
    }
    setrlimit(__rlimit_resource_t(1), &limit)
    assertFails(.inputOutput, ["big.npy", "large"]) {
      try NPYWriter.write(
        [Float](repeating: 1, count: 30_000), shape: [30_000], to: "\(directory.path)/big.npy")
    }
    XCTAssertEqual(try names(directory), ["taken"])
  }
}
