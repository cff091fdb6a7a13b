import DTrainCore
import Launching
import XCTest

/// Runs that start from a model: one of dtrain's, cast or not, or weights that another program wrote.
final class InitialModelRunTests: XCTestCase {
  /// `x.npy`, `y.npy` and a run on them, `first`.
  private func folder() throws -> RunFolder {
    let folder = try RunFolder()
    try RunData.writeClasses(folder, rows: 1001)
    try train(2, options(folder), in: folder, out: "first", name: "a model to start from")
    return folder
  }

  private func options(_ folder: RunFolder) -> [String] {
    [
      "--data", folder.file("x.npy"), "--labels", folder.file("y.npy"), "--hidden", "16,8",
      "--epochs", "1", "--batch", "50", "--shards", "8",
    ]
  }

  private func first(_ folder: RunFolder) throws -> TensorFile {
    try TensorFile.read(path: folder.file("first/model.safetensors"))
  }

  /// The weights and biases of `first` alone; `names` are those of its layers.
  private func plain(_ folder: RunFolder, names: [String]) throws -> TensorFile {
    TensorFile(
      tensors: try first(folder).tensors.filter { $0.name.hasPrefix("layers.") }.map { tensor in
        let parts = tensor.name.split(separator: ".")
        return .init(
          "\(names[Int(parts[1])!]).\(parts[2])", type: tensor.type, shape: tensor.shape,
          bytes: tensor.bytes)
      })
  }

  /// The same weights give the same run, whatever file they come in and on however many ranks; and so does a
  /// run that is continued.
  func testTheSameRunFromAnyFile() throws {
    let folder = try folder()
    let weights = try first(folder)
    let doubles = TensorFile(
      metadata: weights.metadata,
      tensors: weights.tensors.map { tensor in
        guard let floats = tensor.floats else { return tensor }
        let bytes = floats.flatMap { value in
          withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { Array($0) }
        }
        return .init(tensor.name, type: .f64, shape: tensor.shape, bytes: bytes[...])
      })
    try folder.write(doubles.encode(), "doubles.safetensors")
    try folder.write(plain(folder, names: ["0", "2", "10"]).encode(), "plain.safetensors")
    // 20-16-8-3 is the only order.
    try folder.write(plain(folder, names: ["c", "b", "a"]).encode(), "shuffled.safetensors")
    var reference: [UInt8]?
    for (ranks, file) in [
      (1, "first"), (1, "plain.safetensors"), (3, "plain.safetensors"), (3, "doubles.safetensors"),
      (2, "shuffled.safetensors"),
    ] {
      let outcome = try train(
        ranks, options(folder) + ["--init-model", folder.file(file), "--epochs", "2"], in: folder,
        name: "from \(file)")
      let model = try folder.bytes("run/model.safetensors")
      XCTAssertTrue(model == reference ?? model, "N=\(ranks) from \(file): another model")
      reference = model
      XCTAssertEqual(
        outcome.errors.contains("a.weight"), file == "shuffled.safetensors", outcome.errors)
      if file != "first" {
        XCTAssertEqual(
          try folder.json("run/config.json")["init_model_sha256"] as? String,
          SHA256.hexadecimal(of: try folder.bytes(file)))
      }
    }
    let test = ResumeCase(
      name: "from plain weights", command: "mlp",
      arguments: options(folder) + [
        "--epochs", "3", "--init-model", folder.file("plain.safetensors"),
      ])
    try begin(test, ranks: 2, in: folder, out: "whole", checkpoints: ["--checkpoint-every", "1"])
    try cut("whole", behind: 0, to: "run", in: folder)
    try resume(test, ranks: 3, in: folder, out: "run", like: "whole")
  }

  /// What no network can start from: one message, exit code 3, no model.
  func testRefusals() throws {
    let folder = try folder()
    let sound = try plain(folder, names: ["0", "2", "4"])
    var convolution = sound
    convolution.tensors.append(
      .init("1.weight", shape: [1, 1, 1, 2], floats: [1, 2]))
    var apart = sound
    apart.tensors.removeAll { $0.name.hasPrefix("2.") }
    var huge = sound
    huge.tensors[0] = .init(
      huge.tensors[0].name, type: .f64, shape: huge.tensors[0].shape,
      bytes: [UInt8](
        repeating: 0x7e, count: 8 * huge.tensors[0].shape.reduce(1, *))[...])
    for (name, bytes, options, words) in [
      ("convolution", convolution.encode(), [], ["\"1.weight\" (F32 [1, 1, 1, 2])"]),
      ("a layer less", apart.encode(), [], ["\"0.weight\" [16, 20], \"4.weight\" [3, 8]"]),
      ("beyond float32", huge.encode(), [], ["element 0", "\"\(huge.tensors[0].name)\""]),
      ("cut short", Array(sound.encode().dropLast(5)), [], ["cut short"]),
      ("other layers", sound.encode(), ["--hidden", "9"], ["20-9-3", "--hidden 16,8"]),
    ] as [(String, [UInt8], [String], [String])] {
      try folder.write(bytes, "bad.safetensors")
      let job = MPIJob(
        3, "dtrain",
        ["mlp"] + self.options(folder) + ["--init-model", folder.file("bad.safetensors")]
          + options + ["--out", folder.file("bad")])
      let outcome = try run(job, "bad-input \(name)")
      XCTAssertEqual(outcome.exitCode, 3, "\(name): \(outcome.errors)")
      let messages = outcome.messages(of: "dtrain")
      XCTAssertEqual(messages.count, 1, "\(name): \(outcome.errors)")
      for word in ["bad.safetensors"] + words {
        XCTAssertTrue((messages.first ?? "").contains(word), "\(name): no '\(word)' in \(messages)")
      }
      for file in ["model.safetensors", "summary.json"] {
        XCTAssertFalse(folder.has("bad/\(file)"), "\(name): \(file) was written")
      }
    }
  }

  /// Weights alone do not predict.
  func testPredictionByPlainWeights() throws {
    let folder = try folder()
    try folder.write(plain(folder, names: ["0", "2", "4"]).encode(), "plain.safetensors")
    let model = ["--model", folder.file("plain.safetensors"), "--data", folder.file("x.npy")]
    for arguments in [
      ["predict"] + model + ["--output", folder.file("none.npy")],
      ["evaluate"] + model + ["--labels", folder.file("y.npy")],
    ] {
      let outcome = try run(MPIJob(2, "dtrain", arguments), "\(arguments[0]) by plain weights")
      XCTAssertEqual(outcome.exitCode, 3, outcome.errors)
      XCTAssertTrue(outcome.errors.contains("--init-model"), outcome.errors)
    }
    XCTAssertFalse(folder.has("none.npy"))
  }
}
