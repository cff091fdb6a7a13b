import Foundation
import XCTest

/// An empty directory that goes away with the test.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let template = NSTemporaryDirectory() + "/dtrain-tests-XXXXXX"
    var bytes = Array(template.utf8CString)
    let made = try XCTUnwrap(mkdtemp(&bytes), "mkdtemp \(template)")
    path = String(cString: made)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of an entry.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The names of all entries, hidden ones too, sorted.
  func names(in folder: String = ".") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }

  func write(_ text: String, to name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func text(of name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }
}
