import Launching
import XCTest

/// Runs that cannot begin, cannot go on, or cannot be written, on three ranks.
final class BadInputRunTests: XCTestCase {
  /// A learning rate that diverges is noticed in the same step on any number of ranks.
  func testDivergence() throws {
    for (name, rate) in [("at once", "1e30"), ("later", "1e8")] {
      var bad = BadInput("diverges \(name)", 5, ["step ", "epoch ", "--learning-rate"])
      bad.arguments =
        BadInput.floats + ["--learning-rate", rate, "--epochs", "9", "--loss", "squared"]
        + ["--shards", "4"]
      bad.spoil = { folder in
        try folder.write(
          RunFile.floats([600], (0..<600).map { Float($0 % 7) }), "y.npy")
      }
      var places: Set<String> = []
      for ranks in [1, 3, 5] {
        let message = try check(bad, ranks: ranks)
        let step = message.firstRange(of: /step \d+/).map { String(message[$0]) }
        places.insert(try XCTUnwrap(step, message))
      }
      XCTAssertEqual(places.count, 1, "the step depends on the number of ranks: \(places)")
    }
  }

  /// A model that the very last update spoils is not written as if it were good.
  func testDivergenceInTheLastStep() throws {
    func run(epochs: Int, _ words: [String]) throws -> String {
      var bad = BadInput("diverges within \(epochs) steps", 5, words)
      bad.arguments =
        BadInput.floats + ["--loss", "squared", "--hidden", "none", "--batch", "600"]
        + ["--learning-rate", "1", "--epochs", "\(epochs)", "--shards", "4", "--optimizer", "sgd"]
        + ["--gradient", "sum", "--scale", "none", "--target-scale", "none"]
      bad.spoil = { folder in
        try folder.write(RunFile.floats([600], (0..<600).map { Float($0 % 7) }), "y.npy")
      }
      return try check(bad)
    }
    // One step an epoch. With 400 of them the loss of some step is not finite; a run that ends just
    // before that step has nothing but its last evaluation to tell.
    let message = try run(epochs: 400, ["step ", "--learning-rate"])
    let digits = try XCTUnwrap(message.firstMatch(of: /step (\d+)/), message).output.1
    let step = try XCTUnwrap(Int(digits))
    XCTAssertGreaterThan(step, 0)
    _ = try run(epochs: step, ["step \(step)", "epoch \(step)"])
  }

  /// A loss that is not finite in a pass of a step that other nodes make in other passes.
  func testDivergenceInPasses() throws {
    for nodes in ["0,0,0", "0,1,1"] {
      var bad = BadInput("diverges in passes, nodes \(nodes)", 5, ["step ", "--learning-rate"])
      bad.arguments =
        BadInput.floats.dropLast() + ["600", "--hidden", "8000", "--activation", "relu"]
        + ["--loss", "squared", "--learning-rate", "1e12", "--epochs", "5", "--shards", "8"]
      bad.spoil = { folder in
        try folder.write(RunFile.floats([600], (0..<600).map { Float($0 % 7) }), "y.npy")
      }
      bad.environment["DTRAIN_PRETEND_NODES"] = nodes
      try check(bad)
    }
  }

  /// Criteria that could never hold, and rows whose labels are missing.
  func testNothingToWatch() throws {
    let floats = BadInput.floats
    let table: [(String, [String], String)] = [
      ("target", floats + ["--target-accuracy", "0.5"], "--target-accuracy"),
      ("validation of nothing", floats + ["--validation", "0.0001"], "--validation"),
      ("test rows without labels", floats + ["--test-data", "x.npy"], "--test-labels"),
    ]
    for (name, arguments, word) in table {
      var bad = BadInput(name, 2, [word])
      bad.arguments = arguments
      try check(bad)
    }
  }

  /// A model that no machine holds is refused before memory is touched.
  func testTooLargeAModel() throws {
    var bad = BadInput("too large a model", 7, ["parameters", "MiB are free"])
    bad.arguments = BadInput.floats + ["--hidden", "1000000,1000000"]
    try check(bad)
  }

  /// A limit on addresses that OpenBLAS would not get over.
  func testTooFewAddresses() throws {
    var bad = BadInput("too few addresses", 7, ["OpenBLAS", "ulimit -v", "rank 1 of 3"])
    bad.preludes[1] = "ulimit -v 420000"
    try check(bad)
  }

