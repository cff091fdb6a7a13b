import XCTest

@testable import DTrainBase
@testable import DTrainData
@testable import DTrainExport

/// The bytes below the forms of a model: what other programs make of them is checked in Python.
final class ExportedFileTests: XCTestCase {
  /// Numbers as the documentation of Protocol Buffers has them, and at the ends of the ranges.
  func testVarints() {
    for (value, bytes) in [
      (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (150, [0x96, 1]),
      (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 1]),
      (UInt64.max, [UInt8](repeating: 0xFF, count: 9) + [1]),
    ] as [(UInt64, [UInt8])] {
      XCTAssertEqual(ProtobufMessage.varint(value), bytes, "\(value)")
    }
  }

  func testMessages() {
    var inner = ProtobufMessage()
    inner.set(1, 150)
    inner.set(2, "testing")
    inner.set(3, -1)
    var outer = ProtobufMessage()
    outer.set(3, inner)
    outer.set(20, 2)
    let text = Array("testing".utf8)
    let content = [8, 0x96, 1, 0x12, 7] + text + [0x18] + ProtobufMessage.varint(.max)
    XCTAssertEqual(inner.content.pieces.flatMap { $0 }, content)
    XCTAssertEqual(
      outer.content.pieces.flatMap { $0 }, [0x1A, UInt8(content.count)] + content + [0xA0, 1, 2])
    XCTAssertEqual(outer.content.count, content.count + 5)
  }

  func testFloatsOfMessages() {
    var message = ProtobufMessage()
    message.set(2, float: 1)
    message.set(1, double: -2)
    message.set(6, doubles: [1, 0.5])
    let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    let half: [UInt8] = [0, 0, 0, 0, 0, 0, 0xE0, 0x3F]
    let content: [UInt8] =
      [0x15, 0, 0, 0x80, 0x3F, 0x09, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0x32, 16] + one + half
    XCTAssertEqual(message.content.pieces.flatMap { $0 }, content)
  }

  /// Long arrays are pieces of their own, which nothing copies; short ones are joined.
  func testPieces() {
    var file = FilePieces()
    let long = [UInt8](repeating: 7, count: 100_000)
    for _ in 0..<100 { file.append([1, 2]) }
    file.append(long)
    for _ in 0..<100 { file.append([3]) }
    var outer = FilePieces()
    outer.append([0])
    outer.append(file)
    XCTAssertEqual(file.pieces.map(\.count), [200, 100_000, 100])
    XCTAssertEqual(outer.pieces.map(\.count), [201, 100_000, 100])
    XCTAssertEqual(outer.count, 100_301)
    long.withUnsafeBytes { long in
      outer.pieces[1].withUnsafeBytes { XCTAssertEqual($0.baseAddress, long.baseAddress) }
    }
  }

  /// An archive is one that this program reads: names, places and checksums.
  func testArchivesReadBack() throws {
    let directory = try FixtureDirectory()
    let path = "\(directory.path)/a.npz"
    let model = ExportedModel.centers(
      ExportedCenters(
        scaling: .none(0), values: (0..<30_000).map { Float($0) / 7 }, columns: 3, metric: .l1))
    try ModelExports.write(model, as: NPZExport(), to: path)
    var options = DataCatalog.Options(data: [path])
    options.member = "centers"
    let source = try DataCatalog.open(options, topology: .solo())
    XCTAssertEqual(source.train.shape, [10_000, 3])
    let rows = try source.train.readRows(0..<10_000, topology: .solo())
    XCTAssertEqual(rows.values, (0..<30_000).map { Float($0) / 7 })
  }

  /// Another machine, another day: the same bytes; and each form names its files.
  func testFormsAreFunctionsOfTheModel() throws {
    let network = ExportedModel.network(
      ExportedNetwork(
        scaling: .none(3), sizes: [3, 2, 2], parameters: (0..<14).map { Float($0) },
        activation: .tanh, output: .softmax, targets: .classes, loss: "softmax-ce"))
    for form in ModelExports.all {
      let (first, second) = (try form.encode(network), try form.encode(network))
      XCTAssertEqual(first.pieces, second.pieces, form.name)
      XCTAssertEqual(first.count, first.pieces.reduce(0) { $0 + $1.count }, form.name)
      XCTAssertEqual(ModelExports.fileName(of: network, as: form), "model\(form.ending)")
    }
    let names = ModelExports.all.map(\.name)
    XCTAssertEqual(try ModelExports.named(names + names, by: "to").map(\.name), names)
  }

  /// PyTorch's layout is the transposed one.
  func testLayers() {
    let network = ExportedNetwork(
      scaling: .none(2), sizes: [2, 3, 1], parameters: (0..<13).map { Float($0) },
      activation: .relu, output: .identity, targets: .numbers(.none(1)), loss: "squared")
    let layers = network.layers
    XCTAssertEqual(Array(layers[0].weight), [0, 1, 2, 3, 4, 5])
    XCTAssertEqual(layers[0].transposed, [0, 3, 1, 4, 2, 5])
    XCTAssertEqual(Array(layers[0].bias), [6, 7, 8])
    XCTAssertEqual(layers[1].transposed, [9, 10, 11])
    XCTAssertEqual(Array(layers[1].bias), [12])
  }
}
