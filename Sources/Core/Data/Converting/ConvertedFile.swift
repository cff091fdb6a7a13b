/// A file in the making of which rank 0 writes the bytes in order, and every rank makes some: sections of rows, each with
/// what stands before and behind it.
struct ConvertedFile {
  let path: String
  let sections: [Section]
  /// What ends the file, by what was written of the sections.
  var end: ([Written]) -> [UInt8] = { _ in [] }

  /// Rows of arrays that are read together.
  struct Section {
    /// What stands before the section's content; not part of its checksum.
    var prefix: [UInt8] = []
    /// What the content begins with.
    var head: [UInt8] = []
    /// The arrays that the rows consist of, of one number of rows.
    let arrays: [ArraySource]
    /// The places among them of those in which NaN and infinity have no meaning.
    var finite: Set<Int> = []
    /// The bytes of some rows, those of each array, of which the first is the row of that number. Made by every rank.
    let encode: (_ rows: [StoredRows], _ first: Int) -> [UInt8]
    /// What follows the content.
    var suffix: (Written) -> [UInt8] = { _ in [] }
  }

  /// What was written of a section.
  struct Written {
    /// The byte at which its prefix begins.
    let start: Int
    /// Of its content: the bytes, and their CRC-32.
    var count = 0
    var crc: UInt32 = 0
  }
}

/// A format that data are converted to.
///
/// To add one, write `Converting/NAMEForm.swift` with a type that conforms, and add a line to ``ConvertedForms/all``.
protocol ConvertedForm: Sendable {
  /// How the names of its files end, in lower case.
  var endings: [String] { get }
  /// Whether a file holds one array alone, so that labels go to a file of their own.
  var isOneArray: Bool { get }
  /// Whether a file has a place for rows to test on beside those to train on.
  var holdsTests: Bool { get }
  /// Lays out the files.
  ///
  /// - Throws: `TrainerError(.usage)` for what the format cannot hold.
  func files(of data: ConvertedData) throws -> [ConvertedFile]
}

/// What is converted: rows and their labels, and maybe others to test on.
struct ConvertedData {
  let path: String
  /// Where labels go if the file holds one array alone.
  let labelsPath: String
  let rows: ArraySource
  let labels: ArraySource?
  let testRows: ArraySource?
  let testLabels: ArraySource?

  /// Refuses columns of texts among the rows, which have no numbers of their own.
  func checkNumbers() throws {
    try rows.checkNumbers()
    try testRows?.checkNumbers()
  }
}

/// The formats that data are converted to.
enum ConvertedForms {
  static let all: [any ConvertedForm] = [
    NPYForm(), NPZForm(), TextForm.csv, TextForm.tsv, SparseForm(), IDXForm(),
  ]

  /// The form for a file of that name, by its ending; nil where there is none.
  static func form(for path: String) -> (any ConvertedForm)? {
    let path = path.lowercased()
    return all.first { $0.endings.contains { path.hasSuffix($0) } }
  }
}

extension ArraySource {
  /// Refuses columns of texts, which the form cannot hold.
  ///
  /// - Throws: `TrainerError(.badData)` with the first.
  fileprivate func checkNumbers() throws(TrainerError) {
    guard let part = plan.parts.first(where: { !$0.texts.isEmpty }) else { return }
    let column = part.stored.lowerBound
    let label = arrays[0].columnNames.columnLabel(column)
    throw TrainerError(
      .badData,
      "\(self.name): \(label) holds texts, such as '\(part.texts[0].printable)'; convert to .csv, replace them "
        + "by numbers, or leave the column out with \(parameter: "drop")")
  }
}
