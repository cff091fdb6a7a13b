import DTrainBase

/// Where one array lies in one file: what rank 0 finds out and every rank reads by.
package struct ArrayLayout {
  /// How the array's bytes (its header and elements) stand in the file.
  package enum Container: Equatable {
    /// The whole file, as it is.
    case plain
    /// The whole file, gzipped.
    case gzip
    /// A member of a zip archive, as it is.
    case stored(crc: UInt32)
    /// A deflated member of a zip archive.
    case deflated(crc: UInt32)
  }

  package let path: String
  /// The member of an archive; empty otherwise.
  package let member: String
  /// Bytes of the file; a rank that sees another size sees another file.
  package let fileSize: Int
  package let container: Container
  /// The array's bytes in the file, compressed or not.
  package let range: Range<Int>
  package let header: ArrayHeader

  /// The array in a message.
  package var name: String { Self.name(path: path, member: member) }

  package static func name(path: String, member: String) -> String {
    member.isEmpty ? path.printable : "\(path.printable) ('\(member.printable)')"
  }

  /// Whether ranks read their rows straight from the file.
  package var isDirect: Bool {
    switch container {
    case .plain, .stored: true
    case .gzip, .deflated: false
    }
  }

  /// Opens the file on this rank and checks that it is the one that rank 0 examined.
  package func open() throws -> DataFile {
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
