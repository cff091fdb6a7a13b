/// A way in which files hold arrays of numbers: how it is recognised, what it says of a file's arrays, and how a rank
/// reads its rows of one. Elements need not have one size, nor rows a place that can be computed.
///
/// To add a format:
///
/// 1. Write `Formats/NAMEFormat.swift` with a type that conforms to this protocol. One whose elements follow each other
///    in one size behind a header conforms to ``PackedFormat``, which reads, and has only ``examine(_:)`` to write.
///    Another one also writes a ``RowReader``, which finds the numbers and hands them to a ``RowTarget``.
/// 2. Add a line to ``DataFormat/all``. `--format`, the recognition of files, `info` and every command that reads
///    arrays know it then. If
///    ``DataFormat`` has named it among what cannot be read, remove it there.
///
/// Rank 0 alone examines a file, and every rank reads. What a reader needs to know and the description of an array does
/// not say (an index of row offsets, the name of a data set) is put into ``StoredArray/index``, whose bytes travel from
/// rank 0 to all.
package protocol ArrayFormat: Sendable {
  /// The name for `--format`, unique among ``DataFormat/all``.
  var name: String { get }
  /// How names of such files end, in lower case, without `.gz`.
  var endings: [String] { get }
  /// Whether a file's content (inflated, if it is gzipped) begins like one of this format; false where files of the
  /// format begin with anything, so that names alone tell it.
  ///
  /// - Parameter head: up to ``DataFormat/headCount`` bytes.
  func matches(_ head: [UInt8]) -> Bool
  /// Whether all files of the format begin in a way that ``matches(_:)`` knows.
  var hasSignature: Bool { get }
  /// Whether ranks look at a file together before it is examined, to count its rows, say.
  var isSurveyed: Bool { get }
  /// What ranks find out together, for ``examine(_:)`` as ``ExaminedFile/survey``; collective over `world`.
  ///
  /// - Parameter options: which columns are wanted, and whether rows with missing values are.
  /// - Throws: `TrainerError` (bad data), agreed by all ranks.
  func survey(
    _ path: String, _ options: DataCatalog.Options, among world: Communicator
  ) throws -> [UInt8]
  /// Whether rows name the columns that are not 0 alone, so that a file can be read with more columns than its own rows
  /// have.
  var isSparse: Bool { get }
  /// Whether columns may hold texts.
  var holdsTexts: Bool { get }
  /// What files that belong together say of each other: arrays that are read as one, as they are beside `others`, which
  /// are read for the same run. On rank 0 alone.
  func agreeing(_ arrays: [StoredArray], with others: [StoredArray]) -> [StoredArray]
  /// Describes the arrays of a file, on rank 0 alone; rows are not read.
  ///
  /// - Throws: `TrainerError` (bad data) for a file that is damaged, or that no run can use.
  func examine(_ file: ExaminedFile) throws -> FileContent
  /// Opens an array on this rank. Every rank does so, those without rows too, at the same time.
  ///
  /// - Parameters:
  ///   - array: as ``examine(_:)`` described it on rank 0.
  ///   - target: what takes this rank's rows, whose range it names; nil where there is nothing to read.
  ///   - topology: where readers on a node share what one of them reads.
  /// - Throws: `TrainerError` where the file is missing here or is not the one that rank 0 examined. A reader that takes
  ///   part in what its node does together keeps that for ``RowReader/readPiece(_:)``, so that nobody waits for it.
  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader
  /// What of the file is no part of the array.
  func passedOver(of array: StoredArray) -> PassedOver
  /// What `info` says of an array beside its shape and type: how it is laid out in the file.
  func details(of array: StoredArray) -> [JSON.Member]
}

extension ArrayFormat {
  /// Nothing.
  package func details(of array: StoredArray) -> [JSON.Member] { [] }
}

extension ArrayFormat {
  /// Files may begin with anything.
  package var hasSignature: Bool { false }
  /// Most files say it themselves.
  package var isSurveyed: Bool { false }
  package func survey(
    _ path: String, _ options: DataCatalog.Options, among world: Communicator
  ) throws -> [UInt8] { [] }
  package var isSparse: Bool { false }
  package var holdsTexts: Bool { false }
  package func passedOver(of array: StoredArray) -> PassedOver { PassedOver() }
  package func agreeing(
    _ arrays: [StoredArray], with others: [StoredArray]
  ) -> [StoredArray] { arrays }
}

/// One rank's reading of its rows of one array, piece by piece. What is found wrong with a number is noted by the
/// ``RowTarget``; what else goes wrong is thrown, and ends this rank's reading. All ranks ask each other now and then
/// whether any has failed, and then stop together: see ``ArrayReading``.
package protocol RowReader: AnyObject {
  /// Reads on; false when there is nothing left.
  ///
  /// A reader that works with others of its node makes the same calls as they do: all of them end with the same piece,
  /// with false or with an error. Others do best to end once the target has noted a fault.
  ///
  /// - Parameter buffer: ``ArrayReading/pieceBytes`` bytes on a multiple of 64, for whatever the reader likes; about as
  ///   much as a piece should take from the file.
  func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool
  /// The part of this rank's reading that is done, in 0...1; for people, so about right is good enough.
  var fraction: Double { get }
  /// Checks what no rank can check alone, once all ranks have read their rows without a fault; collective over `world`.
  /// A rank that fails takes part to the end before it throws.
  func verify(_ buffer: UnsafeMutableRawBufferPointer, among world: Communicator) throws
}

extension RowReader {
  package func verify(
    _ buffer: UnsafeMutableRawBufferPointer, among world: Communicator
  ) throws {}
}

/// What of a file is no part of its array, and should be known.
package struct PassedOver {
  /// Rows that are left out, because values are missing in them.
  package var rows = 0
  /// Comments between rows.
  package var comments = 0
  /// Whether the first row was taken for names, although it could as well be one of texts.
  package var isDoubtfulHeader = false
}
