import DTrainCore
import Foundation
import XCTest

final class TensorFileTests: XCTestCase {
  private let sample = TensorFile(
    metadata: ["format": "pt"],
    tensors: [
      .init("layers.0.weight", shape: [2, 3], floats: [1.5, -2.25, 3e-38, 0.1, -0.0, 6.5]),
      .init("layers.0.bias", shape: [2], floats: [0.25, -1]),
      .init("count", type: .i64, shape: [], bytes: [7, 0, 0, 0, 0, 0, 0, 0]),
      .init(
        "labels", type: .i32, shape: [3],
        bytes: [255, 255, 255, 255, 2, 0, 0, 0, 3, 0, 0, 0]),
      .init("pixels", type: .u8, shape: [1, 3], bytes: [0, 255, 7]),
      .init(
        "mean", type: .f64, shape: [1],
        bytes: withUnsafeBytes(of: (1e300).bitPattern.littleEndian) { Array($0)[...] }),
      .init("none", shape: [0, 4], floats: []),
    ])

  /// What Python's package safetensors 0.8.0 writes for the tensors of `sample`.
  private let reference =
    "0AEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJjb3VudCI6eyJkdHlwZSI6Ikk2NCIsInNo"
    + "YXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sIm1lYW4iOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzFdLCJk"
    + "YXRhX29mZnNldHMiOls4LDE2XX0sImxheWVycy4wLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzJdLCJk"
    + "YXRhX29mZnNldHMiOlsxNiwyNF19LCJsYXllcnMuMC53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIs"
    + "M10sImRhdGFfb2Zmc2V0cyI6WzI0LDQ4XX0sIm5vbmUiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRh"
    + "dGFfb2Zmc2V0cyI6WzQ4LDQ4XX0sImxhYmVscyI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbM10sImRhdGFfb2Zm"
    + "c2V0cyI6WzQ4LDYwXX0sInBpeGVscyI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsxLDNdLCJkYXRhX29mZnNldHMi"
    + "Ols2MCw2M119fQcAAAAAAAAAnHUAiDzkN34AAIA+AACAvwAAwD8AABDA5lUjAc3MzD0AAACAAADQQP////8CAAAA"
    + "AwAAAAD/Bw=="

  func testBytesAreThoseOfTheReferenceImplementation() throws {
    let bytes = try XCTUnwrap(Data(base64Encoded: reference))
    XCTAssertEqual(sample.encode(), Array(bytes))
  }

  func testReadsTheReferenceImplementation() throws {
    let bytes = try XCTUnwrap(Data(base64Encoded: reference))
    let file = try TensorFile.decode(Array(bytes), name: "reference")
    XCTAssertEqual(file.metadata, sample.metadata)
    XCTAssertEqual(file.tensors.count, sample.tensors.count)
    for tensor in sample.tensors { XCTAssertEqual(file[tensor.name], tensor) }
    XCTAssertEqual(file["layers.0.bias"]?.floats, [0.25, -1])
    XCTAssertNil(file["count"]?.floats)
    XCTAssertNil(file["absent"])
  }

  /// The order of the reference implementation: wide elements first, and BF16 before F16.
  func testNarrowFloats() throws {
    let types: [TensorFile.ElementType] = [.f64, .f32, .i32, .bf16, .f16, .u8]
    let file = TensorFile(
      tensors: types.map { type in
        .init(
          type.rawValue, type: type, shape: [1],
          bytes: [UInt8](repeating: 0, count: type.byteCount)[...])
      })
    let read = try TensorFile.decode(file.encode(), name: "f")
    XCTAssertEqual(read.tensors, file.tensors)
    XCTAssertNil(read["F16"]?.floats)
  }

