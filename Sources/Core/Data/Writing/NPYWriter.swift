/// Writes one array of numbers as a NumPy file (NPY version 1, C order).
package final class NPYWriter: PlacedArrayWriter {
  package static let ending = ".npy"

  private let file: AtomicFile
  private let element: WrittenElement
  private var remaining: Int

  package init(
    path: String, shape: [Int], element: WrittenElement, columns: WrittenColumns = .init([]),
    isDurable: Bool = true
  ) throws {
    precondition(!shape.isEmpty && shape.allSatisfy { $0 >= 0 }, "shape \(shape)")
    self.element = element
    remaining = shape.reduce(1, *)
    file = try AtomicFile(path: path, isDurable: isDurable)
    let type =
      switch element {
      case .float32: "<f4"
      case .float64: "<f8"
      case .int32: "<i4"
      }
    try file.append(Self.header(type: type, shape: shape))
  }

  /// What stands before the elements.
  ///
  /// - Parameter type: as NumPy spells it: `<f4`.
  package static func header(type: String, shape: [Int]) -> [UInt8] {
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array(
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    // Elements begin at a multiple of 64, as NumPy has them.
    header += [UInt8](repeating: 0x20, count: 63 - (10 + header.count) % 64) + [0x0a]
    let length = [UInt8(header.count & 0xff), UInt8(header.count >> 8)]
    return NPYFormat.magic + [1, 0] + length + header
  }

  package func append(_ values: [Float]) throws {
    precondition(element == .float32, "floats for a file of \(element)")
    try append(values.map(\.bitPattern))
  }

  package func append(_ values: [Double]) throws {
    precondition(element == .float64, "doubles for a file of \(element)")
    try append(values.map(\.bitPattern))
  }

  package func append(_ values: [Int32]) throws {
    precondition(element == .int32, "integers for a file of \(element)")
    try append(values.map { UInt32(bitPattern: $0) })
  }

  private func append(_ bits: [some FixedWidthInteger]) throws {
    remaining -= bits.count
    precondition(remaining >= 0, "more elements than the shape has")
    try bits.map(\.littleEndian).withUnsafeBytes { try file.append($0) }
  }

  package func place() throws -> (file: FilePlaces.Address, start: Int) {
    precondition(1.littleEndian == 1, "numbers in memory are not as in the file")
    remaining = 0
    return (try FilePlaces.Address(of: file), try file.unfinished().bytes)
  }

  package func finish() throws {
    precondition(remaining == 0, "\(remaining) elements are missing")
    try file.commit()
  }

  /// Writes a whole array of floats of the given shape.
  package static func write(_ values: [Float], shape: [Int], to path: String) throws {
    let writer = try NPYWriter(path: path, shape: shape, element: .float32)
    try writer.append(values)
    try writer.finish()
  }

  /// The same of Doubles.
  package static func write(doubles values: [Double], shape: [Int], to path: String) throws {
    let writer = try NPYWriter(path: path, shape: shape, element: .float64)
    try writer.append(values)
    try writer.finish()
  }
}
