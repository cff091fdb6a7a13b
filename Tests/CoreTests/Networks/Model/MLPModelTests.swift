import XCTest

@testable import DTrainBase
@testable import DTrainData
@testable import DTrainNetworks
@testable import DTrainRuns

extension MLPModel {
  /// The file's bytes.
  fileprivate func bytes() throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let path = directory.file("model.safetensors")
    let copy = AlignedFloats(count: parameters.count)
    copy.base.update(from: parameters, count: parameters.count)
    let hash = try SafetensorsExport.write(copy.base, of: specification, to: path)
    let bytes = try FileContents.read(path)
    XCTAssertEqual(hash, SHA256.hexadecimal(of: bytes))
    return bytes
  }

  /// What a reader finds in the file. (Inlined, Swift 6.3.1 makes invalid code of the typed errors.)
  @inline(never)
  fileprivate func encoded() throws -> TensorFile { try TensorFile.decode(bytes(), name: "model") }
}

/// The model file: everything comes back, and what does not fit is refused.
final class MLPModelTests: XCTestCase {
  private func model(
    _ sizes: [Int] = [3, 4, 2], activation: Activation = .relu,
    loss: Loss = .softmaxCrossEntropy, targets: TargetKind = .oneClass,
    shift: [Float] = [0, 0, 0],
    factor: [Float] = [1 / 255, 1 / 255, 1 / 255], kind: ColumnScaling.Kind = .unit
  ) -> MLPModel {
    let network = Network(sizes: sizes, activation: activation)
    var generator = SeededGenerator(seed: 12)
    return MLPModel(
      specification: MLPSpecification(
        network: network, loss: loss, targets: targets,
        scaling: ColumnScaling(kind: kind, shift: shift, factor: factor),
        targetScaling: targets == .numbers
          ? ColumnScaling(
            kind: .standard, shift: (0..<sizes.last!).map { Float($0) },
            factor: [Float](repeating: 0.5, count: sizes.last!)) : nil),
      parameters: generator.floats(network.parameterCount))
  }

  private func assertSame(_ a: MLPModel, _ b: MLPModel, _ name: String) {
    XCTAssertEqual(a.network, b.network, name)
    XCTAssertEqual(a.loss, b.loss, name)
    XCTAssertEqual(a.targetScaling, b.targetScaling, name)
    XCTAssertEqual(a.targets, b.targets, name)
    XCTAssertEqual(a.scaling, b.scaling, name)
    XCTAssertEqual(a.parameters.map(\.bitPattern), b.parameters.map(\.bitPattern), name)
  }

  func testRoundTrip() throws {
    for activation in Activation.all {
      for loss in Loss.all {
        for targets in [TargetKind.oneClass, .labels, .numbers] where loss.fits(targets) {
          for sizes in [[3, 2], [3, 4, 2], [3, 1, 7, 5, 1]] {
            for (kind, shift, factor) in [
              (ColumnScaling.Kind.none, [0, 0, 0], [1, 1, 1]),
              (.unit, [0, 0, 0], [1 / 255, 1 / 255, 1 / 255]),
              (.standard, [0.1, -3e-41, 1e30], [1e-30, 1.0000001, 7]),
              (.standard, [0.3, 0.3, 0.3], [1, 1, 1.5]),
            ] as [(ColumnScaling.Kind, [Float], [Float])] {
              let written = model(
                sizes, activation: activation, loss: loss, targets: targets, shift: shift,
                factor: factor, kind: kind)
              let bytes = try written.bytes()
              let read = try MLPModel(
                decoding: TensorFile.decode(bytes, name: "m"), name: "m")
              assertSame(read, written, "\(sizes) \(activation) \(loss) \(kind)")
              XCTAssertEqual(try read.bytes(), bytes)
            }
          }
        }
      }
    }
  }

  func testExportsBelongToTheirRun() {
    for name in [SafetensorsExport.fileName] + ModelExports.fileNames("model") {
      XCTAssertTrue(RunDirectory.ownedNames(MLPConfiguration.results).contains(name), name)
    }
  }

  /// PyTorch's layout: weight `[outputs, inputs]`, y = x Wᵀ + b.
  func testLayoutIsPyTorchs() throws {
    let written = model()
    let file = try written.encoded()
    XCTAssertEqual(file.metadata["format"], "pt")
    let weight = try XCTUnwrap(file["layers.0.weight"])
    let bias = try XCTUnwrap(file["layers.0.bias"]?.floats)
    XCTAssertEqual(weight.shape, [4, 3])
    for input in 0..<3 {
      for output in 0..<4 {
        XCTAssertEqual(
          try XCTUnwrap(weight.floats)[output * 3 + input],
          written.parameters[input * 4 + output])
      }
    }
    XCTAssertEqual(bias, Array(written.parameters[12..<16]))
  }

