import Glibc

/// Questions to the file system, and what is done to whole trees of it.
package enum FileSystem {
  /// What relative paths start from; empty where the system does not say.
  package static var workingDirectory: String {
    guard let text = getcwd(nil, 0) else { return "" }
    defer { free(text) }
    return String(cString: text)
  }

  /// Whether a directory stands at `path`.
  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether anything stands at `path`, be it a symbolic link to nothing.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Removes a file, or a directory with all that is in it; symbolic links are removed, not followed.
  package static func removeTree(_ path: String) throws(SystemCallFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw SystemCallFailure("remove", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      guard unlink(path) == 0 else { throw SystemCallFailure("remove", path) }
      return
    }
    for name in try entries(of: path) { try removeTree("\(path)/\(name)") }
    guard rmdir(path) == 0 else { throw SystemCallFailure("remove", path) }
  }

  /// The names in a directory, in no order.
  package static func entries(of path: String) throws(SystemCallFailure) -> [String] {
    guard let directory = opendir(path) else { throw SystemCallFailure("list", path) }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SystemCallFailure("list", path) }
    return names
  }
}
