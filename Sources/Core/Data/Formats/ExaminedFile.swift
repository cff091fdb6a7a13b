/// A data file that rank 0 looks into.
package struct ExaminedFile {
  package let file: DataFile
  /// The name of the one array that is wanted; nil for all. A format may describe that one alone.
  package let member: String?
  /// Whether its content is inflated before it is looked at.
  package let isGzipped: Bool
  /// What ranks found out together; nil where only this one looks.
  package let survey: [UInt8]?
  /// Which columns are wanted where only this one looks.
  let options: DataCatalog.Options

  package var path: String { file.path }
  /// The file in a message.
  package var name: String { path.printable }

  /// Opens a file.
  ///
  /// - Throws: `TrainerError` (bad data) where it is missing, unreadable or not a regular file.
  package init(
    _ named: DataPath, survey: [UInt8]? = nil, options: DataCatalog.Options = .init(data: [])
  ) throws {
    (self.survey, self.options) = (survey, options)
    file = try DataFile(path: named.path)
    member = named.member
    isGzipped = try file.bytes(at: 0, count: 2) == [0x1f, 0x8b]
  }

  /// The first bytes of the content, at most `count`.
  package func head(_ count: Int) throws -> [UInt8] {
    guard isGzipped else { return try file.bytes(at: 0, count: count) }
    return try InflateStream(file: file, range: 0..<file.size, wrapping: .gzip, name: name)
      .head(count: count)
  }
}

/// What a file holds.
package enum FileContent {
  /// One array, or several in the order in which the file lists them.
  case array(StoredArray)
  case members([Member])

  /// What may be one of several arrays. Members that a run does not use are not examined.
  package struct Member {
    /// The name in the file, for messages.
    package let name: String
    /// The name by which it is chosen (`x`, `y_train`, …); nil for what is not an array of numbers.
    package let key: String?
    package let examine: () throws -> StoredArray
  }
}