  private func assertRefused(
    _ name: String, says words: String, file: StaticString = #filePath, line: UInt = #line,
    _ change: (inout TensorFile) -> Void
  ) {
    var content = try! model(shift: [1, 2, 3], kind: .standard).encoded()
    change(&content)
    XCTAssertThrowsError(
      try MLPModel(decoding: content, name: "some.safetensors"), name, file: file, line: line
    ) { error in
      guard let error = error as? TrainerError else {
        return XCTFail("\(name): \(error)", file: file, line: line)
      }
      XCTAssertEqual(error.kind, .badData, name, file: file, line: line)
      XCTAssertTrue(
        error.message.contains("some.safetensors") && error.message.contains(words),
        "\(name): \(error.message)", file: file, line: line)
    }
  }

  func testMalformedMetadataIsRefused() {
    for key in ["layers", "activation", "loss", "scaling"] {
      assertRefused("no \(key)", says: "'\(key)'") { $0.metadata[key] = nil }
    }
    for layers in [
      "", "3", "3,,4,2", "3,4,2,", "3,0,2", "3,x,2", "3,-4,2", "3,4.0,2", "99999999999999999999,2",
    ] {
      assertRefused("layers '\(layers)'", says: "'\(layers)'") { $0.metadata["layers"] = layers }
    }
    assertRefused("too many layers", says: "layers.2.weight") { $0.metadata["layers"] = "3,4,2,5" }
    assertRefused("other sizes", says: "layers.0.weight") { $0.metadata["layers"] = "4,4,2" }
    assertRefused("huge sizes", says: "layers.0.weight") {
      $0.metadata["layers"] = "2147483648,2147483648,2147483648"
    }
    assertRefused("activation", says: "'gelu'") { $0.metadata["activation"] = "gelu" }
    assertRefused("loss", says: "'hinge'") { $0.metadata["loss"] = "hinge" }
    for (loss, targets) in [
      ("softmax-ce", "labels"), ("softmax-ce", "numbers"), ("sigmoid-ce", "numbers"),
      ("squared", "class"), ("squared", "labels"),
    ] {
      assertRefused("\(loss) of \(targets)", says: "does not go with targets '\(targets)'") {
        $0.metadata["loss"] = loss
        $0.metadata["targets"] = targets
      }
    }
    for delta in [nil, "", "0", "-1", "nan", "inf"] {
      assertRefused("huber_delta \(delta ?? "missing")", says: "huber_delta") {
        $0.metadata["loss"] = "huber"
        $0.metadata["targets"] = "numbers"
        $0.metadata["huber_delta"] = delta
      }
    }
    assertRefused("scaling", says: "'log'") { $0.metadata["scaling"] = "log" }
    for (shift, factor) in [
      ("x", "1"), ("0", ""), ("nan", "1"), ("0", "inf"), ("0", "-1"),
    ] {
      assertRefused("scaling \(shift), \(factor)", says: "scaling") {
        $0.metadata["scaling_shift"] = shift
        $0.metadata["scaling_factor"] = factor
      }
    }
  }

  func testImpossibleClassesAreRefused() {
    for classes in ["", "3", "two", "0"] {
      assertRefused("classes \(classes)", says: "'\(classes)' classes") {
        $0.metadata["classes"] = classes
      }
    }
  }

  func testImpossibleScalingIsRefused() {
    for (name, value) in [
      ("shift", Float.nan), ("shift", .infinity), ("factor", .nan), ("factor", .infinity),
      ("factor", -1),
    ] {
      assertRefused("\(name) \(value)", says: "scaling.\(name)") {
        let index = $0.tensors.firstIndex { $0.name == "scaling.\(name)" }!
        $0.tensors[index] = .init("scaling.\(name)", shape: [3], floats: [1, value, 2])
      }
    }
  }

  func testMalformedTensorsAreRefused() throws {
    for index in 0..<6 {
      let name = try model(shift: [1, 2, 3], kind: .standard).encoded().tensors[index].name
      assertRefused("no \(name)", says: name) { $0.tensors.remove(at: index) }
      assertRefused("integers in \(name)", says: name) {
        let tensor = $0.tensors[index]
        $0.tensors[index] = .init(name, type: .i32, shape: tensor.shape, bytes: tensor.bytes)
      }
      assertRefused("\(name) of another shape", says: name) {
        let tensor = $0.tensors[index]
        $0.tensors[index] = .init(
          name, type: .f32, shape: tensor.shape + [1], bytes: tensor.bytes)
      }
    }
  }
}
