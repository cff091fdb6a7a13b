import Glibc

/// Some rows of an array as they are stored, `[rows, columns]`, in this machine's byte order.
final class StoredRows {
  let count, columns: Int
  let type: ScalarType
  let base: UnsafeMutableRawPointer
  /// The texts that some of the numbers stand for.
  let texts = CopiedTexts()

  /// Reserves memory for rows.
  ///
  /// - Throws: `TrainerError(.inputOutput)` when there is not enough memory.
  init(count: Int, columns: Int, type: ScalarType, of name: String) throws {
    (self.count, self.columns, self.type) = (count, columns, type)
    base = try Memory.reserve(
      count * columns * type.size, alignment: 64, for: "\(count.counted("row")) of \(name)")
  }

  deinit { free(base) }

  /// The elements' bytes in row-major order.
  func bytes(isBigEndian: Bool) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer(start: base, count: count * columns * type.size)
    guard isBigEndian != (1.bigEndian == 1), type.size > 1 else { return Array(memory) }
    var bytes = Array(memory)
    for start in stride(from: 0, to: bytes.count, by: type.size) {
      bytes[start..<start + type.size].reverse()
    }
    return bytes
  }

  /// A number at a place in row-major order.
  @inline(__always)
  func number(_ place: Int) -> StoredNumber {
    func load<T>(_ type: T.Type) -> T { base.assumingMemoryBound(to: T.self)[place] }
    return switch type {
    case .bool: .integer(load(UInt8.self) == 0 ? 0 : 1)
    case .uint8: .integer(Int64(load(UInt8.self)))
    case .int8: .integer(Int64(load(Int8.self)))
    case .uint16: .integer(Int64(load(UInt16.self)))
    case .int16: .integer(Int64(load(Int16.self)))
    case .uint32: .integer(Int64(load(UInt32.self)))
    case .int32: .integer(Int64(load(Int32.self)))
    case .uint64: .large(load(UInt64.self))
    case .int64: .integer(load(Int64.self))
    case .float16: .single(Float(half: load(UInt16.self)))
    case .float32: .single(load(Float.self))
    case .float64: .double(load(Double.self))
    }
  }
}

/// A number as text writes it.
enum StoredNumber {
  case integer(Int64)
  case large(UInt64)
  case single(Float)
  case double(Double)

  /// Whether every bit of it says 0; a negative zero is not.
  var isZero: Bool {
    switch self {
    case .integer(let value): value == 0
    case .large(let value): value == 0
    case .single(let value): value.bitPattern == 0
    case .double(let value): value.bitPattern == 0
    }
  }

  /// The place of a text among those of its column; nil where it is missing.
  var code: Int? {
    switch self {
    case .integer(let value): Int(value)
    case .large(let value): Int(value)
    case .single(let value): Int(exactly: value)
    case .double(let value): Int(exactly: value)
    }
  }

  /// Appends the shortest digits that read back: whole numbers without a point.
  @inline(__always)
  func append(to text: inout [UInt8]) {
    switch self {
    case .integer(let value): Self.append(value, to: &text)
    case .large(let value): text.append(contentsOf: value.description.utf8)
    case .single(let value): Self.append(value, whole: 0x1p24, to: &text)
    case .double(let value): Self.append(value, whole: 0x1p53, to: &text)
    }
  }

  @inline(__always)
  private static func append<F: BinaryFloatingPoint & LosslessStringConvertible>(
    _ value: F, whole limit: F, to text: inout [UInt8]
  ) {
    if abs(value) < limit, value.rounded(.towardZero) == value {
      if value == 0, value.sign == .minus { text.append(UInt8(ascii: "-")) }
      append(Int64(value), to: &text)
    } else {
      text.append(contentsOf: value.description.utf8)
    }
  }

  @inline(__always)
  private static func append(_ value: Int64, to text: inout [UInt8]) {
    if value >= 0, value < 10 {
      text.append(0x30 + UInt8(value))
    } else {
      text.append(contentsOf: value.description.utf8)
    }
  }
}
