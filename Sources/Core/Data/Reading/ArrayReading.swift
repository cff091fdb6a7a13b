/// One collective reading of the arrays of a source: every rank its own rows, in pieces.
///
/// After some pieces all ranks ask each other whether any of them has failed: a fault is known long before a large file
/// is read, and no rank waits for one that has stopped.
struct ArrayReading {
  private let source: ArraySource
  private let rows: Range<Int>
  private let topology: NodeTopology
  private let keepsNonFinite: Bool
  private let sample: NumberSample?
  private let isBlock: Bool

  /// Bytes of a piece.
  static let pieceBytes = 4 << 20
  /// Pieces after which all ranks ask each other whether to go on.
  private static let piecesPerRound = 16

  /// - Parameters:
  ///   - keepsNonFinite: whether NaN and infinity are read as they are, instead of being refused.
  ///   - sample: takes some of the numbers as they are stored.
  ///   - isBlock: whether these rows are a small part of what is read, so that whoever reads the parts says how far that is.
  init(
    _ source: ArraySource, rows: Range<Int>, topology: NodeTopology, keepsNonFinite: Bool = false,
    sample: NumberSample? = nil, isBlock: Bool = false
  ) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= source.rows, "rows \(rows) of \(source.rows)")
    self.source = source
    self.rows = rows
    self.topology = topology
    self.keepsNonFinite = keepsNonFinite
    self.sample = sample
    self.isBlock = isBlock
  }

  /// Fills the memory of this rank's rows.
  ///
  /// - Parameter memory: for the rows and selected columns, nil for no rows; or why this rank has none.
  func read(into memory: Result<RowTarget.Memory?, any Error>) throws {
    var failure: (any Error)?
    if case .failure(let error) = memory { failure = error }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceBytes, alignment: 64)
    defer { buffer.deallocate() }
    var firstRow = 0
    for array in source.arrays {
      let arrayRows = firstRow..<firstRow + array.rows
      firstRow = arrayRows.upperBound
      let own = rows.clamped(to: arrayRows)
      var target: RowTarget?
      if !own.isEmpty, let memory = try? memory.get() {
        target = RowTarget(
          memory.advanced(by: (own.lowerBound - rows.lowerBound) * source.columns),
          rows: own.lowerBound - arrayRows.lowerBound..<own.upperBound - arrayRows.lowerBound,
          columns: array.columns, plan: source.plan, keepsNonFinite: keepsNonFinite,
          sample: sample.map { ($0, firstRow: arrayRows.lowerBound) })
      }
      guard try read(array, from: arrayRows.lowerBound, into: target, buffer, &failure) else {
        break
      }
    }
    try topology.world.agree { if let failure { throw failure } }
  }

  /// Reads own rows of one array, all ranks in rounds; false where any rank has failed at that.
  ///
  /// - Parameter first: the number of the array's first row among those of the source.
  private func read(
    _ array: StoredArray, from first: Int, into target: RowTarget?,
    _ buffer: UnsafeMutableRawBufferPointer,
    _ failure: inout (any Error)?
  ) throws -> Bool {
    var reader: (any RowReader)?
    do {
      reader = try array.format.reader(of: array, into: target, topology: topology)
    } catch {
      failure = failure ?? error
    }
    var isReading = reader != nil
    var state = State.reading
    while state == .reading {
      var pieces = 0
      while isReading, let reader, pieces < Self.piecesPerRound {
        do {
          isReading = try reader.readPiece(buffer)
        } catch {
          failure = failure ?? error
          isReading = false
        }
        pieces += 1
        if isBlock {
          Progress.beat()
        } else {
          // Ranks read side by side: this one's part tells how much is read by all.
          Activity.advance(
            first + Int(reader.fraction * Double(array.rows)), of: source.rows, "row")
        }
      }
      if failure == nil, let fault = target?.fault {
        failure = TrainerError(
          .badData,
          "\(array.name): the element at row \(fault.row), column \(fault.column) (counting from 0) "
            + fault.reason)
      }
      let own: State = failure != nil ? .failed : isReading ? .reading : .done
      state = State(rawValue: try topology.world.allReduce(own.rawValue, .maximum))!
    }
    guard state == .done, let reader else { return false }
    do { try reader.verify(buffer, among: topology.world) } catch { failure = error }
    return true
  }

  /// How far a rank is with an array; of all ranks, the highest counts.
  private enum State: Int { case done, reading, failed }
}
