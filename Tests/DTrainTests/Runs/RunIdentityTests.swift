import Glibc
import Launching
import XCTest

/// The model and the configuration are the same bytes for any number of ranks on any nodes.
final class RunIdentityTests: XCTestCase {
  /// A way to launch a run that must not matter.
  private struct Launch {
    var ranks: Int
    var environment: [String: String] = [:]

    init(_ ranks: Int, _ environment: [String: String] = [:]) {
      self.ranks = ranks
      self.environment = environment
    }

    static func nodes(_ ranks: Int, _ pattern: String) -> Launch {
      Launch(ranks, ["DTRAIN_PRETEND_NODES": pattern])
    }
  }

  private static let manyRanks = [1, 2, 3, 4, 5, 7, 8].map { Launch($0) }
  private static let manyNodes: [Launch] =
    [
      .nodes(3, "0,1,1"), .nodes(7, "0,0,0,1,1,2,2"), .nodes(4, "0,1,0,1"),
      .nodes(5, "0,1,2,3,4"), Launch(3, ["DTRAIN_NO_SHARED_MEMORY": "1"]),
      Launch(3, ["DTRAIN_CHECKED_COLLECTIVES": "1"]),
    ]
    + (TestTier.isLong
      ? [
        .nodes(6, "0,1,2"), .nodes(2, "1,0"), .nodes(8, "0,0,1,0,1,2"),
        Launch(7, ["DTRAIN_NO_SHARED_MEMORY": "1", "DTRAIN_PRETEND_NODES": "0,0,0,1,1,2,2"]),
      ] : [])
  private static let oneAndEight = [Launch(1), Launch(8)]
  private static let fewRanks =
    [Launch(1), .nodes(5, "0,1,1")] + (TestTier.isLong ? [Launch(3), Launch(8)] : [])
  private static let surplus =
    [Launch(1), .nodes(5, "0,1,1")]
    + (TestTier.isLong ? [Launch(5), .nodes(8, "0,0,0,1,1,2,2")] : [])

  private static let seed = ["--epochs", "1"]
  private static let classes = [
    "--hidden", "32,16", "--activation", "relu", "--loss", "softmax-ce", "--optimizer", "adamw",
    "--learning-rate", "0.003", "--weight-decay", "0.01", "--epochs", "3", "--batch", "50",
  ]
  private static let numbers = [
    "--hidden", "24", "--scale", "standard", "--learning-rate", "0.0005",
    "--epochs", "3", "--batch", "50",
  ]
  private static let regression = numbers + ["--loss", "squared"]

  // The three networks, at every number of ranks, on pretended nodes, with many and with few shards.

  func testSeedNetwork() throws { try checkNetwork(Self.seed, mnist: true, "seed") }
  func testDeepNetwork() throws { try checkNetwork(Self.classes, "relu adamw") }
  func testRegression() throws { try checkNetwork(Self.regression, data: "wild", "regression") }

  private func checkNetwork(
    _ options: [String], mnist: Bool = false, data: String = "x", _ name: String
  ) throws {
    let folder = try RunFolder()
    let arguments = try mnist ? writeMNIST(folder) : writeArrays(folder, data)
    let table = [
      ("8", Self.manyRanks), ("8", Self.manyNodes), ("64", Self.oneAndEight),
      ("2", Self.surplus), ("1", Self.surplus), ("3", Self.surplus),
    ]
    for (shards, launches) in mnist && !TestTier.isLong ? table[..<4] : table[...] {
      try check(
        arguments + options + ["--shards", shards], launches, in: folder, "\(name), V=\(shards)",
        reference: "reference-\(shards)")
    }
  }

