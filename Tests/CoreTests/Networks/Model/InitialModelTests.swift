import XCTest

@testable import DTrainBase
@testable import DTrainNetworks

/// What a training can start from: dtrain's models, cast or not, and Linear layers of other programs.
final class InitialModelTests: XCTestCase {
  /// A layer as PyTorch writes it; its values tell inputs from outputs and are exact in 16 bits.
  private func layer(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true)
    -> [TensorFile.Tensor]
  {
    let weights = (0..<inputs * outputs).map { Float($0 % 97) / 4 - Float(inputs) }
    let biases = (0..<outputs).map { Float($0) / 8 + 0.5 }
    return [.init(name + "weight", shape: [outputs, inputs], floats: weights)]
      + (bias ? [.init(name + "bias", shape: [outputs], floats: biases)] : [])
  }

  private func read(
    _ tensors: [TensorFile.Tensor], metadata: [String: String] = [:]
  ) throws -> InitialModel {
    // Through bytes, as a file comes.
    let bytes = TensorFile(metadata: metadata, tensors: tensors).encode()
    return try InitialModel(
      ModelFile(content: TensorFile.decode(bytes, name: "m.st"), name: "m.st"))
  }

  /// The parameters of layers in the order of `Network`, written plainly.
  private func parameters(_ layers: [[TensorFile.Tensor]]) throws -> [Float] {
    try layers.flatMap { tensors in
      let weight = try XCTUnwrap(tensors[0].floats)
      let (outputs, inputs) = (tensors[0].shape[0], tensors[0].shape[1])
      let W = (0..<inputs * outputs).map { weight[$0 % outputs * inputs + $0 / outputs] }
      return W + (tensors.count > 1 ? tensors[1].floats! : [Float](repeating: 0, count: outputs))
    }
  }

  func testNamesOfOtherPrograms() throws {
    for names in [
      ["0.", "2.", "4."], ["fc1.", "fc2.", "fc3."],
      ["net.layers.2.", "net.layers.9.", "net.layers.10."],
      ["a.", "b.", "c."], ["a.b.", "a.c.", "b."], ["module.0.0.", "module.0.1.", "module.1."],
    ] {
      let layers = [layer(names[0], 3, 4), layer(names[1], 4, 4), layer(names[2], 4, 2)]
      let model = try read(layers.flatMap { $0 }.reversed())
      XCTAssertEqual(model.sizes, [3, 4, 4, 2], "\(names)")
      XCTAssertEqual(model.parameters, try parameters(layers), "\(names)")
      XCTAssertNil(model.activation)
      XCTAssertNil(model.advice)
    }
    // What torch.nn.Linear alone gives, and metadata of others.
    let single = layer("", 5, 3)
    let model = try read(single, metadata: ["format": "pt"])
    XCTAssertEqual(model.sizes, [5, 3])
    XCTAssertEqual(model.parameters, try parameters([single]))
  }

  func testMissingBiasesAreZero() throws {
    let layers = [layer("0.", 3, 4, bias: false), layer("1.", 4, 2)]
    XCTAssertEqual(try read(layers.flatMap { $0 }).parameters, try parameters(layers))
    let none = [layer("0.", 3, 4, bias: false), layer("1.", 4, 2, bias: false)]
    XCTAssertEqual(try read(none.flatMap { $0 }).parameters, try parameters(none))
  }

  /// Names that do not give the order leave it to the shapes, where these allow one only.
  func testOrderByShape() throws {
    let (first, second, last) = (
      layer("input.", 3, 5), layer("hidden.", 5, 5), layer("a.", 5, 2)
    )
    let model = try read(last + second + first)
    XCTAssertEqual(model.sizes, [3, 5, 5, 2])
    XCTAssertEqual(model.parameters, try parameters([first, second, last]))
    XCTAssertEqual(
      model.advice,
      .orderedByShape(name: "m.st", weights: ["input.weight", "hidden.weight", "a.weight"]))
  }

  func testEveryFloatType() throws {
    let layers = [layer("0.", 3, 4), layer("2.", 4, 2)]
    let expected = try parameters(layers)
    let metadata = [
      "dtrain": "0.1.0", "layers": "3,4,2", "activation": "relu", "loss": "softmax-ce",
      "targets": "class", "scaling": "none", "scaling_shift": "0", "scaling_factor": "1",
    ]
    for type in TensorFile.ElementType.floats {
      let cast = try layers.flatMap { $0 }.map { try $0.cast(to: type) }
      XCTAssertEqual(try read(cast).parameters, expected, "\(type)")
      // The same of a model of dtrain's, which also predicts.
      let own = cast.map { tensor in
        tensor.named("layers.\(tensor.name.replacing("2.", with: "1."))")
      }
      let model = try read(own, metadata: metadata)
      XCTAssertEqual(model.parameters, expected, "\(type)")
      XCTAssertEqual(model.activation, .relu)
      let file = TensorFile(metadata: metadata, tensors: own)
      XCTAssertEqual(try MLPModel(decoding: file, name: "m").parameters, expected, "\(type)")
    }
    // A tensor of each type.
    let mixed = try zip(layers.flatMap { $0 }, TensorFile.ElementType.floats).map {
      try $0.cast(to: $1)
    }
    XCTAssertEqual(try read(mixed).parameters, expected)
  }

