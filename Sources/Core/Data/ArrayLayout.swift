/// Where one array lies in one file: what rank 0 finds out and every rank reads by.
struct ArrayLayout {
  /// How the array's bytes (its header and elements) stand in the file.
  enum Container: Equatable {
    /// The whole file, as it is.
    case plain
    /// The whole file, gzipped.
    case gzip
    /// A member of a zip archive, as it is.
    case stored(crc: UInt32)
    /// A deflated member of a zip archive.
    case deflated(crc: UInt32)
  }

  let path: String
  /// The member of an archive; empty otherwise.
  let member: String
  /// Bytes of the file; a rank that sees another size sees another file.
  let fileSize: Int
  let container: Container
  /// The array's bytes in the file, compressed or not.
  let range: Range<Int>
  let header: ArrayHeader

  /// The array in a message.
  var name: String { Self.name(path: path, member: member) }

  static func name(path: String, member: String) -> String {
    member.isEmpty ? path.printable : "\(path.printable) ('\(member.printable)')"
  }

  /// Whether ranks read their rows straight from the file.
  var isDirect: Bool {
    switch container {
    case .plain, .stored: true
    case .gzip, .deflated: false
    }
  }

  /// Opens the file on this rank and checks that it is the one that rank 0 examined.
  func open() throws -> DataFile {
    let file = try DataFile(path: path)
    guard file.size == fileSize else {
      throw TrainerError(
        .badData,
        "\(path.printable) has \(file.size) bytes here but had \(fileSize) when it was examined; "
          + "every node must see the same, finished file")
    }
    return file
  }
}