  /// A model that leaves no memory for the sums of a large batch: one rank cannot have them in a file either.
  func testSumsOfGradients() throws {
    for (name, prelude, words) in [
      ("nowhere", "export TMPDIR=/proc/none", ["/proc/none (TMPDIR)"]),
      (
        "full disk",
        "set -- strace -f -o /dev/null --seccomp-bpf -e inject=pwrite64:error=ENOSPC \"$@\"",
        ["write a file for sums of gradients", "TMPDIR", "No space left"]
      ),
    ] {
      var bad = BadInput("sums of gradients, \(name)", 7, words + ["rank 1 of 3"])
      bad.arguments =
        BadInput.floats.dropLast() + ["600", "--hidden", "1500,1500", "--optimizer", "adamw"]
        + ["--shards", "8"]
      bad.preludes[1] = prelude
      bad.delay = 4
      try check(bad)
    }
  }

  func testOutputDirectory() throws {
    func out(
      _ name: String, _ code: Int32, _ path: String, _ words: [String],
      _ spoil: @escaping (RunFolder) throws -> Void = { _ in }
    ) throws {
      var bad = BadInput("out \(name)", code, words)
      bad.arguments = BadInput.images + ["--out", path]
      bad.spoil = spoil
      try check(bad)
    }
    try out("is a file", 2, "x.npy", ["--out x.npy", "file"])
    try out("below a file", 7, "x.npy/run", ["x.npy/run"])
    try out("empty", 2, "", ["--out"])
    try out("below a read-only system", 7, "/proc/dtrain/run", ["/proc/dtrain"])
    try out("holds a run", 2, "done", ["--out done", "--overwrite"]) { folder in
      try folder.write(Array("{}".utf8), "done/config.json")
      try folder.write(Array("{}".utf8), "done/summary.json")
    }
  }

  func testOptions() throws {
    let images = BadInput.images
    let table: [(String, [String], String)] = [
      ("no data", [], "--data"), ("unknown option", images + ["--rate", "1"], "--rate"),
      ("unknown loss", images + ["--loss", "hinge"], "hinge"),
      ("no epochs", images + ["--epochs", "0"], "--epochs"),
      ("negative epochs", images + ["--epochs", "-3"], "--epochs"),
      ("word for a number", images + ["--batch", "many"], "many"),
      ("no batch", images + ["--batch", "0"], "--batch"),
      ("NaN rate", images + ["--learning-rate", "nan"], "--learning-rate"),
      ("negative rate", images + ["--learning-rate", "-0.1"], "--learning-rate"),
      ("no shards", images + ["--shards", "0"], "--shards"),
      ("all validation", images + ["--validation", "1"], "--validation"),
      ("hidden of nothing", images + ["--hidden", "20,,3"], "--hidden"),
      ("momentum without", images + ["--momentum", "0.9", "--optimizer", "sgd"], "--optimizer"),
      ("huge momentum", images + ["--optimizer", "momentum", "--momentum", "1.5"], "--momentum"),
      ("quiet and verbose", images + ["--quiet", "--verbose"], "--quiet"),
      ("labels twice", images + ["--labels", "y.npy", "--label-column", "0"], "--target"),
      ("target above one", images + ["--target-accuracy", "97"], "--target-accuracy"),
      ("kernels unknown", images + ["--blas-kernels", "fast"], "fast"),
      ("no labels", ["--data", "x.npy"], "--labels"),
    ]
    for (name, arguments, word) in table { try check(.options(name, arguments, [word])) }
  }

