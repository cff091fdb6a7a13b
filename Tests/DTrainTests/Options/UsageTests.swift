import XCTest

/// Mistakes on the command line: exit code 2, one message that says what to do, nothing else.
final class UsageTests: XCTestCase {
  private static let data = ["--data", "Datasets/mnist"]

  /// Arguments behind `mlp --data Datasets/mnist`, and a word that the message must contain.
  private static let mlp: [(arguments: [String], word: String)] = [
    (["--epochs", "abc"], "--epochs"),
    (["--epochs", "0"], "--epochs"),
    (["--epochs", "-3"], "--epochs"),
    (["--epochs"], "--epochs"),
    (["--batch", "0"], "--batch"),
    (["--batch", "99999999999999999999"], "--batch"),
    (["--learning-rate", "nan"], "--learning-rate"),
    (["--learning-rate", "-0.1"], "--learning-rate"),
    (["--decay", "-1"], "--decay"),
    (["--warmup", "-1"], "--warmup"),
    (["--momentum", "1", "--optimizer", "momentum"], "--momentum"),
    (["--momentum", "0.5", "--optimizer", "sgd"], "--optimizer momentum"),
    (["--weight-decay", "inf"], "--weight-decay"),
    (["--hidden", "3,x"], "--hidden"),
    (["--hidden", "-4"], "--hidden"),
    (["--hidden", "200,,10"], "--hidden"),
    (["--activation", "gelu"], "tanh"),
    (["--optimizer", "rmsprop"], "adamw"),
    (["--loss", "mse"], "squared"),
    (["--huber-delta", "0", "--loss", "huber"], "--huber-delta"),
    (["--huber-delta", "inf", "--loss", "huber"], "--huber-delta"),
    (["--huber-delta", "2"], "--loss huber"),
    (["--huber-delta", "2", "--loss", "squared"], "--loss huber"),
    (["--gradient", "median"], "mean"),
    (["--schedule", "linear"], "cosine"),
    (["--step-every", "10"], "--schedule step"),
    (["--step-factor", "0", "--schedule", "step"], "--step-factor"),
    (["--decay", "0.1", "--schedule", "cosine"], "--schedule exponential"),
    (["--validation", "1"], "--validation"),
    (["--early-stop", "0"], "--early-stop"),
    (["--target-accuracy", "97"], "0.97"),
    (["--evaluate-every", "0"], "--evaluate-every"),
    (["--shards", "0"], "--shards"),
    (["--seed", "-1"], "--seed"),
    (["--init-scale", "-1"], "--init-scale"),
    (["--init-scale", "1", "--init-model", "x"], "exclude"),
    (["--labels", "a", "--target", "-1"], "exclude"),
    (["--quiet", "--verbose"], "exclude"),
    (["--progress", "dots"], "bar"),
    (["--scale", "max"], "standard"),
    (["--format", "arff"], "npy"),
    (["--blas-kernels", "pentium"], "haswell"),
    (["--resume", "runs/a"], "--resume"),
    (["--export", "tflite"], "onnx"),
    (["--export", "onnx,"], "onnx"),
    (["--label-colum", "1"], "--label-column"),
    (["surplus"], "surplus"),
  ]

  private func expectRefusal(
    _ result: Program.Result, of arguments: [String], naming word: String
  ) {
    let words = arguments.joined(separator: " ")
    XCTAssertEqual(result.status, 2, words)
    XCTAssertEqual(result.output, "", words)
    XCTAssertEqual(result.messages.count, 1, "\(words): \(result.error)")
    XCTAssert(result.error.hasPrefix("dtrain: "), "\(words): \(result.error)")
    XCTAssert(result.error.contains(word), "\(words): no '\(word)' in \(result.error)")
    XCTAssert(result.error.contains("--help'"), "\(words): no advice in \(result.error)")
  }

  func testMistakesOfMLP() throws {
    for (arguments, word) in Self.mlp {
      let all = ["mlp"] + (arguments == ["surplus"] ? arguments + Self.data : Self.data + arguments)
      expectRefusal(try Program.run(all), of: all, naming: word)
    }
  }

