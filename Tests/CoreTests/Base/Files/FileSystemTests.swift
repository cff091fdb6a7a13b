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

  func testNothingInAMessageCommandsATerminal() {
    XCTAssertEqual(TerminalText.harmless("plain\ttext\n"), "plain\ttext\n")
    XCTAssertEqual(
      TerminalText.harmless("a\u{1B}[31mred\u{7}\r\u{9B}2J\u{202E}"),
      "a\\x1b[31mred\\x7\\xd\\x9b2J\\x202e")
    XCTAssertEqual(TerminalText.harmless("größer, 日本"), "größer, 日本")
  }
}