  /// Ranks that were started with different arguments would wait for each other.
  func testArgumentsThatDiffer() throws {
    for (name, change, words) in [
      ("another batch", #"set -- "$@" --batch 32"#, ["'--batch 32'", "nothing more", "rank 0"]),
      (
        "another command", #"set -- "$1" kmeans --data images --clusters 3"#,
        ["'kmeans --data …'", "rank 0"]
      ),
      ("fewer", #"set -- "${@:1:4}""#, ["nothing more", "'--epochs 1 …'", "rank 0"]),
      ("an unknown option", #"set -- "$@" --bach 32"#, ["'--bach'"]),
      ("a bad value", #"set -- "$@" --epochs 0"#, ["--epochs"]),
    ] {
      var bad = BadInput("arguments: \(name)", 2, words + ["rank 1 of 3"])
      bad.arguments = BadInput.images
      bad.preludes[1] = change
      try check(bad)
    }
    for command in ["predict", "evaluate"] {
      let folder = try RunFolder()
      try BadInput.soundFiles(in: folder)
      try train(
        2, BadInput.floats.map { folder.has($0) ? folder.file($0) : $0 }, in: folder,
        name: "a model")
      var job = MPIJob(
        3, "dtrain",
        [command, "--model", folder.file("run"), "--data", folder.file("x.npy")]
          + (command == "predict"
            ? ["--output", folder.file("p.npy")] : ["--labels", folder.file("y.npy")]))
      job.preludes[2] = #"set -- "$@" --quiet"#
      let outcome = try run(job, "\(command) with other arguments")
      XCTAssertEqual(outcome.exitCode, 2, outcome.errors)
      XCTAssertEqual(outcome.messages(of: "dtrain").count, 1, outcome.errors)
      XCTAssertTrue(outcome.errors.contains("'--quiet'"), outcome.errors)
    }
  }

  /// A disk that fills up while the run is written: a file system of 64 KiB.
  func testFullDisk() throws {
    let folder = try RunFolder()
    try BadInput.soundFiles(in: folder)
    var job = MPIJob(
      3, "dtrain",
      ["mlp", "--data", folder.file("images"), "--epochs", "1", "--hidden", "2000"]
        + ["--batch", "64", "--checkpoint-every", "never", "--out", folder.file("disk/run")])
    job.mounts = "mkdir -p \(folder.path)/disk; mount -t tmpfs -o size=64k none \(folder.path)/disk"
    job.epilogue = "ls -A \(folder.path)/disk/run > \(folder.path)/left"
    let outcome = try run(job, "bad-input full disk")
    XCTAssertEqual(outcome.exitCode, 7, outcome.errors)
    // After five steps the model may be useless, which is said before it is written.
    let messages = outcome.messages(of: "dtrain").filter { !$0.contains("warning:") }
    XCTAssertEqual(messages.count, 1, outcome.errors)
    XCTAssertTrue((messages.first ?? "").contains("No space left on device"), outcome.errors)
    XCTAssertTrue((messages.first ?? "").contains("model.safetensors"), outcome.errors)
    let left = String(decoding: try folder.bytes("left"), as: UTF8.self)
    XCTAssertTrue(left.contains("config.json"), "the listing is of the run: \(left)")
    XCTAssertFalse(left.contains("summary.json"), left)
    XCTAssertFalse(left.contains("model.safetensors\n"), left)
    XCTAssertLessThan(outcome.seconds - (outcome.secondsToMessage ?? 0), 5)
  }

  /// With a /dev/shm of 64 KiB, and where memory cannot be shared at all, the same bytes are written.
  func testLittleSharedMemory() throws {
    let folder = try RunFolder()
    try BadInput.soundFiles(in: folder)
    let arguments = [
      "--data", folder.file("images"), "--epochs", "2", "--hidden", "300", "--optimizer", "sgd",
    ]
    try train(3, arguments, in: folder, out: "reference", name: "usual /dev/shm")
    let reference = try folder.bytes("reference/model.safetensors")
    func again(_ name: String, saysSo: Bool, _ change: (inout MPIJob) -> Void) throws {
      var job = MPIJob(
        3, "dtrain", ["mlp"] + arguments + ["--overwrite", "--out", folder.file("run")])
      change(&job)
      let outcome = try run(job, name)
      XCTAssertEqual(outcome.exitCode, 0, outcome.errors)
      XCTAssertTrue(try folder.bytes("run/model.safetensors") == reference, "\(name): bytes differ")
      let words = outcome.errors
      XCTAssertEqual(words.contains("cannot share memory"), saysSo, "\(name): '\(words)'")
      XCTAssertEqual(
        words.split(whereSeparator: \.isNewline).count { $0.contains("cannot share memory") },
        saysSo ? 1 : 0, "\(name): '\(words)'")
    }
    try again("/dev/shm of 64 KiB", saysSo: false) {
      $0.mounts = "mount -t tmpfs -o size=64k none /dev/shm"
    }
    try again("sharing turned off", saysSo: true) {
      $0.environment["DTRAIN_NO_SHARED_MEMORY"] = "1"
    }
    // What the node shares is larger than this limit in KiB; a rank's own part and the model are not.
    // MPI's own shared file would be, so it goes by sockets.
    try again("a limit on one rank", saysSo: true) {
      $0.preludes[0] = "ulimit -f 60"
      $0.environment["OMPI_MCA_btl"] = "tcp,self"
    }
  }
}
