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
      --data x.npy --labels y.npy --batch 50 --shards 8 --epochs 3000 --evaluate-every 1000 \
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
      launcher=$(pgrep -P $supervisor); kill -KILL $launcher
      until next=$(pgrep -P $supervisor) && [ "$next" != "$launcher" ]; do sleep 0.02; done
      before=$(newest)
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

  /// What an earlier run left is no word of this one: neither its request to stop nor its checkpoints.
  func testEarlierRunsAreToldFromThisOne() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 401)
    let options = "--data x.npy --labels y.npy --checkpoint-every 1 --quiet"
    let text = try supervised(
      folder,
      """
      \(Self.dyingLauncher)
      $dtrain mlp \(options) --epochs 2 --seed 1 --out run || exit 9
      echo '{"reason": "request", "checkpoint": "step-000000000014"}' > run/stopped.json
      $dtrain supervise --backoff 1s -- ./launcher $dtrain mlp \(options) --epochs 3 --resume run
      echo "stopped long ago: $?"; rm tried

      $dtrain mlp \(options) --epochs 2 --seed 2 --out new || exit 9
      $dtrain supervise --backoff 1s -- ./launcher $dtrain mlp \(options) --epochs 2 --seed 2 \
        --out run --overwrite; echo "replaced: $?"; rm tried
      cmp run/model.safetensors new/model.safetensors && echo "the new model"

      $dtrain supervise --backoff 1s -- ./launcher $dtrain mlp \(options) --epochs 2 --seed 3 --out run
      echo "not to be replaced: $?"; rm tried
      cmp run/model.safetensors new/model.safetensors && echo "still the new model"
      """)
    for words in [
      "stopped long ago: 0\n", "replaced: 0\nthe new model\n", "already holds a run",
      "not to be replaced: 2\nstill the new model\n",
    ] { XCTAssertTrue(text.contains(words), "'\(words)' in: \(text)") }
    XCTAssertEqual(text.components(separatedBy: "ended by signal 9").count - 1, 3, text)
  }

  /// A process of the last attempt that dies slowly holds the directory for a while.
  func testADirectoryThatIsStillWrittenIsWaitedFor() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 401)
    let options = "--data x.npy --labels y.npy --epochs 2 --quiet --out run"
    let text = try supervised(
      folder,
      """
      cat > launcher <<'END'
      #!/bin/bash
      echo "tried with $*" >> tries
      if [ "$(wc -l < tries)" = 1 ]; then mkdir -p run; flock run/.lock sleep 4 & sleep 0.5; exit 1; fi
      "$@"
      END
      chmod +x launcher
      $dtrain supervise --backoff 1s -- ./launcher $dtrain mlp \(options); echo "code $?"
      wc -l < tries
      rm -rf run tries; mkdir run
      flock run/.lock sleep 3 & sleep 0.5
      $dtrain supervise --backoff 1s -- $dtrain mlp \(options); echo "first attempt: code $?"
      """)
    XCTAssertTrue(text.contains("code 0\n2\n"), text)
    XCTAssertTrue(text.contains("is being written by"), text)
    XCTAssertTrue(text.contains("ended with exit code 2; it starts again"), text)
    XCTAssertTrue(text.contains("first attempt: code 0\n"), text)
  }

  /// Whoever ends the supervisor gets a checkpoint, also where mpirun would leave no time for one.
  func testASupervisorThatIsEndedLetsTheJobSave() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    let text = try supervised(
      folder,
      """
      export OMPI_MCA_odls_base_sigkill_timeout=0
      for signal in TERM INT; do
        $dtrain supervise -- mpirun -q -np 2 $dtrain mlp --data x.npy --labels y.npy --epochs 1000000 \
          --checkpoint-every never --evaluate-every 1000 --quiet --out $signal & supervisor=$!
        until [ -e $signal/inputs.json ]; do sleep 0.02; done
        sleep 0.3; kill -$signal $supervisor; wait $supervisor
        echo "$signal: code $?, $(ls $signal/checkpoints | wc -l) saved"
      done
      """)
    for signal in ["TERM", "INT"] {
      XCTAssertTrue(text.contains("\(signal): code 75, 1 saved"), text)
    }
  }

  /// Of a range of clusterings what is finished stays, also where no checkpoint was saved.
  func testARangeGoesOnBehindItsFinishedParts() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 401)
    let text = try supervised(
      folder,
      """
      cat > launcher <<'END'
      #!/bin/bash
      echo "tried with $*" >> tries
      "$@" || exit
      if [ "$(wc -l < tries)" = 1 ]; then rm -r run/summary.json run/clusterings/4; exit 1; fi
      END
      chmod +x launcher
      $dtrain supervise --backoff 1s -- ./launcher $dtrain kmeans --data x.npy --clusters 2:4 \
        --checkpoint-every never --quiet --out run; echo "code $?"
      tail -n 1 tries; ls run/clusterings run/summary.json
      """)
    XCTAssertTrue(text.contains("it starts again from 3/summary.json"), text)
    XCTAssertTrue(text.contains("--resume run\n"), text)
    XCTAssertTrue(text.contains("code 0\n"), text)
    XCTAssertTrue(text.hasSuffix("run/summary.json\n\nrun/clusterings:\n2\n3\n4\n"), text)
  }

  /// A request that comes before there is anybody who hears it is said again.
  func testAStopAskedForTooEarlyIsRepeated() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    let text = try supervised(
      folder,
      """
      cat > launcher <<'END'
      #!/bin/bash
      trap '' USR1
      touch deaf; sleep 1.5
      exec "$@"
      END
      chmod +x launcher
      $dtrain supervise -- ./launcher mpirun -q -np 2 $dtrain mlp --data x.npy --labels y.npy --epochs 1000000 \
        --checkpoint-every never --evaluate-every 1000 --quiet --out run & supervisor=$!
      until [ -e deaf ]; do sleep 0.02; done
      kill -TERM $supervisor; wait $supervisor
      echo "code $?, $(ls run/checkpoints | wc -l) saved"
      """)
    XCTAssertTrue(text.contains("code 75, 1 saved"), text)
  }

  /// A request that came so late that the ranks were killed before they saved is one nevertheless.
  func testAStopWithoutACheckpointEndsTheJob() throws {
    let folder = try RunFolder()
    let text = try supervised(
      folder,
      """
      mkdir run; note='{"reason": "request", "checkpoint":'
      $dtrain supervise -- bash -c "echo '$note null}' > run/stopped.json; exit 1" mlp --out run
      echo "code $?"
      $dtrain supervise -- bash -c "echo '$note \\"step-1\\"}' > run/stopped.json; exit 1" mlp --out run
      echo "code $?"
      """)
    XCTAssertTrue(
      text.contains("ended before it had saved a checkpoint: it has none\ncode 1\n"), text)
    XCTAssertTrue(text.hasSuffix("code 75\n"), text)
  }

  /// mpirun that is killed while its ranks connect leaves their files in /dev/shm.
  func testSegmentsOfKilledJobsAreRemoved() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 401)
    let text = try supervised(
      folder,
      """
      cat > launcher <<'END'
      #!/bin/bash
      # Takes mpirun's place, and has somebody kill it as soon as there are files of its job.
      # A rank that comes late keeps the others where their files are there.
      late=0
      if [ "$(cat kills 2> /dev/null | wc -l)" -lt 2 ]; then
        late=2
        (
          contact="${TMPDIR:-/tmp}/ompi.$(hostname -s).$(id -u)/pid.$$/contact.txt"
          until [ -s "$contact" ]; do kill -0 $$ || exit; sleep 0.005; done
          job=$(printf %x $(($(cut -d. -f1 "$contact" | head -n 1) + 1)))
          until compgen -G "/dev/shm/vader_segment.*.$job.*" > /dev/null; do kill -0 $$ || exit; done
          kill -KILL $$ && echo "$job" >> kills
        ) &
      fi
      exec mpirun -np 4 bash -c 'if [ "$OMPI_COMM_WORLD_RANK" = 3 ]; then sleep '$late'; fi; exec "$@"' - "$@"
      END
      chmod +x launcher
      $dtrain supervise --backoff 1s --max-restarts 9 -- ./launcher $dtrain mlp --data x.npy --labels y.npy \
        --epochs 2 --quiet --out run; echo "code $?"
      [ -s kills ] && echo "killed in time"
      for job in $(cat kills); do ls /dev/shm/ | grep "vader_segment.*\\.$job\\."; done
      echo "end"
      """)
    XCTAssertTrue(text.hasSuffix("code 0\nkilled in time\nend\n"), text)
  }

  /// Two supervisors of one directory: the later one waits for the other's run, and leaves it alone.
  func testAnothersRunIsNotReplaced() throws {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 401)
    let text = try supervised(
      folder,
      """
      start() {
        $dtrain supervise --backoff 1s -- $dtrain mlp --data x.npy --labels y.npy --epochs 3000 --seed $1 \
          --evaluate-every 1000 --quiet --out run
      }
      start 1 & first=$!
      until [ -e run/config.json ]; do sleep 0.02; done
      start 2; echo "second: code $?"
      wait $first; echo "first: code $?"
      grep '"seed"' run/config.json
      mkdir elsewhere
      $dtrain supervise --backoff 1s -- bash -c 'cd elsewhere; [ -e tried ] || { touch tried; exit 1; }; exec "$@"' - \
        $dtrain mlp --data ../x.npy --labels ../y.npy --epochs 1 --quiet --out out; echo "elsewhere: code $?"
      $dtrain supervise -- mpirun -np 1 $dtrain mlp --out a : -np 1 $dtrain mlp --out a; echo "several: code $?"
      """)
    XCTAssertTrue(text.contains("second: code 2\n"), text)
    XCTAssertTrue(text.contains("first: code 0\n"), text)
    XCTAssertTrue(text.contains("\"seed\": 1,"), text)
    XCTAssertTrue(text.contains("elsewhere: code 0\n"), text)
    XCTAssertTrue(text.contains("several programs"), text)
    XCTAssertTrue(text.hasSuffix("several: code 2\n"), text)
  }

  /// A program that becomes its arguments, but kills itself the first time.
  private static let dyingLauncher = """
    printf '#!/bin/bash\\nif [ ! -e tried ]; then touch tried; kill -KILL $$; fi; exec "$@"\\n' > launcher
    chmod +x launcher
    """

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
      $dtrain supervise --max-restarts 1 --backoff 1s -- bash -c "exit 86" mlp --out run
      mpirun -np 2 $dtrain supervise -- mpirun $dtrain mlp --out run; echo "code $?"
      """)
    for code in [2, 3, 4, 5] { XCTAssertTrue(text.contains("started\ncode \(code)\n"), text) }
    XCTAssertEqual(text.components(separatedBy: "tried\n").count - 1, 3, text)
    XCTAssertTrue(text.contains("2 restarts brought no new checkpoint: giving up\ncode 86\n"), text)
    XCTAssertTrue(text.contains("and 1 restart brought no new checkpoint"), text)
    XCTAssertTrue(text.contains("omit the mpirun in front of it"), text)
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