  /// What a training does not need may be cast as well; a prediction needs it as it was.
  func testScalingsThatWereCast() throws {
    let tensors =
      [layer("layers.0.", 3, 2)].flatMap { $0 } + [
        .init("scaling.shift", shape: [3], floats: [1, 2, 3]),
        .init("scaling.factor", shape: [3], floats: [1, 2, 3]),
      ]
    let metadata = [
      "dtrain": "0.1.0", "layers": "3,2", "activation": "relu", "loss": "softmax-ce",
      "targets": "class", "scaling": "standard",
    ]
    let cast = TensorFile(metadata: metadata, tensors: try tensors.map { try $0.cast(to: .bf16) })
    XCTAssertEqual(try read(cast.tensors, metadata: metadata).sizes, [3, 2])
    XCTAssertThrowsError(try MLPModel(decoding: cast, name: "m")) {
      XCTAssertTrue("\($0)".contains("scaling.shift is BF16 [3], expected F32 [3]"), "\($0)")
    }
  }

  func testDoublesAreRounded() throws {
    func model(_ value: Double) throws -> InitialModel {
      let bits = withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
      return try read([.init("weight", type: .f64, shape: [1, 1], bytes: bits[...])])
    }
    let ulp = Double(Float(1).ulp)
    for (value, expected) in [
      (1 + ulp / 2, 1), (1 + ulp * 1.5, 1 + 2 * Float(1).ulp), (1 + ulp * 0.51, 1 + Float(1).ulp),
      (1e-50, 0), (0x1p-149 * 1.6, 0x1p-148), (-0.1, -0.1),
      (Double(Float.greatestFiniteMagnitude), .greatestFiniteMagnitude),
    ] as [(Double, Float)] {
      XCTAssertEqual(try model(value).parameters[0], expected, "\(value)")
    }
    for value in [1e39, -1e300, 0x1.ffffffp127] {
      XCTAssertThrowsError(try model(value)) {
        XCTAssertEqual(($0 as? TrainerError)?.kind, .badData)
        XCTAssertTrue(
          "\($0)".contains(
            "element 0 of tensor \"weight\" is \(value), beyond the range of float32"),
          "\($0)")
      }
    }
  }

  func testValuesThatAreNotFinite() throws {
    let bits: [(TensorFile.ElementType, [UInt8])] = [
      (.f16, [0, 0x7c]), (.f16, [1, 0xfc]), (.bf16, [0x80, 0x7f]), (.bf16, [0x81, 0xff]),
    ]
    for (type, value) in bits {
      let bytes: [UInt8] = [0, 0] + value + [0, 0]
      XCTAssertThrowsError(
        try read([.init("0.weight", type: type, shape: [1, 3], bytes: bytes[...])])
      ) {
        XCTAssertEqual(($0 as? TrainerError)?.kind, .badData)
        XCTAssertTrue("\($0)".contains("element 1 of tensor \"0.weight\" is not finite"), "\($0)")
      }
    }
  }

  private func assertRefused(
    _ tensors: [TensorFile.Tensor], says words: [String], line: UInt = #line
  ) {
    XCTAssertThrowsError(try read(tensors), line: line) { error in
      XCTAssertEqual((error as? TrainerError)?.kind, .badData, line: line)
      for word in ["m.st"] + words {
        XCTAssertTrue("\(error)".contains(word), "'\(word)' is not in \(error)", line: line)
      }
    }
  }

