import DTrainCore
import XCTest

@testable import dtrain

/// How bars, and lines that fit a terminal, are laid out.
final class BarTests: XCTestCase {
  private func content(_ label: String, _ fraction: Double?) -> BarContent {
    BarContent(
      label: label, fraction: fraction, elapsed: 3725, left: 12,
      figures: ["loss 0.04123", "validation 0.9731", "1,234,567 samples/s", "step 17/938"])
  }

  func testABarIsNeverAsWideAsTheTerminal() {
    let labels = [
      "epoch 12/30", "reading /data/a/long/way/to/train-images.npy", "読む 訓練データ.csv", "",
    ]
    for label in labels {
      for fraction in [nil, 0, 0.431, 1, 7, -.nan] as [Double?] {
        for width in 1...200 {
          let line = content(label, fraction).line(width: width, isColored: false)
          XCTAssertLessThan(Terminal.columns(of: line), max(width, 2), line)
        }
      }
    }
  }

  func testWhatComesFirstWhereThereIsLittleRoom() {
    func line(_ width: Int) -> String {
      content("epoch 12/30", 0.431).line(width: width, isColored: false)
    }
    XCTAssertEqual(line(12), "epoch 12/30")
    XCTAssertEqual(line(19), "epoch 12/30  43 %")
    XCTAssertEqual(line(30), "epoch 12/30  43 %  12 s left")
    XCTAssertEqual(line(42), "epoch 12/30  43 %  1:02:05, 12 s left")
    XCTAssertEqual(line(64), "epoch 12/30 [===     ]  43 %  1:02:05, 12 s left  loss 0.04123")
    XCTAssertEqual(
      line(120),
      "epoch 12/30 [====       ]  43 %  1:02:05, 12 s left  loss 0.04123  validation 0.9731  "
        + "1,234,567 samples/s  step 17/938")
    let colored = content("epoch 12/30", 0.431).line(width: 64, isColored: true)
    XCTAssertEqual(
      colored.replacingOccurrences(
        of: "\u{1B}\\[[0-9]+m", with: "", options: .regularExpression), line(64))
    XCTAssertNotEqual(colored, line(64))
  }

  /// 100 % is for what is done.
  func testPercentIsRoundedDown() {
    XCTAssertTrue(content("x", 0.9999).line(width: 60, isColored: false).contains(" 99 %"))
    XCTAssertTrue(content("x", 1).line(width: 60, isColored: false).contains("100 %"))
  }

  /// A pipe may end on the same terminal, behind a program that shows what it reads.
  func testPlanFollowsTheStreams() throws {
    func plan(
      _ style: ProgressStyle, _ output: StreamEnd, _ errors: StreamEnd, quiet: Bool = false,
      takesCommands: Bool = true, keepsPartsOfLines: Bool = false
    ) -> String {
      let plan = ProgressPlan(
        style, isQuiet: quiet, output: output, errors: errors, takesCommands: takesCommands,
        keepsPartsOfLines: keepsPartsOfLines)
      let bar =
        plan.lacksBar
        ? "no bar" : plan.bar.map { "bar on \($0.stream), \($0.takesOutput ? "both" : "alone")" }
      return (plan.hasLines ? "lines" : "none") + (bar.map { ", \($0)" } ?? "")
    }
    let first = try XCTUnwrap(terminal())
    let second = try XCTUnwrap(terminal())
    let (one, same, other) = (
      StreamEnd.terminal(first), StreamEnd.terminal(first), StreamEnd.terminal(second)
    )
    XCTAssertEqual(plan(.auto, one, same), "lines, bar on 2, both")
    XCTAssertEqual(plan(.auto, one, other), "lines, bar on 2, alone")
    XCTAssertEqual(plan(.auto, .file, one), "lines, bar on 2, alone")
    XCTAssertEqual(plan(.auto, one, .file), "lines, bar on 1, both")
    XCTAssertEqual(plan(.auto, .pipe, one), "lines")
    XCTAssertEqual(plan(.auto, one, .pipe), "lines")
    XCTAssertEqual(plan(.auto, .file, .file), "lines")
    XCTAssertEqual(plan(.auto, one, same, takesCommands: false), "lines")
    XCTAssertEqual(plan(.auto, one, same, quiet: true), "none")
    XCTAssertEqual(plan(.bar, .pipe, .pipe), "lines, bar on 2, alone")
    XCTAssertEqual(plan(.bar, .pipe, one), "lines, bar on 2, alone")
    // Under srun, but for `--pty`.
    XCTAssertEqual(plan(.bar, .pipe, .pipe, keepsPartsOfLines: true), "lines, no bar")
    XCTAssertEqual(plan(.bar, .pipe, .pipe, quiet: true, keepsPartsOfLines: true), "none")
    XCTAssertEqual(plan(.auto, .pipe, .pipe, keepsPartsOfLines: true), "lines")
    XCTAssertEqual(plan(.auto, one, same, keepsPartsOfLines: true), "lines, bar on 2, both")
    XCTAssertEqual(plan(.lines, one, same), "lines")
    XCTAssertEqual(plan(.none, one, same), "none")
  }