  /// Each option that changes what a step or an epoch does.
  func testOptions() throws {
    let folder = try RunFolder()
    let classes =
      try writeArrays(folder, "x") + ["--batch", "50", "--shards", "8", "--epochs", "4"]
    let table: [(String, [String])] = [
      ("sgd", ["--learning-rate", "0.01"]),
      ("momentum", ["--optimizer", "momentum", "--momentum", "0.9", "--learning-rate", "0.002"]),
      ("nesterov", ["--optimizer", "nesterov", "--momentum", "0.8", "--learning-rate", "0.002"]),
      ("lars", ["--optimizer", "lars", "--learning-rate", "0.1", "--weight-decay", "0.001"]),
      ("adam", ["--optimizer", "adam", "--learning-rate", "0.003", "--weight-decay", "0.01"]),
      ("adamw mean", ["--optimizer", "adamw", "--gradient", "mean", "--learning-rate", "0.01"]),
      ("weight decay", ["--weight-decay", "0.01", "--learning-rate", "0.01"]),
      ("validation", ["--validation", "0.2"]),
      ("early stop", ["--validation", "0.2", "--early-stop", "1", "--learning-rate", "0.05"]),
      ("target", ["--validation", "0.1", "--target-accuracy", "0.5"]),
      ("gradient mean", ["--gradient", "mean", "--learning-rate", "0.5"]),
      ("cosine", ["--schedule", "cosine", "--warmup", "7"]),
      ("steps", ["--schedule", "step", "--step-every", "13", "--step-factor", "0.5"]),
      ("constant", ["--schedule", "constant"]),
      ("relu sigmoid-ce", ["--activation", "relu", "--hidden", "40,30,20"]),
      ("sigmoid", ["--activation", "sigmoid", "--loss", "softmax-ce"]),
      ("linear", ["--hidden", "none", "--loss", "softmax-ce"]),
      ("scaled", ["--scale", "standard"]), ("unit", ["--scale", "unit"]),
      ("seed", ["--seed", "12345"]), ("batch of all", ["--batch", "5000"]),
      ("batch below V", ["--batch", "5", "--epochs", "1"]),
    ]
    var models: [[UInt8]: String] = [:]
    for (name, options) in table {
      try check(
        classes + options, Self.fewRanks, in: folder, name, reference: "reference-\(name)")
      // Options that change nothing would make the table above say nothing.
      let model = try folder.bytes("reference-\(name)/model.safetensors")
      XCTAssertNil(models[model], "\(name) gives the model of \(models[model] ?? "")")
      models[model] = name
    }
  }

  /// The loss of numbers with an option of its own, which the files record.
  func testHuber() throws {
    let folder = try RunFolder()
    let arguments = try writeArrays(folder, "wild") + Self.numbers + ["--loss", "huber"]
    for delta in [0.5, 2] {
      try check(
        arguments + ["--huber-delta", "\(delta)"],
        [1, 2, 3].map { Launch($0) } + [.nodes(5, "0,1,1")], in: folder, "huber \(delta)",
        reference: "huber-\(delta)")
      XCTAssertEqual(
        try folder.json("huber-\(delta)/config.json")["huber_delta"] as? Double, delta)
    }
    let isSame =
      try folder.bytes("huber-0.5/model.safetensors") == folder.bytes("huber-2.0/model.safetensors")
    XCTAssertFalse(isSame, "--huber-delta changes nothing")
  }

  /// Batches whose activations take more memory than there is for them are made in passes, more of them the more
  /// rows a node has; where several sums of gradients wait between them, they do so in a file.
  func testBatchesInPasses() throws {
    let folder = try RunFolder()
    let arguments = try writeArrays(folder, "x", rows: 6000)
    let options = [
      "--hidden", "1000,400", "--batch", "5900", "--epochs", "2", "--optimizer", "adamw",
      "--learning-rate", "0.0003",
    ]
    for (shards, launches) in [
      ("8", [1, 2, 3, 5, 8].map { Launch($0) } + [.nodes(5, "0,1,1,2,2"), .nodes(2, "0,1")]),
      ("3", [Launch(1), .nodes(4, "0,1")]),
    ] {
      try check(
        arguments + options + ["--shards", shards], launches, in: folder,
        "batches in passes, V=\(shards)", reference: "passes-\(shards)")
      let summary = try folder.json("passes-\(shards)/summary.json")
      XCTAssertGreaterThan(try XCTUnwrap(summary["passes_per_step"] as? Int), 4)
    }
  }

