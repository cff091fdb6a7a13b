import Foundation
import Glibc
import XCTest

/// The built executable, run as a user would run it.
enum Program {
  /// What a run left behind.
  struct Result {
    let status: Int32
    let output: String
    let error: String
    let seconds: Double

    /// The lines on standard error that are messages of the program.
    var messages: [Substring] {
      error.split(separator: "\n").filter { $0.hasPrefix("dtrain:") }
    }
  }

  /// The executable stands beside the test bundle, which is this process's own program.
  static var path: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init), as: UTF8.self)
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("dtrain")
      .path
  }

  /// The root of the package.
  static var root: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// Runs a command, and gives its exit code and what it wrote to standard error.
  static func errors(
    of command: [String], environment: [String: String] = [:]
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let bytes = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  /// Runs the program, under mpirun with a number of ranks or without it, for at most a minute.
  ///
  /// - Parameters:
  ///   - launcher: what starts mpirun.
  ///   - binding: mpirun's `--bind-to`, where it matters.
  ///   - limit: what `prlimit` sets for each rank, such as `--as=100000000`.
  static func run(
    _ arguments: [String], ranks: Int? = nil, environment: [String: String] = [:],
    launcher: [String] = [], binding: String? = nil, limit: String? = nil
  ) throws -> Result {
    let mpirun = ranks.map { count in
      launcher + ["mpirun", "-q", "--oversubscribe"]
        + (binding.map { ["--bind-to", $0] } ?? []) + ["-np", "\(count)"]
    }
    let files = try ["out", "err"].map { try temporaryFile($0) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let limited = limit.map { ["prlimit", $0] } ?? []
    process.arguments = ["timeout", "60"] + (mpirun ?? []) + limited + [path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: root)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = files[0].handle
    process.standardError = files[1].handle
    let begin = Date()
    try process.run()
    process.waitUntilExit()
    let seconds = Date().timeIntervalSince(begin)
    let texts = try files.map { file in
      let data = try Data(contentsOf: file.url)
      try FileManager.default.removeItem(at: file.url)
      return String(decoding: data, as: UTF8.self)
    }
    return Result(
      status: process.terminationStatus, output: texts[0], error: texts[1], seconds: seconds)
  }

  private static func temporaryFile(_ name: String) throws -> (url: URL, handle: FileHandle) {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("dtrain-test-\(UUID().uuidString)-\(name)")
    guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    return (url, try FileHandle(forWritingTo: url))
  }
}

extension XCTestCase {
  /// Runs the program, and expects an exit code.
  func run(
    _ arguments: [String], expecting status: Int32 = 0, ranks: Int? = nil,
    file: StaticString = #filePath, line: UInt = #line
  ) throws -> Program.Result {
    let result = try Program.run(arguments, ranks: ranks)
    XCTAssertEqual(
      result.status, status, "\(arguments): \(result.output)\(result.error)", file: file, line: line
    )
    return result
  }
}
