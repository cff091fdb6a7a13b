import DTrainDist

@testable import DTrainBase
@testable import DTrainData

/// Numbers as text: a line of column names, then a line a row, separated by spaces. It is what the formats' seam must
/// not know: elements of any length, and rows whose place only rank 0's pass over the file tells.
struct LinesFormat: ArrayFormat {
  let name = "lines"
  let endings = [".lines"]

  /// Rows from one place in the index to the next.
  private static let rowsPerPlace = 3

  func matches(_ head: [UInt8]) -> Bool { false }

  func examine(_ file: ExaminedFile) throws -> FileContent {
    let bytes = try file.file.bytes(at: 0, count: file.file.size)
    var starts: [Int] = []
    var place = 0
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast() {
      starts.append(place)
      place += line.count + 1
    }
    guard starts.count > 1, place == bytes.count else {
      throw TrainerError(.badData, "\(file.name): no rows, or an unfinished line")
    }
    let names = String(decoding: bytes[..<(starts[1] - 1)], as: UTF8.self).split(separator: " ")
    var packer = WirePacker()
    let rows = starts.dropFirst()
    packer.pack(stride(from: 0, to: rows.count, by: Self.rowsPerPlace).map { starts[1 + $0] }) {
      $0.pack($1)
    }
    return .array(
      StoredArray(
        in: file, format: self, type: .float64, shape: [rows.count, names.count],
        columnNames: names.map { String($0) }, index: packer.bytes))
  }

  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    try Reader(array, target)
  }

  private final class Reader: RowReader {
    private let name: String
    private let own: (file: DataFile, target: RowTarget)?
    private var place = 0
    private var row = 0
    /// The beginning of a line whose end has not been read.
    private var rest: [UInt8] = []

    init(_ array: StoredArray, _ target: RowTarget?) throws {
      name = array.name
      own = try target.map { (try array.open(), $0) }
      guard let target else { return }
      var unpacker = WireUnpacker(array.index)
      let entry = target.rows.lowerBound / LinesFormat.rowsPerPlace
      place = unpacker.array { $0.integer() }[entry]
      row = entry * LinesFormat.rowsPerPlace
    }

    var fraction: Double {
      own.map { Double(row - $0.target.rows.lowerBound) / Double($0.target.rows.count) } ?? 1
    }

    func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
      guard let (file, target) = own, target.fault == nil else { return false }
      // Few bytes, so that lines are cut anywhere.
      let bytes = try file.bytes(at: place, count: min(buffer.count, 7))
      place += bytes.count
      for byte in bytes where row < target.rows.upperBound {
        guard byte == 10 else {
          rest.append(byte)
          continue
        }
        if row >= target.rows.lowerBound { try put(rest, into: target) }
        rest = []
        row += 1
      }
      return row < target.rows.upperBound
    }

    private func put(_ line: [UInt8], into target: RowTarget) throws {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      let numbers = words.compactMap { Double($0) }
      guard numbers.count == target.columns, words.count == numbers.count else {
        throw TrainerError(.badData, "\(name): line \(row + 2) is not \(target.columns) numbers")
      }
      numbers.withUnsafeBufferPointer { target.put($0, row: row, column: 0) }
    }
  }
}
