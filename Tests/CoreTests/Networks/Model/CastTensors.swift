import DTrainBase
import XCTest

extension TensorFile.Tensor {
  /// A float32 tensor as another program casts it.
  func cast(to type: TensorFile.ElementType) throws -> TensorFile.Tensor {
    let values = try XCTUnwrap(floats, name)
    func little<Bits: FixedWidthInteger>(_ bits: (Float) -> Bits) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: bits(value).littleEndian) { Array($0) } }
    }
    let bytes: [UInt8]
    switch type {
    case .f64: bytes = little { Double($0).bitPattern }
    case .f32: bytes = little(\.bitPattern)
    case .f16: bytes = little { Float16($0).bitPattern }
    case .bf16:
      // The upper half, rounded to nearest with ties to even.
      bytes = little { UInt16(($0.bitPattern + 0x7fff + $0.bitPattern >> 16 & 1) >> 16) }
    case .i64, .i32, .u8: preconditionFailure("\(type) is no float")
    }
    return .init(name, type: type, shape: shape, bytes: bytes[...])
  }

  /// The same tensor under another name.
  func named(_ name: String) -> TensorFile.Tensor {
    .init(name, type: type, shape: shape, bytes: bytes)
  }
}
