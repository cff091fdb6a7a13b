import Foundation
import Launching
import XCTest

@testable import dtrain

/// `dtrain supervise` starts a job again from its newest checkpoint, and knows when not to.
final class SuperviseTests: XCTestCase {
  func testARestartKeepsWhatAContinuedRunMayHave() throws {
    let command = try SupervisedCommand([
      "mpirun", "--mca", "x", "1", "-np", "4", "dtrain", "mlp", "--data", "a.npy", "b.npy",
      "--hidden", "3,4", "--epochs=9", "--overwrite", "--out", "runs/x", "--seed", "-3", "--quiet",
      "--stall-timeout", "9m",
    ])
    XCTAssertEqual(command.directory, "runs/x")
    XCTAssertEqual(
      command.resumed,
      [
        "mpirun", "--mca", "x", "1", "-np", "4", "dtrain", "mlp", "--data", "a.npy", "b.npy",
        "--hidden", "3,4", "--epochs=9", "--seed", "-3", "--quiet", "--stall-timeout", "9m",
        "--resume", "runs/x",
      ])
    XCTAssertEqual(command.repeated, command.words)
    let resuming = try SupervisedCommand(["dtrain", "kmeans", "--resume=old", "--keep", "3"])
    XCTAssertEqual(resuming.directory, "old")
    XCTAssertEqual(resuming.resumed, ["dtrain", "kmeans", "--keep", "3", "--resume", "old"])
    XCTAssertThrowsError(try SupervisedCommand(["mpirun", "dtrain", "doctor"]))
    XCTAssertThrowsError(try SupervisedCommand(["mpirun", "dtrain", "mlp", "--data", "x"]))
  }

  /// mpirun is killed once, then a rank; the end is that of a run which nobody disturbed.
  func testKilledJobsAreContinued() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    let options = """
      --data x.npy --labels y.npy --batch 50 --shards 8 --epochs 600 --evaluate-every 200 \
      --checkpoint-every 500steps --quiet
      """
    let text = try supervised(
      folder,
      """
      $dtrain mlp \(options) --out whole || exit 9
      $dtrain supervise --backoff 1s -- mpirun -np 2 $dtrain mlp \(options) --out run & supervisor=$!
      saved() { ls run/checkpoints 2> /dev/null | wc -l; }
      newest() { ls run/checkpoints 2> /dev/null | tail -n 1; }
      until [ "$(saved)" -gt 0 ]; do sleep 0.02; done
      before=$(newest); launcher=$(pgrep -P $supervisor); kill -KILL $launcher
      until [ "$(newest)" != "$before" ] && [ "$(saved)" -gt 0 ]; do sleep 0.02; done
      kill -KILL $(pgrep -P $(pgrep -P $supervisor) | tail -n 1)
      wait $supervisor; echo "code $?"
      cmp run/model.safetensors whole/model.safetensors && echo "same model"
      ls -d "${TMPDIR:-/tmp}"/ompi.*/pid.$launcher
      """)
    for words in ["code 0\n", "same model\n"] { XCTAssertTrue(text.contains(words), text) }
    XCTAssertEqual(text.components(separatedBy: "it starts again from step-").count - 1, 2, text)
    XCTAssertTrue(text.contains("No such file or directory"), "session directory: \(text)")
  }

  func testJobsThatWouldFailAgainAreNotStartedAgain() throws {
    let folder = try RunFolder()
    let text = try supervised(
      folder,
      """
      for code in 2 3 4 5; do
        $dtrain supervise -- bash -c "echo started; exit $code" mlp --out run; echo "code $?"
      done
      $dtrain supervise --max-restarts 2 --backoff 1s -- bash -c "echo tried; exit 86" mlp --out run
      echo "code $?"
      mpirun -np 2 $dtrain supervise -- mpirun $dtrain mlp --out run; echo "code $?"
      """)
    for code in [2, 3, 4, 5] { XCTAssertTrue(text.contains("started\ncode \(code)\n"), text) }
    XCTAssertEqual(text.components(separatedBy: "tried\n").count - 1, 3, text)
    XCTAssertTrue(text.contains("2 restarts brought no new checkpoint: giving up\ncode 86\n"), text)
    XCTAssertTrue(text.contains("leave away the mpirun in front of it"), text)
  }

  /// What a script prints in the folder, with `$dtrain` and a limit of time.
  private func supervised(_ folder: RunFolder, _ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    let dtrain = try BuiltProducts.executable("dtrain")
    let exports = """
      cd \(folder.path); exec > out 2>&1; dtrain=\(dtrain)
      export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
      if [ "$(id -u)" = 0 ]; then
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
      fi
      """
    process.arguments = ["--kill-after=5", "90", "/bin/bash", "-c", exports + "\n" + script]
    try process.run()
    process.waitUntilExit()
    return String(decoding: try folder.bytes("out"), as: UTF8.self)
  }
}
