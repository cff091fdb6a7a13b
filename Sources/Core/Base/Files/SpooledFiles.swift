import Synchronization

/// Copies of what cannot be read at any place as it is: of pipes, which can be read once and in order only, and of
/// gzipped texts. Each is a file without a name that one process of the node keeps open.
package enum SpooledFiles {
  private struct Copy {
    let path: String
    /// The copy, where this process keeps it.
    let file: NamelessFile?
    /// Whether it is all that is left of what was copied.
    let isOfPipe: Bool
  }

  private static let copies = Mutex<[String: Copy]>([:])

  /// The path by which the copy of a file is opened; nil for what was not copied.
  package static func path(of name: String) -> String? { copies.withLock { $0[name]?.path } }

  /// Reads `name` from `path` from now on.
  ///
  /// - Parameters:
  ///   - file: the copy, where this process keeps it.
  ///   - isOfPipe: whether it is kept for as long as the process lives; so is what replaces it.
  package static func add(
    _ name: String, at path: String, keeping file: NamelessFile?, isOfPipe: Bool
  ) {
    copies.withLock {
      let isOfPipe = isOfPipe || $0[name]?.isOfPipe == true
      $0[name] = Copy(path: path, file: file, isOfPipe: isOfPipe)
    }
  }

  /// Reads these files themselves again, if they are no pipes: they may have changed.
  package static func forget(_ names: [String]) {
    copies.withLock { copies in
      for name in names where copies[name]?.isOfPipe == false { copies[name] = nil }
    }
  }
}
