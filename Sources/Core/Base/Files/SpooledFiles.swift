import Synchronization

/// Copies of what came through pipes, which can be read once and in order only: each is a file without a name that one
/// process of the node keeps open for as long as it lives.
package enum SpooledFiles {
  /// What this process reads instead of the pipe of that name, and the copies that it keeps itself.
  private static let copies = Mutex<(paths: [String: String], own: [NamelessFile])>(([:], []))

  /// The path by which the copy of a pipe is opened; nil for what was not copied.
  package static func path(of name: String) -> String? { copies.withLock { $0.paths[name] } }

  /// Reads the pipe `name` from `path` from now on.
  ///
  /// - Parameter file: the copy, where this process keeps it.
  package static func add(_ name: String, at path: String, keeping file: NamelessFile?) {
    copies.withLock {
      $0.paths[name] = path
      if let file { $0.own.append(file) }
    }
  }
}
