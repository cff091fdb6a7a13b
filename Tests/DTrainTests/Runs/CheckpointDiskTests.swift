import Launching
import XCTest

/// Disks that fill up or may not be written: exit code 7, one message, and the checkpoints that were there
/// stay and serve.
final class CheckpointDiskTests: XCTestCase {
  /// Two checkpoints of 3 MB fit on the file system, and a third does not: one is written before an old
  /// one goes.
  func testFullDisk() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp(
      "full disk", folder, ["--hidden", "11000", "--optimizer", "adamw", "--epochs", "3"])
    try begin(test, ranks: 2, in: folder, out: "whole")
    var job = MPIJob(
      2, "dtrain",
      ["mlp"] + test.arguments
        + ["--checkpoint-every", "1", "--out", folder.file("disk/run"), "--progress", "none"])
    job.mounts = "mkdir \(folder.path)/disk; mount -t tmpfs -o size=8m none \(folder.path)/disk"
    job.epilogue = "cp -a \(folder.path)/disk/run \(folder.path)/run"
    try expectFailure(job, "full disk", "No space left on device")
    XCTAssertEqual(try checkpoints(folder, "run").count, 2)
    try resume(test, ranks: 3, in: folder, out: "run", like: "whole")
  }

  func testReadOnlyFileSystem() throws {
    let folder = try RunFolder()
    try ResumeCase.writeRows(folder)
    let test = ResumeCase.mlp("read-only", folder, [])
    try begin(test, ranks: 2, in: folder, out: "whole", checkpoints: ["--checkpoint-every", "1"])
    try cut("whole", behind: 0, to: "run", in: folder)
    let before = try checkpoints(folder, "run")
    // All of the run, or its checkpoints alone: known at the start, or at the first save.
    for part in ["run", "run/checkpoints"] {
      var job = resumption(test, ranks: 2, in: folder, out: "run", ["--checkpoint-every", "1"])
      let path = folder.file(part)
      job.mounts = "mount --bind \(path) \(path); mount -o remount,ro,bind \(path)"
      try expectFailure(job, "read-only \(part)", "Read-only file system")
      XCTAssertEqual(try checkpoints(folder, "run"), before)
    }
    try resume(test, ranks: 3, in: folder, out: "run", like: "whole")
  }

  private func expectFailure(_ job: MPIJob, _ name: String, _ words: String) throws {
    let outcome = try run(job, name)
    XCTAssertEqual(outcome.exitCode, 7, "\(name): \(outcome.errors)")
    let messages = outcome.messages(of: "dtrain")
    XCTAssertEqual(messages.count, 1, "\(name): \(outcome.errors)")
    XCTAssertTrue((messages.first ?? "").contains(words), "\(name): \(outcome.errors)")
  }
}
