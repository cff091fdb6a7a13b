import Glibc

/// A data file as it is named: `FILE`, or `FILE:MEMBER` for one array of a file that holds several.
package struct DataPath: Equatable, Sendable {
  /// The file.
  package let path: String
  /// The array's name in it; nil where none was given.
  package let member: String?

  /// A file, or an array in it.
  package init(path: String, member: String? = nil) {
    self.path = path
    self.member = member
  }

  /// Reads a name. What exists by the whole name is that; otherwise the first colon behind the name of a file that exists
  /// ends it, and a member's name follows.
  package init(_ text: String) {
    let split = Self.exists(text) ? nil : Self.splits(of: text).first { Self.isFile($0.path) }
    self = split ?? DataPath(path: text)
  }

  /// All ways to read a name as that of a member, from the shortest name of a file on.
  static func splits(of text: String) -> [DataPath] {
    text.indices.filter { text[$0] == ":" && $0 > text.startIndex }.map { colon in
      DataPath(
        path: String(text[..<colon]), member: String(text[text.index(after: colon)...]))
    }
  }

  /// Whether something stands at `path`, behind symbolic links.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path.system, &status) == 0
  }

  private static func isFile(_ path: String) -> Bool {
    exists(path) && !FileSystem.isDirectory(path)
  }
}
