import Foundation
import XCTest

/// What a person sees on a terminal while a run goes on, and what files have of it.
final class ProgressTests: XCTestCase {
  /// What was seen; see `Tests/python/watch_terminal.py`.
  private struct Sight: Decodable {
    let lines: [String]
    let moved: [[String]]
    let bars: [String]
    let wrapped: [String]
    let draws: Int
    let colors: Bool
    let status: Int32
    let seconds: Double

    /// The lines of epochs, without the bar.
    var epochs: [String] { lines.filter { $0.hasPrefix("epoch ") } }
  }

  /// Epochs of the training, each of a tenth of a second or so.
  private let epochs = 8

  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    return folder
  }

  /// Watches a training in the folder's `run`, by a shell.
  ///
  /// - Parameters:
  ///   - command: in which `TRAIN` stands for the training; without mpirun where it begins with that.
  ///   - watching: more arguments of the script.
  ///   - hidden: the layers: large ones, so that there is time for a bar.
  private func watch(
    _ command: String, columns: Int, in folder: RunFolder, watching: [String] = [],
    environment: [String: String] = [:], hidden: String = "768,768"
  ) throws -> Sight {
    let train =
      "'\(Program.path)' mlp --data x.npy --labels y.npy --validation 0.2 --hidden \(hidden) "
      + "--epochs \(epochs) --batch 8 --shards 4 --out run --overwrite"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "timeout", "60", "python3", "\(Program.root)/Tests/python/watch_terminal.py", "seen.json",
        "\(columns)", command.replacingOccurrences(of: "TRAIN", with: train),
      ] + watching
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 }
    ) { $1 }
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, command)
    return try JSONDecoder().decode(Sight.self, from: Data(folder.bytes("seen.json")))
  }

  private func mpirun(_ ranks: Int) -> String { "mpirun -q --oversubscribe -np \(ranks) TRAIN" }

  /// Lines that were said once stay where they are, whole and in order.
  private func checkHistory(_ sight: Sight, _ name: String, epochs: Int) {
    XCTAssertEqual(sight.moved, [], "\(name): lines above the bar have changed: \(sight.lines)")
    XCTAssertEqual(sight.epochs.count, epochs, "\(name): \(sight.lines)")
    for (index, line) in sight.epochs.enumerated() {
      XCTAssertTrue(line.hasPrefix("epoch \(index + 1)/\(self.epochs)  loss "), "\(name): \(line)")
    }
    for line in sight.lines {
      XCTAssertFalse(line.contains("[="), "\(name): left of a bar: \(line)")
      XCTAssertFalse(line.contains(" left"), "\(name): left of a bar: \(line)")
    }
  }

  /// A bar of one row was drawn below, not too often.
  private func checkBar(_ sight: Sight, _ name: String) {
    let drawn = sight.bars.filter { $0.hasPrefix("epoch ") && $0.contains(" % ") }
    XCTAssertGreaterThan(drawn.count, 1, "\(name): \(sight.bars)")
    XCTAssertEqual(sight.wrapped, [], name)
    XCTAssertLessThan(Double(sight.draws), 10 * sight.seconds + 20, name)
  }

  func testHistoryStandsAboveABar() throws {
    let folder = try folder()
    for (command, columns) in [("TRAIN", 80), (mpirun(4), 60), (mpirun(4), 120)] {
      let sight = try watch(command, columns: columns, in: folder)
      let name = "\(command), \(columns) columns"
      XCTAssertEqual(sight.status, 0, "\(name): \(sight.lines)")
      checkHistory(sight, name, epochs: epochs)
      checkBar(sight, name)
      XCTAssertTrue(sight.colors, name)
      for line in sight.lines + sight.bars {
        XCTAssertLessThan(line.count, columns, "\(name): \(line)")
      }
      XCTAssertTrue(sight.lines.contains("run directory: run"), name)
      XCTAssertTrue(sight.epochs.allSatisfy { $0.contains("validation accuracy ") }, name)
    }
  }

  /// A terminal that becomes narrower wraps the bar; nothing of it stays.
  func testTerminalIsResized() throws {
    let folder = try folder()
    let sight = try watch(
      mpirun(2), columns: 120, in: folder, watching: ["--resize", "50", "epoch 3/\(epochs)  "])
    checkHistory(sight, "resized", epochs: epochs)
    XCTAssertTrue(sight.epochs.dropFirst(4).allSatisfy { $0.count < 50 }, "\(sight.epochs)")
  }

  /// Wherever one of the streams ends, lines are plain there, and all of them.
  func testFilesAndPipesGetPlainLines() throws {
    let folder = try folder()
    /// - Parameter hasBar: whether the terminal shows one; else it shows lines, or nothing.
    func check(
      _ command: String, file: String?, hasBar: Bool, hasLines: Bool,
      environment: [String: String] = [:]
    ) throws {
      let sight = try watch(
        command, columns: 80, in: folder, environment: environment,
        hidden: hasBar ? "768,768" : "16")
      XCTAssertEqual(sight.status, 0, "\(command): \(sight.lines)")
      checkHistory(sight, command, epochs: hasLines ? epochs : 0)
      if hasBar { checkBar(sight, command) } else { XCTAssertEqual(sight.draws, 0, command) }
      XCTAssertFalse(sight.colors, command)
      guard let file else { return }
      let text = String(decoding: try folder.bytes(file), as: UTF8.self)
      XCTAssertFalse(text.contains("\u{1B}") || text.contains("\r"), text)
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("epoch ") }
      XCTAssertEqual(lines.count, epochs, "\(command): \(text)")
      XCTAssertTrue(lines.allSatisfy { $0.contains("train accuracy ") }, text)
    }
    let plain = ["NO_COLOR": "1"]
    try check(
      "\(mpirun(2)) > log", file: "log", hasBar: true, hasLines: false, environment: plain)
    try check(
      "\(mpirun(2)) 2> errors", file: nil, hasBar: true, hasLines: true, environment: plain)
    XCTAssertEqual(try folder.bytes("errors"), [])
    try check("\(mpirun(2)) > log 2>&1", file: "log", hasBar: false, hasLines: false)
    try check("\(mpirun(2)) | tee log", file: "log", hasBar: false, hasLines: true)
    try check(
      "TRAIN", file: nil, hasBar: false, hasLines: true, environment: ["TERM": "dumb"])
    try check("TRAIN --progress none", file: nil, hasBar: false, hasLines: false)
  }

  /// After ctrl-C the lines of all epochs stand, and what is to be typed to go on.
  func testHistoryStandsAfterAnInterrupt() throws {
    let folder = try folder()
    for (command, launcher) in [("TRAIN", ""), (mpirun(3), "mpirun -np 3 ")] {
      let sight = try watch(
        command, columns: 80, in: folder, watching: ["--interrupt", "epoch 2/\(epochs)  "],
        hidden: "1024,1024")
      XCTAssertNotEqual(sight.status, 0, "\(sight.lines)")
      let count = sight.epochs.count
      XCTAssertTrue((2..<epochs).contains(count), "\(sight.lines)")
      checkHistory(sight, command, epochs: count)
      XCTAssertTrue(sight.lines.contains { $0.hasPrefix("dtrain: stopped on request") })
      XCTAssertTrue(sight.lines.contains("  \(launcher)dtrain mlp --resume run"), "\(sight.lines)")
    }
  }

  /// A sweep says how many points are done; lines of all ranks stand, and what continues it can be copied.
  func testSweep() throws {
    let folder = try folder()
    let out = "runs/a-sweep-with-a-name-that-fills-most-of-a-line"
    for (launcher, ranks) in [("", 1), ("mpirun -q --oversubscribe -np 2 ", 2)] {
      let command =
        "\(launcher)'\(Program.path)' sweep mlp --data x.npy --labels y.npy --hidden 512,512 --epochs 4 "
        + "--batch 8 --shards 4 --learning-rate 0.001,0.002,0.003,0.004 --out \(out) --overwrite"
      let sight = try watch(command, columns: 60, in: folder)
      XCTAssertEqual(sight.status, 0, "\(sight.lines)")
      XCTAssertTrue(sight.bars.contains { $0.hasPrefix("0 of 4 points") }, "\(sight.bars)")
      XCTAssertTrue(
        sight.bars.contains { !$0.hasPrefix("0 of") && $0.contains(" left") }, "\(sight.bars)")
      XCTAssertEqual(sight.wrapped, [])
      XCTAssertEqual(sight.moved, [])
      let ended = sight.lines.filter { $0.hasPrefix("point-") && $0.contains("--learning-rate") }
      XCTAssertEqual(ended.count, 4, "\(sight.lines)")
      XCTAssertFalse(sight.lines.contains { $0.contains("of 4 points") }, "\(sight.lines)")

      let stopped = try watch(
        // So many points that there is time for the signal.
        command.replacing("0.004 ", with: "0.004,0.005,0.006,0.007,0.008,0.009,0.01 "),
        columns: 60, in: folder, watching: ["--interrupt", "point-0001  "])
      XCTAssertNotEqual(stopped.status, 0, "\(stopped.lines)")
      XCTAssertTrue(stopped.lines.contains("  --resume \(out)"), "\(stopped.lines)")
      XCTAssertTrue(
        stopped.lines.contains("\(ranks > 1 ? "mpirun -np 2 " : "")dtrain sweep \\"),
        "\(stopped.lines)")
    }
  }

  /// An error of a training erases the bar before it.
  func testDivergenceErasesTheBar() throws {
    let folder = try folder()
    let sight = try watch(
      "mpirun -q --oversubscribe -np 3 TRAIN --learning-rate 1e30 --loss softmax-ce", columns: 80,
      in: folder)
    XCTAssertEqual(sight.status, 5, "\(sight.lines)")
    checkHistory(sight, "diverged", epochs: sight.epochs.count)
    XCTAssertTrue(
      sight.lines.contains { $0.hasPrefix("dtrain: ") && $0.contains("diverged") },
      "\(sight.lines)")
  }
}