  func testForeignTensorsAreRefusedByName() {
    let sound = layer("0.", 3, 4) + layer("2.", 4, 2)
    func tensor(_ name: String, _ shape: [Int]) -> TensorFile.Tensor {
      .init(name, shape: shape, floats: [Float](repeating: 1, count: shape.reduce(1, *)))
    }
    for (name, shape) in [
      ("conv.weight", [2, 1, 3, 3]), ("1.weight", [4]), ("1.running_mean", [4]), ("scale", []),
      ("3.bias", [2]), ("0.weight_g", [4, 1]), ("5.weight", [0, 2]), ("5.weight", [2, 0]),
    ] as [(String, [Int])] {
      assertRefused(
        sound + [tensor(name, shape)], says: ["\"\(name)\" (F32 \(shape))", "Linear layer"])
    }
    assertRefused(
      sound + [
        .init("1.num_batches_tracked", type: .i64, shape: [], bytes: [1, 0, 0, 0, 0, 0, 0, 0])
      ],
      says: ["\"1.num_batches_tracked\" (I64 [])"])
    assertRefused(
      [.init("weight", type: .i32, shape: [1, 1], bytes: [1, 0, 0, 0])], says: ["(I32 [1, 1])"])
    for shape in [[3], [2, 1], []] {
      assertRefused(
        layer("0.", 3, 4) + [layer("2.", 4, 2)[0], tensor("2.bias", shape)],
        says: ["\"2.bias\" (F32 \(shape)) is not the bias of \"2.weight\" (F32 [2, 4])"])
    }
    assertRefused([], says: ["no tensors"])
  }

  func testOrdersThatAreNotClearAreRefused() {
    assertRefused(
      layer("0.", 3, 4) + layer("2.", 5, 2),
      says: ["\"0.weight\" [4, 3], \"2.weight\" [2, 5]", "nor in any other"])
    // Two square layers could change places.
    assertRefused(
      layer("a.", 4, 2) + layer("b.", 4, 4) + layer("c.", 4, 4) + layer("d.", 3, 4),
      says: ["several others", "0.weight, 1.weight"])
    let many = (0..<12).flatMap { layer("\($0).", 2, 3) }
    assertRefused(many, says: ["\"7.weight\" [3, 2] and 4 more"])
  }

  /// A network that does not fit is told what would.
  func testMisfits() throws {
    let plain = try read(layer("0.", 3, 4) + layer("1.", 4, 2))
    func refused(_ sizes: [Int], _ activation: Activation, _ model: InitialModel) -> String? {
      do throws(TrainerError) {
        try model.check(Network(sizes: sizes, activation: activation), hasClasses: false)
        return nil
      } catch {
        XCTAssertEqual(error.kind, .badData)
        return error.message
      }
    }
    XCTAssertNil(refused([3, 4, 2], .tanh, plain))
    XCTAssertNil(refused([3, 4, 2], .relu, plain))
    XCTAssertEqual(
      refused([3, 5, 5, 2], .relu, plain),
      "m.st does not fit this run: it has layers 3-4-2, and the run 3-5-5-2; give hidden 4")
    XCTAssertEqual(
      refused([3, 200, 2], .relu, try read(layer("", 3, 2))),
      "m.st does not fit this run: it has layers 3-2, and the run 3-200-2; give hidden none")
    XCTAssertEqual(
      refused([1, 4, 2], .relu, plain),
      "m.st does not fit this run: it has layers 3-4-2, and the run 1-4-2; take a model of 1 input and 2 outputs, or "
        + "other data"
    )
    let own = try read(
      layer("layers.0.", 3, 4) + layer("layers.1.", 4, 2),
      metadata: ["dtrain": "0.1.0", "layers": "3,4,2", "activation": "tanh"])
    XCTAssertNil(refused([3, 4, 2], .tanh, own))
    XCTAssertEqual(
      refused([3, 200, 2], .relu, own),
      "m.st does not fit this run: it has layers 3-4-2 with tanh, and the run 3-200-2 with relu; give hidden 4 and "
        + "activation tanh"
    )
  }

  /// Weights alone do not predict; the message says what they are good for.
  func testPlainWeightsDoNotPredict() {
    let file = TensorFile(tensors: layer("0.", 3, 4) + layer("1.", 4, 2))
    XCTAssertThrowsError(try MLPModel(decoding: file, name: "m.st")) {
      XCTAssertTrue("\($0)".contains("m.st is not a model of dtrain mlp"), "\($0)")
      XCTAssertTrue("\($0)".contains("init_model"), "\($0)")
    }
    let other = TensorFile(tensors: [.init("x", shape: [1], floats: [1])])
    XCTAssertThrowsError(try MLPModel(decoding: other, name: "m.st")) {
      XCTAssertTrue("\($0)".contains("'layers'"), "\($0)")
    }
  }

  func testEveryTruncationIsRefused() {
    let bytes = TensorFile(tensors: layer("0.", 2, 2)).encode()
    for count in bytes.indices {
      XCTAssertThrowsError(
        try InitialModel(
          ModelFile(content: TensorFile.decode(Array(bytes[..<count]), name: "m"), name: "m")),
        "\(count)")
    }
  }
}