  func testRoundTripIsIndependentOfOrder() throws {
    let bytes = sample.encode()
    let reversed = TensorFile(metadata: sample.metadata, tensors: sample.tensors.reversed())
    XCTAssertEqual(reversed.encode(), bytes)
    XCTAssertEqual(try TensorFile.decode(bytes, name: "f").encode(), bytes)
    var many = sample
    for index in 0..<40 { many.metadata["key \(index)"] = "é \"\(index)\"\n" }
    XCTAssertEqual(try TensorFile.decode(many.encode(), name: "f").metadata, many.metadata)
    XCTAssertEqual(many.encode()[0] % 8, 0, "the data are aligned")
    let empty = TensorFile()
    XCTAssertEqual(empty.encode(), [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    XCTAssertEqual(try TensorFile.decode(empty.encode(), name: "f"), empty)
  }

  /// A file with this header and so many bytes of data, all zero.
  private func file(_ header: String, data: Int = 0, declared: UInt64? = nil) -> [UInt8] {
    let count = declared ?? UInt64(header.utf8.count)
    return withUnsafeBytes(of: count.littleEndian) { Array($0) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func tensor(_ shape: String, _ offsets: String, type: String = "F32") -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  func testMalformedFilesAreRefused() throws {
    let good = tensor("[2]", "[0,8]")
    func one(_ tensor: String) -> [UInt8] { file("{\"a\":\(tensor)}", data: 8) }
    XCTAssertNoThrow(try TensorFile.decode(one(good), name: "f"))
    let huge = "4611686018427387904"
    let corpus: [(String, [UInt8], says: String)] = [
      ("empty file", [], "0 bytes"),
      ("7 bytes", [0, 0, 0, 0, 0, 0, 0], "7 bytes"),
      ("no header", file(""), "byte 8"),
      ("header beyond the file", file("{}", declared: 3), "cut short"),
      ("header beyond 100 MB", file("{}", declared: 100_000_001), "100000001"),
      ("header of 2^63", file("{}", declared: 1 << 63), "9223372036854775808"),
      ("header of 2^64-1", file("{}", declared: .max), "18446744073709551615"),
      ("leading space", file(" {}"), "byte 8"),
      ("array", file("[]"), "byte 8"),
      ("cut JSON", file("{\"a\":"), "byte 13"),
      ("rest behind the JSON", file("{}x"), "byte 10"),
      ("NUL padding", file("{}\0\0"), "byte 10"),
      (
        "bad UTF-8",
        [10, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a".utf8) + [0xFF] + Array("\":{}} ".utf8),
        "UTF-8"
      ),
      ("deep", file(#"{"a":{"b":[[[[]]]]}}"#), "nested"),
      ("tensor twice", file("{\"a\":\(good),\"a\":\(good)}", data: 8), "twice"),
      (
        "field twice", one(#"{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}"#),
        "twice"
      ),
      ("metadata twice", file(#"{"__metadata__":{},"__metadata__":{}}"#), "twice"),
      ("metadata key twice", file(#"{"__metadata__":{"k":"1","k":"1"}}"#), "twice"),
      ("metadata no object", file(#"{"__metadata__":[]}"#), "__metadata__"),
      ("metadata no string", file(#"{"__metadata__":{"k":1}}"#), "\"k\""),
      ("tensor no object", one("[]"), "tensor \"a\""),
      ("no dtype", one(#"{"shape":[2],"data_offsets":[0,8]}"#), "dtype"),
      ("no shape", one(#"{"dtype":"F32","data_offsets":[0,8]}"#), "shape"),
      ("no offsets", one(#"{"dtype":"F32","shape":[2]}"#), "data_offsets"),
      ("unknown field", one(#"{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}"#), "\"x\""),
      ("unknown dtype", one(tensor("[2]", "[0,8]", type: "F31")), "F31"),
      ("lower-case dtype", one(tensor("[2]", "[0,8]", type: "f32")), "f32"),
      ("dtype no string", one(#"{"dtype":32,"shape":[2],"data_offsets":[0,8]}"#), "dtype"),
      ("shape no list", one(tensor("2", "[0,8]")), "shape"),
      ("negative extent", one(tensor("[-2]", "[0,8]")), "shape"),
      ("negative zero", one(tensor("[2,-0]", "[0,0]")), "shape"),
      ("fraction", one(tensor("[2.0]", "[0,8]")), "shape"),
      ("exponent", one(tensor("[2e0]", "[0,8]")), "shape"),
      ("leading zero", one(tensor("[02]", "[0,8]")), "leading zero"),
      ("text extent", one(tensor("[\"2\"]", "[0,8]")), "shape"),
      ("extent beyond 64 bits", one(tensor("[18446744073709551618]", "[0,8]")), "64 bits"),
      ("product beyond 64 bits", one(tensor("[\(huge),4]", "[0,8]")), "64 bits"),
      ("bytes beyond 64 bits", one(tensor("[\(huge)]", "[0,8]")), "64 bits"),
      ("one offset", one(tensor("[2]", "[8]")), "data_offsets"),
      ("three offsets", one(tensor("[2]", "[0,8,8]")), "data_offsets"),
      ("negative offset", one(tensor("[2]", "[-8,0]")), "data_offsets"),
      ("falling offsets", one(tensor("[2]", "[8,0]")), "data_offsets"),
      ("size of another type", one(tensor("[2]", "[0,8]", type: "F64")), "16 bytes"),
      ("size of another shape", one(tensor("[3]", "[0,8]")), "12 bytes"),
      ("hole at the start", file("{\"a\":\(tensor("[2]", "[4,12]"))}", data: 12), "hole"),
      ("hole", file("{\"a\":\(good),\"b\":\(tensor("[1]", "[12,16]"))}", data: 16), "hole"),
      ("overlap", file("{\"a\":\(good),\"b\":\(tensor("[1]", "[4,8]"))}", data: 8), "overlap"),
      ("same bytes twice", file("{\"a\":\(good),\"b\":\(good)}", data: 8), "overlap"),
      ("data cut", file("{\"a\":\(good)}", data: 7), "cut short"),
      ("no data", file("{\"a\":\(good)}"), "cut short"),
      ("rest behind the data", file("{\"a\":\(good)}", data: 9), "behind its end"),
      ("data without tensors", file("{}", data: 1), "behind its end"),
      ("empty name", file("{\"\":\(good)}", data: 8), "name"),
      ("control character", file("{\"a\\u0000\":\(good)}", data: 8), "name"),
      ("long name", file("{\"\(String(repeating: "n", count: 513))\":\(good)}", data: 8), "name"),
    ]
    XCTAssertGreaterThanOrEqual(corpus.count, 50)
    for (what, bytes, says) in corpus {
      XCTAssertThrowsError(try TensorFile.decode(bytes, name: "m.safetensors"), what) {
        let error = $0 as? TrainerError
        XCTAssertEqual(error?.kind, .badData, what)
        XCTAssertTrue(error?.message.hasPrefix("m.safetensors ") == true, "\(what): \($0)")
        XCTAssertTrue(error?.message.contains(says) == true, "\(what): \($0)")
      }
    }
  }

  func testManyTensorsAreRefused() {
    let names = (0...65_536).map { "\"\(String($0, radix: 36))\":0" }.joined(separator: ",")
    XCTAssertThrowsError(try TensorFile.decode(file("{\(names)}"), name: "f")) {
      XCTAssertTrue("\($0)".contains("65537 tensors"), "\($0)")
    }
  }

  func testValuesThatAreNotFiniteNameTheirTensor() {
    for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
      let file = TensorFile(tensors: [
        .init("fine", shape: [1], floats: [1]),
        .init("w", shape: [2, 2], floats: [1, 2, value, 4]),
      ])
      XCTAssertThrowsError(try TensorFile.decode(file.encode(), name: "m")) {
        XCTAssertTrue("\($0)".contains("element 2 of tensor \"w\" is not finite"), "\($0)")
      }
    }
    let bits = withUnsafeBytes(of: Double.nan.bitPattern.littleEndian) { Array($0) }
    let file = TensorFile(tensors: [.init("d", type: .f64, shape: [], bytes: bits[...])])
    XCTAssertThrowsError(try TensorFile.decode(file.encode(), name: "m"))
  }

  func testEveryTruncationIsRefused() {
    let bytes = sample.encode()
    for count in 0..<bytes.count {
      XCTAssertThrowsError(try TensorFile.decode(Array(bytes[..<count]), name: "f"), "\(count)")
    }
  }

  /// A damaged header is refused, or is one of another spelling: names and metadata are free text, which
  /// the format does not protect. Types, shapes and values never change silently.
  func testEveryBitFlipOfTheHeaderIsRefusedOrChangesFreeTextOnly() throws {
    let small = TensorFile(
      metadata: ["m": "t"],
      tensors: [
        .init("w", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6]), .init("z", shape: [1], floats: [7]),
      ])
    let bytes = small.encode()
    let headerEnd = bytes.count - 7 * 4
    let header = Array(bytes[..<headerEnd])
    let freeText = Set(
      ["\"m\"", "\"t\"", "\"w\"", "\"z\""].map { quoted in
        let position = (0..<header.count).first {
          header[$0...].starts(with: quoted.utf8)
        }
        return (position ?? -2) + 1
      })
    var accepted = 0
    for bit in 0..<headerEnd * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      do throws(TrainerError) {
        let file = try TensorFile.decode(damaged, name: "f")
        accepted += 1
        XCTAssertEqual(file.tensors.map(\.shape), small.tensors.map(\.shape), "bit \(bit)")
        XCTAssertEqual(file.tensors.map(\.type), small.tensors.map(\.type), "bit \(bit)")
        XCTAssertEqual(file.tensors.map(\.bytes), small.tensors.map(\.bytes), "bit \(bit)")
        XCTAssertTrue(file == small || freeText.contains(bit / 8), "bit \(bit) of byte \(bit / 8)")
      } catch {
        XCTAssertEqual(error.kind, .badData)
      }
    }
    XCTAssertLessThanOrEqual(accepted, 8 * freeText.count + header.filter { $0 == 0x20 }.count * 8)
  }

  func testReadNamesTheFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("model.safetensors")
    try AtomicFile.write(sample.encode(), to: path)
    XCTAssertEqual(try TensorFile.read(path: path).encode(), sample.encode())
    XCTAssertEqual(mkfifo(directory.file("pipe"), 0o600), 0)
    for name in ["absent", ".", "pipe", "model.safetensors/x"] {
      XCTAssertThrowsError(try TensorFile.read(path: directory.file(name)), name) {
        XCTAssertEqual(($0 as? TrainerError)?.kind, .badData)
        XCTAssertTrue("\($0)".contains(directory.file(name)), "\($0)")
      }
    }
    XCTAssertThrowsError(try FileContents.read(path, limit: 100)) {
      XCTAssertTrue("\($0)".contains("100 bytes"), "\($0)")
    }
  }
}
