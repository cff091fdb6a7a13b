import Foundation
import Launching
import XCTest

/// Every system call of a save fails, or is the last that the process makes: the old or the new checkpoint
/// loads, always, and the run that goes on from it ends in the right bytes.
final class SaveSweepTests: XCTestCase {
  /// One call that concerns checkpoints: its name, and how many of that name came before it, plus one.
  private struct Call: Hashable {
    let name: String
    let number: Int
  }

  private static let traced =
    "openat,open,mkdir,mkdirat,write,fsync,close,rename,renameat,renameat2,unlink,unlinkat,rmdir,"
    + "getdents64,fstat,newfstatat,lseek,ftruncate"

  func testEveryCallOfASave() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    try sweep(
      ResumeCase.mlp("sweep", folder, ["--hidden", "4", "--epochs", "3"]),
      from: ResumeCase.mlp("sweep", folder, ["--hidden", "4", "--epochs", "2"]),
      by: ["--epochs", "3"], step: 1, in: folder)
  }

  /// Clusterings are saved by the same code; the short tier looks at some of the calls.
  func testCallsOfASaveOfAClustering() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    func clustering(_ iterations: Int) -> ResumeCase {
      ResumeCase.cluster("sweep", "kmeans", folder, ["--max-iterations", "\(iterations)"])
    }
    try sweep(
      clustering(3), from: clustering(2), by: ["--max-iterations", "3"],
      step: TestTier.isLong ? 1 : 4, in: folder)
  }

  /// Fails each `step`th call of the save that takes the run `short` to the end of `test`.
  private func sweep(
    _ test: ResumeCase, from short: ResumeCase, by options: [String], step: Int,
    in folder: RunFolder
  ) throws {
    try begin(test, ranks: 1, in: folder, out: "whole")
    try begin(
      short, ranks: 1, in: folder, out: "base", checkpoints: ["--checkpoint-every", "1"])
    let line =
      try "\(dtrain()) \(test.command) --resume \(folder.file("run")) --checkpoint-every 1 "
      + "--progress none \(options.joined(separator: " "))"

    let calls = try callsOfASave(line, folder)
    XCTAssertGreaterThan(calls.count, 30, "\(calls)")
    var faults: [String: Int] = [:]
    for (index, call) in calls.enumerated() where index % step == 0 {
      // Errors and deaths take turns in the short tier.
      let all = ["error=EIO", "error=ENOSPC", "signal=SIGKILL"]
      for fault in TestTier.isLong ? all : [all[[0, 2, 1, 2][index / step % 4]]] {
        let (code, text) = try trace(
          line, in: folder, inject: "\(call.name):\(fault):when=\(call.number)")
        let label = "\(fault) at \(call.name) \(call.number): \(text)"
        if fault == "signal=SIGKILL" {
          XCTAssertEqual(code, 137, label)
        } else {
          // Some calls may fail without harm: closing what was only read.
          XCTAssertTrue(code == 7 || code == 0, label)
          // That so few steps teach nothing is said, and is no failure.
          let messages = text.split(separator: "\n").filter {
            $0.contains("dtrain: ") && !$0.contains("dtrain: warning: ")
          }
          XCTAssertEqual(messages.isEmpty, code != 7, label)
        }
        let (again, words) = try sh(line)
        XCTAssertEqual(again, 0, "\(label), continued: \(words)")
        XCTAssertFalse(words.contains("is damaged"), "\(label), continued: \(words)")
        try expectSame(test, in: folder, "run", "whole")
        faults["\(fault) -> \(code)", default: 0] += 1
      }
    }
    print(
      "\(test.command), \(calls.count) calls of a save: \(faults.sorted { $0.key < $1.key })")
  }

  private func dtrain() throws -> String { try BuiltProducts.executable("dtrain") }

  /// Continues a copy of `base`, which ends in one save, under strace.
  private func trace(
    _ line: String, in folder: RunFolder, inject: String?
  ) throws -> (code: Int32, text: String) {
    try sh(
      """
      rm -rf run; cp -a base run; exec strace -f -y -o trace -e trace=\(Self.traced) \
      \(inject.map { "-e inject=\($0)" } ?? "") \(line)
      """, in: folder)
  }

  /// The calls on checkpoints that continuing `base` makes.
  private func callsOfASave(_ line: String, _ folder: RunFolder) throws -> [Call] {
    let (code, text) = try trace(line, in: folder, inject: nil)
    XCTAssertEqual(code, 0, text)
    var counts: [String: Int] = [:]
    var calls: [Call] = []
    var isSaving = false
    for line in String(decoding: try folder.bytes("trace"), as: UTF8.self).split(separator: "\n") {
      // "PID NAME(…" with the paths of descriptors.
      let words = line.drop { $0.isNumber }.drop { $0 == " " }
      guard let end = words.firstIndex(of: "("), words.first?.isLetter == true else { continue }
      let name = String(words[..<end])
      counts[name, default: 0] += 1
      guard line.contains("/run/checkpoints") else { continue }
      // Before the first directory is made, checkpoints are only read.
      isSaving = isSaving || name.hasPrefix("mkdir")
      if isSaving { calls.append(Call(name: name, number: counts[name]!)) }
    }
    return calls
  }

  /// Runs a shell command; its exit code and all that it said.
  private func sh(_ command: String, in folder: RunFolder? = nil) throws -> (Int32, String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "exec 2>&1; \(command)"]
    process.currentDirectoryURL = folder.map { URL(fileURLWithPath: $0.path) }
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return (process.terminationStatus + (isSignal ? 128 : 0), text)
  }
}
