import DTrainCore
import Foundation
import XCTest

final class AtomicFileTests: XCTestCase {
  /// Runs `body` while no file of this process may grow beyond `bytes`: a disk that fills up.
  static func withFileSizeLimit<Result>(_ bytes: Int, _ body: () throws -> Result) rethrows
    -> Result
  {
    var old = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
    var low = rlimit(rlim_cur: rlim_t(bytes), rlim_max: old.rlim_max)
    let handler = signal(SIGXFSZ, SIG_IGN)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &low)
    defer {
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
      signal(SIGXFSZ, handler)
    }
    return try body()
  }

  private func expectFailure(
    _ path: String, says: String, line: UInt = #line, _ body: () throws -> Void
  ) {
    XCTAssertThrowsError(try body(), line: line) {
      let error = $0 as? TrainerError
      XCTAssertEqual(error?.kind, .inputOutput, line: line)
      XCTAssertTrue(error?.message.contains(path) == true, "\($0)", line: line)
      XCTAssertTrue(error?.message.contains(says) == true, "\($0)", line: line)
    }
  }

  func testWritesAndReplaces() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("f")
    try AtomicFile.write([1, 2, 3], to: path)
    XCTAssertEqual(try FileContents.read(path), [1, 2, 3])
    try AtomicFile.write(pieces: [[4], [], [5, 6]], to: path)
    XCTAssertEqual(try FileContents.read(path), [4, 5, 6])
    try AtomicFile.write([], to: path)
    XCTAssertEqual(try FileContents.read(path), [])
    XCTAssertEqual(try directory.names(), ["f"])
  }

  func testNamesWithoutADirectoryAndLongNames() throws {
    let directory = try TemporaryDirectory()
    let old = FileManager.default.currentDirectoryPath
    XCTAssertTrue(FileManager.default.changeCurrentDirectoryPath(directory.path))
    defer { _ = FileManager.default.changeCurrentDirectoryPath(old) }
    let long = String(repeating: "n", count: 255)
    try AtomicFile.write([1], to: "bare")
    try AtomicFile.write([2], to: long)
    XCTAssertEqual(try directory.names(), ["bare", long])
    expectFailure(long + "n", says: "shorter name") {
      try AtomicFile.write([3], to: long + "n")
    }
    XCTAssertEqual(try directory.names(), ["bare", long])
  }

  func testUmaskApplies() throws {
    let directory = try TemporaryDirectory()
    for (mask, mode) in [(mode_t(0o022), 0o644), (0o027, 0o640), (0, 0o666)] {
      let old = umask(mask)
      defer { umask(old) }
      try AtomicFile.write([1], to: directory.file("f"))
      let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("f"))
      XCTAssertEqual(attributes[.posixPermissions] as? Int, mode)
    }
  }

  func testFailuresLeaveNothingBehind() throws {
    let directory = try TemporaryDirectory()
    try directory.write("old", to: "f")
    try directory.write("x", to: "folder/x")
    expectFailure("absent/f", says: "does not exist") {
      try AtomicFile.write([1], to: directory.file("absent/f"))
    }
    expectFailure("f/g", says: "not a directory") {
      try AtomicFile.write([1], to: directory.file("f/g"))
    }
    expectFailure("folder", says: "in the way") {
      try AtomicFile.write([1], to: directory.file("folder"))
    }
    XCTAssertEqual(try directory.names(), ["f", "folder"])
    XCTAssertEqual(try directory.names(in: "folder"), ["x"])
    XCTAssertEqual(try directory.text(of: "f"), "old")
  }

  func testDiskThatFillsUpKeepsTheOldFile() throws {
    let directory = try TemporaryDirectory()
    try directory.write("old", to: "f")
    let path = directory.file("f")
    try AtomicFileTests.withFileSizeLimit(4096) {
      // The first write comes back short, the next one fails.
      expectFailure(path, says: "limit on the size of files") {
        try AtomicFile.write([UInt8](repeating: 7, count: 10_000), to: path)
      }
      try AtomicFile.write([UInt8](repeating: 7, count: 4096), to: directory.file("fits"))
    }
    XCTAssertEqual(try directory.text(of: "f"), "old")
    XCTAssertEqual(try directory.names(), ["f", "fits"])
  }

  func testLeftoversOfAnotherProcessAreNotTouched() throws {
    let directory = try TemporaryDirectory()
    let leftover = ".dtrain-tmp-\(getpid())-0"
    try directory.write("half", to: leftover)
    try AtomicFile.write([1], to: directory.file("f"))
    XCTAssertEqual(try directory.text(of: leftover), "half")
    XCTAssertEqual(try directory.names(), [leftover, "f"])
  }

  func testASymbolicLinkIsReplacedNotFollowed() throws {
    let directory = try TemporaryDirectory()
    try directory.write("precious", to: "target")
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("f"), withDestinationPath: "target")
    try AtomicFile.write([1], to: directory.file("f"))
    XCTAssertEqual(try directory.text(of: "target"), "precious")
    XCTAssertEqual(try FileContents.read(directory.file("f")), [1])
  }

  func testReadersSeeTheOldOrTheNewFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("f")
    let contents = [[UInt8](repeating: 1, count: 300_000), [UInt8](repeating: 2, count: 200_000)]
    try AtomicFile.write(contents[0], to: path)
    let finished = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for round in 0..<100 { try? AtomicFile.write(contents[round % 2], to: path) }
      finished.signal()
    }
    var reads = 0
    while finished.wait(timeout: .now()) == .timedOut {
      XCTAssertTrue(contents.contains(try FileContents.read(path)))
      reads += 1
    }
    XCTAssertGreaterThan(reads, 0)
    XCTAssertEqual(try FileContents.read(path), contents[1])
  }
}
