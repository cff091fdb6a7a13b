import DTrainBase

/// Writes one array of numbers as a NumPy file (NPY version 1, C order), in pieces.
///
/// The file appears under its name only when ``finish()`` has been called.
public final class NPYWriter {
  /// The types written.
  public enum Element: String, Sendable {
    /// IEEE 754 binary32.
    case float32 = "<f4"
    /// Signed integers of 32 bits.
    case int32 = "<i4"
  }

  private let file: AtomicFile
  private let element: Element
  private var remaining: Int

  /// Begins a file of the given shape: `[rows]` or `[rows, columns]`.
  ///
  /// Throws `TrainerError` (input/output) where it cannot be made.
  public init(path: String, shape: [Int], element: Element) throws {
    precondition(!shape.isEmpty && shape.allSatisfy { $0 >= 0 }, "shape \(shape)")
    self.element = element
    remaining = shape.reduce(1, *)
    file = try AtomicFile(path: path)
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array(
      "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    // Elements begin at a multiple of 64, as NumPy has them.
    header += [UInt8](repeating: 0x20, count: 63 - (10 + header.count) % 64) + [0x0a]
    let length = [UInt8(header.count & 0xff), UInt8(header.count >> 8)]
    try file.append(NPYHeader.magic + [1, 0] + length + header)
  }

  /// Appends elements in row-major order to a `float32` file.
  public func append(_ values: [Float]) throws {
    precondition(element == .float32, "floats for a file of \(element)")
    try append(values.map(\.bitPattern))
  }

  /// Appends elements in row-major order to an `int32` file.
  public func append(_ values: [Int32]) throws {
    precondition(element == .int32, "integers for a file of \(element)")
    try append(values.map { UInt32(bitPattern: $0) })
  }

  private func append(_ bits: [UInt32]) throws {
    remaining -= bits.count
    precondition(remaining >= 0, "more elements than the shape has")
    try bits.map(\.littleEndian).withUnsafeBytes { try file.append($0) }
  }

  /// Completes the file; all elements of the shape must have been appended.
  public func finish() throws {
    precondition(remaining == 0, "\(remaining) elements are missing")
    try file.commit()
  }

  /// Writes a whole array of floats of the given shape.
  public static func write(_ values: [Float], shape: [Int], to path: String) throws {
    let writer = try NPYWriter(path: path, shape: shape, element: .float32)
    try writer.append(values)
    try writer.finish()
  }

  /// Writes a whole array of integers of the given shape.
  public static func write(_ values: [Int32], shape: [Int], to path: String) throws {
    let writer = try NPYWriter(path: path, shape: shape, element: .int32)
    try writer.append(values)
    try writer.finish()
  }
}