  /// A new terminal, whose other end stays open until the tests are over.
  private func terminal() -> Terminal? {
    let main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK, and TIOCGPTN: the number under /dev/pts.
    var (lock, number): (Int32, Int32) = (0, 0)
    guard main >= 0, ioctl(main, 0x4004_5431, &lock) == 0, ioctl(main, 0x8004_5430, &number) == 0
    else { return nil }
    let descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    return descriptor >= 0 ? Terminal(descriptor: descriptor) : nil
  }

  func testNoPathIsBroken() {
    let path = "/home/somebody/runs/mlp-2026-01-01"
    XCTAssertEqual(
      FittedLines.titled("run directory:", path, width: 60), ["run directory: \(path)"])
    XCTAssertEqual(FittedLines.titled("run directory:", path, width: 40), ["run directory:", path])
    XCTAssertEqual(
      FittedLines.titled("run directory:", path, width: nil), ["run directory: \(path)"])
    XCTAssertEqual(
      FittedLines.command("dtrain mlp", "--resume \(path)", width: 50),
      ["dtrain mlp \\", "  --resume \(path)"])
    XCTAssertEqual(
      FittedLines.wrapped("rows:", ["one,", "two,", "three"], width: 12),
      ["rows: one,", "  two,", "  three"])
  }

  /// The printed parts of a run's time add up to the printed whole.
  func testTimesAddUp() throws {
    var numbers = SeededNumbers(seed: 20)
    func fraction() -> Double { Double(numbers.below(1 << 20)) / 0x1p20 }
    for scale in [0.01, 1, 30, 5000] {
      for _ in 0..<200 {
        let parts = (0..<5).map { _ in fraction() * scale }
        let names = ["load", "init", "train", "evaluate", "save"]
        let total = parts.reduce(0, +) * (1 + fraction() * 0.01)
        let summary = JSON.object(
          [.init("epochs", 3), .init("seconds_total", .number(total))]
            + zip(names, parts).map { .init("seconds_\($0)", .number($1)) })
        let line = TimeText.lines(summary, width: 10_000).joined()
        let sides = line.dropFirst("time: ".count).components(separatedBy: " = ")
        let sum = try sides[1].components(separatedBy: " + ").reduce(0) {
          try $0 + hundredths(String($1.drop { !$0.isNumber }))
        }
        XCTAssertEqual(sum, try hundredths(sides[0]), line)
      }
    }
  }

  /// Hundredths of a second in `0.42 s`, `3:05` or `1:02:03`.
  private func hundredths(_ text: String) throws -> Int {
    if text.hasSuffix(" s") {
      return Int((try XCTUnwrap(Double(text.dropLast(2)), text) * 100).rounded())
    }
    return try text.split(separator: ":").reduce(0) {
      try $0 * 60 + XCTUnwrap(Int($1), text) * 100
    }
  }
}
