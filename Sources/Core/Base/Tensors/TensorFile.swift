/// The content of a safetensors file: named tensors and text about them.
public struct TensorFile: Equatable, Sendable {
  /// The types of elements that are read, in the order in which their tensors are written.
  public enum ElementType: String, Sendable, CaseIterable {
    /// 64-bit signed integer.
    case i64 = "I64"
    /// 64-bit float.
    case f64 = "F64"
    /// 32-bit float.
    case f32 = "F32"
    /// 32-bit signed integer.
    case i32 = "I32"
    /// 16-bit float with 8 bits of exponent, the upper half of a 32-bit float.
    case bf16 = "BF16"
    /// 16-bit float of IEEE 754.
    case f16 = "F16"
    /// Byte.
    case u8 = "U8"

    /// The floats among them.
    package static let floats = allCases.filter(\.isFloat)

    /// Whether elements are floats.
    package var isFloat: Bool {
      switch self {
      case .f64, .f32, .bf16, .f16: true
      case .i64, .i32, .u8: false
      }
    }

    /// The bytes of one element.
    public var byteCount: Int {
      switch self {
      case .f64, .i64: 8
      case .f32, .i32: 4
      case .f16, .bf16: 2
      case .u8: 1
      }
    }
  }

  /// One tensor, row-major, little-endian.
  public struct Tensor: Equatable, Sendable {
    /// The name, unique in the file: 1 to 512 bytes without control characters.
    public let name: String
    /// The type of the elements.
    public let type: ElementType
    /// The extents, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The elements: as many bytes as shape and type say; those of a file that was read are not copied.
    public let bytes: ArraySlice<UInt8>

    /// A tensor of these bytes; a count of bytes that does not fit the shape is a programmer's error.
    public init(_ name: String, type: ElementType, shape: [Int], bytes: ArraySlice<UInt8>) {
      precondition(
        TensorFile.byteCount(type, shape) == bytes.count, "tensor \(name) does not fit its shape")
      self.name = name
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// A float32 tensor with a copy of `values`, row-major.
    ///
    /// - Complexity: O(values).
    public init(_ name: String, shape: [Int], floats values: UnsafeBufferPointer<Float>) {
      self.init(name, type: .f32, shape: shape, bytes: [UInt8](UnsafeRawBufferPointer(values))[...])
    }

    /// A float32 tensor of these values, row-major.
    ///
    /// - Complexity: O(values).
    public init(_ name: String, shape: [Int], floats values: [Float]) {
      self = values.withUnsafeBufferPointer { Tensor(name, shape: shape, floats: $0) }
    }

    /// The elements of a float32 tensor, row-major; nil for other types.
    ///
    /// - Complexity: O(values).
    public var floats: [Float]? { type == .f32 ? elements() : nil }

    /// The elements of a float64 tensor, row-major; nil for other types.
    ///
    /// - Complexity: O(values).
    public var doubles: [Double]? { type == .f64 ? elements() : nil }

    private func elements<Element: BitwiseCopyable>() -> [Element] {
      let elementCount = bytes.count / MemoryLayout<Element>.stride
      return [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
        count = elementCount
        UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
      }
    }
  }

  /// Text by name, written as `__metadata__`, in the order of the names.
  public var metadata: [String: String]
  /// The tensors. They are written by type, then by name; read in file order.
  public var tensors: [Tensor]

  /// A file with these tensors.
  public init(metadata: [String: String] = [:], tensors: [Tensor] = []) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The tensor called `name`.
  ///
  /// - Complexity: O(tensors).
  public subscript(name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// The longest header that is written or read, in bytes: that of the reference implementation.
  package static let headerLimit = 100_000_000
  /// The most tensors that are read.
  static let tensorLimit = 65_536
  /// The longest name of a tensor, in bytes of UTF-8.
  static let nameLimit = 512

  /// The bytes that a tensor takes; nil where an extent is negative or the product does not fit.
  package static func byteCount(_ type: ElementType, _ shape: [Int]) -> Int? {
    var count = type.byteCount
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name != "__metadata__" && name.utf8.count <= nameLimit
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }
}
