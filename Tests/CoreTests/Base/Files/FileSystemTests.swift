import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainRuns

/// What is done to trees of files, and to the lock in one.
final class FileSystemTests: XCTestCase {
  func testATreeIsRemovedWithoutFollowingLinks() throws {
    let folder = try TemporaryDirectory()
    let (tree, other) = ("\(folder.path)/tree", "\(folder.path)/other")
    try FileManager.default.createDirectory(
      atPath: "\(tree)/a/b", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    for path in ["\(tree)/a/b/file", "\(tree)/file", "\(other)/kept"] {
      try Data([1]).write(to: URL(fileURLWithPath: path))
    }
    symlink(other, "\(tree)/a/link")
    symlink("nowhere", "\(tree)/dangling")
    try FileSystem.removeTree(tree)
    XCTAssertFalse(FileSystem.exists(tree))
    XCTAssert(FileSystem.exists("\(other)/kept"))
    // A link to a directory is removed itself.
    symlink(other, tree)
    try FileSystem.removeTree(tree)
    XCTAssertFalse(FileSystem.exists(tree))
    XCTAssert(FileSystem.exists("\(other)/kept"))
    XCTAssertThrowsError(try FileSystem.removeTree(tree))
  }

  func testALockOfTwoNamesIsRefused() throws {
    let folder = try TemporaryDirectory()
    let precious = "\(folder.path)/precious"
    try Data("kept".utf8).write(to: URL(fileURLWithPath: precious))
    XCTAssertEqual(link(precious, "\(folder.path)/.lock"), 0)
    XCTAssertThrowsError(try RunLock(directory: folder.path)) {
      XCTAssert("\($0)".contains("hard link"), "\($0)")
    }
    XCTAssertEqual(try String(contentsOfFile: precious, encoding: .utf8), "kept")
  }

  func testALockThatIsNoFileIsRefused() throws {
    let folder = try TemporaryDirectory()
    let path = "\(folder.path)/.lock"
    for (make, kind) in [
      ({ mkfifo(path, 0o600) }, "a pipe"), ({ symlink("nowhere", path) }, "a symbolic link"),
      ({ mkdir(path, 0o700) }, "a directory"),
    ] {
      XCTAssertEqual(make(), 0)
      XCTAssertThrowsError(try RunLock(directory: folder.path)) {
        XCTAssert("\($0)".contains("\(kind) and no plain file: remove it"), "\($0)")
      }
      XCTAssertFalse(RunLock.isHeld(in: folder.path))
      XCTAssertEqual(remove(path), 0)
    }
  }

  func testAnActivityDoesNotRepeatAName() throws {
    for (activity, words, message) in [
      ("reading x.npy", "x.npy: row 3 is NaN", "x.npy: row 3 is NaN"),
      ("reading the pipe x", "x is empty", "x is empty"),
      ("reading x", "x.npy: row 3", "while reading x: x.npy: row 3"),
      ("opening the data", "x.npy is empty", "while opening the data: x.npy is empty"),
      ("reading x", "cannot read x", "while reading x: cannot read x"),
    ] { XCTAssertEqual(Activity.perform(activity) { Activity.message(words) }, message) }
    Activity.perform("") { XCTAssertEqual(Activity.message("x is empty"), "x is empty") }
  }

  func testNothingInAMessageCommandsATerminal() {
    XCTAssertEqual(TerminalText.harmless("plain\ttext\n"), "plain\ttext\n")
    XCTAssertEqual(
      TerminalText.harmless("a\u{1B}[31mred\u{7}\r\u{9B}2J\u{202E}"),
      "a\\x1b[31mred\\x07\\x0d\\x9b2J\\x202e")
    // What follows is no digit of it.
    XCTAssertEqual("a\nb".printable, "a\\x0ab")
    XCTAssertEqual(TerminalText.harmless("größer, 日本"), "größer, 日本")
  }
}
