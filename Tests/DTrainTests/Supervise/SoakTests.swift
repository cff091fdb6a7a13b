import Foundation
import Glibc
import Launching
import XCTest

/// A run that lasts, with many checkpoints, takes no more memory and no more descriptors than at its beginning.
final class SoakTests: XCTestCase {
  /// What a rank's process held at some time.
  private struct Sample {
    let residentKiB: Int
    let descriptors: Int
  }

  func testMemoryAndDescriptorsStayFlat() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    // 21 steps an epoch: 100,000 steps and 1,000 checkpoints in the long tier.
    let steps = TestTier.isLong ? 100_000 : 50_000
    let test = ResumeCase.mlp(
      "soak", folder,
      ["--hidden", "4", "--epochs", "\(steps / 21 + 1)", "--evaluate-every", "100"])
    var job = MPIJob(
      2, "dtrain",
      [test.command] + test.arguments
        + ["--out", folder.file("run"), "--quiet", "--checkpoint-every", "100steps"])
    var samples: [Sample] = []
    var due = 0.0
    job.attack = { running in
      guard folder.has("run/checkpoints"), running.seconds >= due else { return false }
      due = running.seconds + 0.02
      if let process = running.ranks[0], let sample = Self.sample(of: process) {
        samples.append(sample)
      }
      return false
    }
    job.timeout = 600
    let outcome = try run(job, "soak, \(steps) steps, \(steps / 100) checkpoints")
    XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
    // The last may be of a process that is about to end.
    samples = samples.dropLast()
    XCTAssertGreaterThan(samples.count, 8)
    guard samples.count > 8 else { return }
    let (first, last) = (samples[..<(samples.count / 4)], samples[(samples.count / 2)...])
    let memory = (first.map(\.residentKiB).max() ?? 0, last.map(\.residentKiB).max() ?? 0)
    // A save holds some for a moment.
    let files = (first.map(\.descriptors).max() ?? 0, last.map(\.descriptors).min() ?? 0)
    print("soak: \(samples.count) samples, \(memory) KiB resident, \(files) descriptors")
    XCTAssertLessThan(memory.1, memory.0 + 1024, "memory grows")
    XCTAssertLessThanOrEqual(files.1, files.0, "descriptors are lost")
  }

  private static func sample(of process: pid_t) -> Sample? {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
      let resident = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      }),
      let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
    else { return nil }
    return Sample(residentKiB: resident, descriptors: open.count)
  }
}