  func testMistakesOfOtherCommands() throws {
    let cases: [([String], String)] = [
      ([], "no command"), (["train"], "train"), (["mlp"], "--data"),
      (["--frobnicate"], "frobnicate"),
      (["predict"] + Self.data, "--model"),
      (["predict", "--model", "m"] + Self.data + ["--output", "y.txt"], ".npy"),
      (
        ["predict", "--model", "m"] + Self.data + ["--output", "y.npy", "--predict", "x"], "logits"
      ),
      (["evaluate", "--model", "m"], "--data"),
      (["evaluate", "--model", "m"] + Self.data + ["--output", "y.csv"], ".json"),
      (["info"], "path"), (["doctor", "--ranks", "3"], "--ranks"),
    ]
    for (arguments, word) in cases {
      expectRefusal(try Program.run(arguments), of: arguments, naming: word)
    }
  }

  func testEmptyPathIsRefused() throws {
    let arguments = ["mlp", "--data", ""]
    expectRefusal(try Program.run(arguments), of: arguments, naming: "empty")
  }

  func testWhatIsCalledOtherwiseElsewhere() throws {
    for (arguments, words) in [
      (["version"], "did you mean --version?"),
      (["resume", "runs/a"], "did you mean mlp --resume"),
      (["--verison"], "Did you mean '--version'?"),
      (["mlp", "--layers", "3"], "Did you mean '--hidden'?"),
      (["mlp", "--num-epochs", "3"], "Did you mean '--epochs'?"),
      (["mlp", "--output", "o"], "Did you mean '--out'?"),
      (["evaluate", "--model", "m"] + Self.data + ["--out", "o"], "Did you mean '--output'?"),
      (["kmeans", "-k", "3"], "Did you mean '--clusters'?"),
      (["mpl"], "did you mean mlp?"), (["help", "kmean"], "did you mean kmeans?"),
      (["train"] + Self.data, "did you mean mlp?"), (["nonsense"], "name one of mlp"),
      (["mlp"] + Self.data + ["--gpu"], "on CPUs alone"),
      (["mlp"] + Self.data + ["--device=cuda"], "on CPUs alone"),
    ] {
      expectRefusal(try Program.run(arguments), of: arguments, naming: words)
    }
    // Spellings of other programs are taken.
    let folder = try RunFolder()
    try folder.write(RunFile.floats([40, 1], (0..<40).map { Float($0) }), "x.npy")
    try folder.write(RunFile.integers((0..<40).map { $0 / 20 }), "y.npy")
    let data = ["--data", folder.file("x.npy"), "--out", folder.file("run"), "--overwrite"]
    for arguments in [
      ["mlp"] + data
        + ["--labels", folder.file("y.npy"), "--lr", "0.01", "--batch-size", "8", "--epochs", "2"],
      ["kmeans"] + data + ["--k", "2", "--max-iter", "5", "--tol", "0", "--n-init", "2"],
    ] {
      let result = try Program.run(arguments)
      XCTAssertEqual(result.status, 0, result.error)
    }
    let configuration = try folder.json("run/config.json")
    XCTAssertEqual(configuration["clusters"] as? Int, 2)
    XCTAssertEqual(configuration["max_iterations"] as? Int, 5)
    // A run's directory stands for its centers.
    let again = try Program.run(
      ["kmeans", "--data", folder.file("x.npy"), "--k", "2", "--init", folder.file("run")]
        + ["--out", folder.file("again")])
    XCTAssertEqual(again.status, 0, again.error)
    let other = try Program.run(
      ["kmeans", "--data", folder.file("x.npy"), "--k", "3", "--init", folder.file("run")]
        + ["--out", folder.file("more")])
    XCTAssertEqual(other.status, 3)
    XCTAssert(
      other.error.contains("holds 2 centers of 1 column, but --clusters is 3"), other.error)
  }

  func testKernelsThatTheProcessorLacks() throws {
    let arguments = ["mlp"] + Self.data
    let result = try Program.run(arguments, environment: ["DTRAIN_ISA": "v9"])
    expectRefusal(result, of: arguments, naming: "DTRAIN_ISA")
  }

  func testOneMessageFromThreeRanks() throws {
    let cases: [([String], String)] = [
      (["mlp"] + Self.data + ["--epochs", "many"], "--epochs"),
      (["mlp"] + Self.data + ["--step-every", "3"], "--schedule step"),
      (["nonsense"], "nonsense"),
    ]
    for (arguments, word) in cases {
      let result = try Program.run(arguments, ranks: 3)
      expectRefusal(result, of: arguments, naming: word)
      XCTAssertLessThan(result.seconds, 5, "\(arguments)")
    }
  }
}