  /// The instruction set of the kernels does not matter; one that the processor lacks is refused.
  func testInstructionSets() throws {
    let folder = try RunFolder()
    let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let hasV4 = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"].allSatisfy {
      flags.contains($0)
    }
    let launches = [Launch(1, ["DTRAIN_ISA": "v3"]), Launch(2, ["DTRAIN_ISA": "v4"])]
    for (data, options) in [("x", Self.classes), ("wild", Self.regression), ("mnist", Self.seed)] {
      let arguments = try data == "mnist" ? writeMNIST(folder) : writeArrays(folder, data)
      if hasV4 {
        try check(
          arguments + options, launches, in: folder, "v3 and v4, \(data)", reference: "isa-\(data)")
      } else {
        var job = MPIJob(2, "dtrain", ["mlp"] + arguments + ["--out", folder.file("run")])
        job.environment = launches[1].environment
        let outcome = try run(job, "v4 on a processor without")
        XCTAssertEqual(outcome.exitCode, 2, outcome.errors)
        XCTAssertEqual(outcome.messages(of: "dtrain").count, 1, outcome.errors)
      }
    }
  }

  /// Two runs with another seed differ: identity is not for want of anything that changes.
  func testSeedsDiffer() throws {
    let folder = try RunFolder()
    let arguments = try writeArrays(folder, "x") + Self.classes
    try train(2, arguments + ["--seed", "1"], in: folder, out: "one", name: "seed 1")
    try train(2, arguments + ["--seed", "2"], in: folder, out: "two", name: "seed 2")
    let isSame = try folder.bytes("one/model.safetensors") == folder.bytes("two/model.safetensors")
    XCTAssertFalse(isSame, "seeds 1 and 2 give the same model")
  }

  // MARK: - The table's columns

  /// Launches the same run in several ways and compares what it writes with the first way's.
  private func check(
    _ arguments: [String], _ launches: [Launch], in folder: RunFolder, _ name: String,
    reference: String, line: UInt = #line
  ) throws {
    for launch in launches {
      let isReference = !folder.has(reference)
      let nodes = launch.environment.map { " \($0.key)=\($0.value)" }.sorted().joined()
      let label = "identity \(name)\(nodes)"
      let out = isReference ? reference : "run"
      let outcome = try train(
        launch.ranks, arguments, in: folder, out: out, environment: launch.environment, name: label,
        line: line)
      let isPrivate = launch.environment["DTRAIN_NO_SHARED_MEMORY"] != nil
      XCTAssertEqual(
        (outcome.errors + outcome.output).contains("cannot share memory"), isPrivate,
        "\(label): \(outcome.errors)", line: line)
      let summary = try folder.json("\(out)/summary.json")
      XCTAssertEqual(summary["ranks"] as? Int, launch.ranks, label, line: line)
      guard !isReference else { continue }
      for file in ["model.safetensors", "config.json", "evaluation.json"] {
        let isSame = try folder.bytes("run/\(file)") == folder.bytes("\(reference)/\(file)")
        XCTAssertTrue(isSame, "\(label), N=\(launch.ranks): \(file) differs", line: line)
      }
    }
  }

  /// All images, or as many as the time allows.
  private func writeMNIST(_ folder: RunFolder) throws -> [String] {
    #if DEBUG
      let rows = 6001
    #else
      if TestTier.isLong { return ["--data", RunData.mnist] }
      let rows = 16_001
    #endif
    try RunData.writeMNIST(folder, "mnist", train: rows, test: 1003)
    return ["--data", folder.file("mnist")]
  }

  /// 1,001 rows, unless told otherwise, which no batch and no number of shards divides.
  private func writeArrays(
    _ folder: RunFolder, _ data: String, rows: Int = 1001
  ) throws -> [String] {
    if data == "x" {
      try RunData.writeClasses(folder, rows: rows)
      return ["--data", folder.file("x.npy"), "--labels", folder.file("y.npy")]
    }
    try RunData.writeRegression(folder, rows: rows)
    return ["--data", folder.file("wild.npy"), "--labels", folder.file("target.npy")]
  }
}
