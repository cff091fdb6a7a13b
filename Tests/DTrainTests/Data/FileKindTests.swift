import Foundation
import XCTest

/// Data in files of all kinds that a shell gives: names that are not UTF-8, pipes, parts without rows.
final class FileKindTests: XCTestCase {
  /// Runs lines of bash in a folder, where `$dtrain` is the program and `$mpirun` starts ranks, and expects success; what
  /// they print.
  @discardableResult
  private func bash(_ lines: String, in folder: RunFolder) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "60", "bash", "-e", "-c", "exec 2>&1\n" + lines]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["dtrain": Program.path, "mpirun": "mpirun -q --oversubscribe"]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, text)
    return text
  }

  /// A folder with `x.npy`, and the centers of its rows in `centers.npy`.
  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    var random = SeededNumbers(seed: 11)
    try folder.write(
      RunFile.floats([200, 3], (0..<600).map { _ in random.float() }), "x.npy")
    try bash(
      """
      $dtrain kmeans --data x.npy --clusters 3 --out whole --quiet
      cp whole/centers.npy .
      """, in: folder)
    return folder
  }

  func testNamesThatAreNotUTF8() throws {
    let folder = try folder()
    let text = try bash(
      """
      name=$'caf\\xe9'
      cp x.npy $name.npy
      for n in 1 3; do
        rm -rf "$name"
        $mpirun -np $n $dtrain kmeans --data $name.npy --clusters 3 --out $name --quiet
        cmp centers.npy $name/centers.npy
      done
      $dtrain kmeans --data $'*\\xe9.npy' --clusters 3 --out $name --overwrite --quiet
      cmp centers.npy $name/centers.npy
      $dtrain kmeans --resume $name
      $dtrain info $name
      $dtrain predict --model $name --data $name.npy --output $'\\xff.npy'
      [ -f $'\\xff.npy' ] && [ "$(ls | wc -l)" = 6 ] || { ls; exit 1; }
      $dtrain supervise -- $mpirun -np 2 $dtrain kmeans --data $name.npy --clusters 3 --out $'s\\x80' --quiet
      cmp centers.npy $'s\\x80/centers.npy'
      """, in: folder)
    XCTAssert(text.contains("caf\\xe9"), text)
    XCTAssert(text.contains("written to \\xff.npy"), text)
    XCTAssertFalse(text.unicodeScalars.contains("\u{fffd}"), text)
  }

  func testPipesAreRead() throws {
    let folder = try folder()
    try bash(
      """
      check() { cmp centers.npy out/centers.npy; rm -r out; }
      run="kmeans --clusters 3 --out out --quiet --data"
      cat x.npy | $dtrain $run -; check
      $dtrain $run <(gzip -c x.npy); check
      for n in 1 2 3 5; do
        cat x.npy | $mpirun -np $n $dtrain $run /dev/stdin; check
      done
      mkfifo pipe
      gzip -c x.npy > pipe & $mpirun -np 3 $dtrain $run pipe; check
      cat x.npy | DTRAIN_PRETEND_NODES=0,0,1 $mpirun -x DTRAIN_PRETEND_NODES -np 3 $dtrain $run -; check
      cat x.npy | $dtrain predict --model whole --data - --output a.npy
      $dtrain predict --model whole --data x.npy --output b.npy
      cmp a.npy b.npy
      """, in: folder)
  }

  func testPipesThatCannotServeAreRefused() throws {
    let folder = try folder()
    let text = try bash(
      """
      refused() { "$@" && exit 1; [ ! -e out ]; }
      run="kmeans --clusters 3 --out out --data"
      head -c 500 x.npy | refused $mpirun -np 2 $dtrain $run -
      cat x.npy | refused $dtrain $run - --weights -
      cat x.npy | TMPDIR=$PWD/x.npy refused $dtrain $run -
      cat /dev/null | refused $dtrain $run -
      refused $dtrain $run - < /dev/null
      """, in: folder)
    for words in [
      "/dev/stdin is empty", "/dev/stdin is cut off", "named twice", "x.npy (TMPDIR)",
    ] { XCTAssert(text.contains(words), "\(words): \(text)") }
  }

  /// What a writer never ends is not copied to its end, and who waits for one can be asked to stop.
  func testPipesThatDoNotEnd() throws {
    let folder = try folder()
    let text = try bash(
      """
      trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
      run="kmeans --clusters 3 --out out --data"
      ended() { rc=0; timeout 20 "${@:2}" || rc=$?; [ $rc = $1 ] && [ ! -e out ]; }
      yes | ended 3 $dtrain $run -
      yes | ended 3 $dtrain $run - --format npy
      yes | ended 3 $mpirun -np 2 $dtrain $run - --format npz
      yes | gzip | ended 3 $dtrain $run - --format idx
      { cat x.npy; yes; } | ended 3 $dtrain $run - --format idx
      mkfifo pipe
      for signal in TERM INT USR1; do
        (head -c 3000 x.npy; exec sleep 20) > pipe & writer=$!
        # In the foreground: else the signal goes to its group as well, and a second SIGINT ends a run at once.
        ended 75 timeout --foreground --preserve-status -s $signal 4 $dtrain $run pipe
        kill $writer
      done
      (head -c 3000 x.npy; exec sleep 20) > pipe & writer=$!
      (sleep 4; exec kill -USR1 $(pgrep -f "^$dtrain $run pipe")) &
      ended 75 $mpirun -np 2 $dtrain $run pipe
      kill $writer
      """, in: folder)
    for words in [
      "/dev/stdin is neither IDX", "an NPY file begins with", "not a sound zip archive",
      "an IDX file begins with", "/dev/stdin is NPY and not IDX; omit --format idx",
      "while reading the pipe pipe: stopped on request (SIGTERM) before the first step",
      "(SIGINT)", "(SIGUSR1)",
    ] { XCTAssert(text.contains(words), "\(words): \(text)") }
  }

  func testPartsWithoutRowsAreLeftOut() throws {
    let folder = try folder()
    try folder.write(RunFile.floats([0, 3], []), "none.npy")
    try folder.write(RunFile.npy("<f8", [0], []), "nothing.npy")
    try folder.write(RunFile.floats([3, 0], []), "flat.npy")
    for files in [["none", "x"], ["x", "none"], ["nothing", "x", "none"]] {
      _ = try run(
        ["kmeans", "--clusters", "3", "--out", folder.file("out"), "--overwrite", "--data"]
          + files.map { folder.file("\($0).npy") }, ranks: 2)
      XCTAssertEqual(try folder.bytes("out/centers.npy"), try folder.bytes("centers.npy"))
    }
    for (files, words) in [
      (["none"], "is empty: its shape is [0, 3]; give at least one row"),
      (["none", "nothing"], "and 1 more are empty"), (["flat"], "has no columns"),
    ] {
      let refused = try run(
        ["kmeans", "--clusters", "3", "--data"] + files.map { folder.file("\($0).npy") },
        expecting: 3)
      XCTAssert(refused.error.contains(words), refused.error)
    }
  }
}
