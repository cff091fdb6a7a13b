import Glibc

/// Questions to the file system, and what is done to whole trees of it.
package enum FileSystem {
  /// What relative paths start from; empty where the system does not say.
  package static var workingDirectory: String {
    guard let text = getcwd(nil, 0) else { return "" }
    defer { free(text) }
    return String(system: text)
  }

  /// The absolute path of what stands at `path`, without symbolic links; nil where nothing does.
  package static func resolved(_ path: String) -> String? {
    guard let text = realpath(path.system, nil) else { return nil }
    defer { free(text) }
    return String(system: text)
  }

  /// Whether a directory stands at `path`.
  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path.system, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a file is that is no plain one, behind `is`, by what `stat` says of it.
  package static func kind(of status: stat) -> String {
    switch status.st_mode & S_IFMT {
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFLNK: "a symbolic link"
    case S_IFREG: "a file"
    default: "a device"
    }
  }

  /// Refuses what cannot be looked at for want of permissions, and would seem to be missing.
  package static func checkAccess(to path: String) throws(SystemCallFailure) {
    var status = stat()
    if lstat(path.system, &status) != 0, errno == EACCES {
      throw SystemCallFailure("open", path)
    }
  }

  /// The path of an entry of a directory, whose name may end in a slash.
  package static func path(of name: String, in directory: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// Whether anything stands at `path`, be it a symbolic link to nothing.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path.system, &status) == 0
  }

  /// Removes a file, or a directory with all that is in it; symbolic links are removed, not followed, even where they
  /// take a directory's place meanwhile.
  package static func removeTree(_ path: String) throws(SystemCallFailure) {
    try remove(path, in: AT_FDCWD, of: path)
  }

  /// Removes an entry of an open directory.
  private static func remove(
    _ name: String, in directory: Int32, of path: String
  ) throws(SystemCallFailure) {
    if unlinkat(directory, name.system, 0) == 0 { return }
    guard errno == EISDIR || errno == EPERM else { throw SystemCallFailure("remove", path) }
    let inner = openat(directory, name.system, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard inner >= 0 else { throw SystemCallFailure("remove", path) }
    // `fdopendir` takes the descriptor; one stays.
    defer { close(inner) }
    let names = try entries(dup(inner), of: path)
    for name in names { try remove(name, in: inner, of: "\(path)/\(name)") }
    guard unlinkat(directory, name.system, AT_REMOVEDIR) == 0 else {
      throw SystemCallFailure("remove", path)
    }
  }

  /// The names in a directory, in no order.
  package static func entries(of path: String) throws(SystemCallFailure) -> [String] {
    try entries(open(path.system, O_RDONLY | O_DIRECTORY | O_CLOEXEC), of: path)
  }

  /// The same of an open directory, which is closed.
  private static func entries(
    _ descriptor: Int32, of path: String
  ) throws(SystemCallFailure) -> [String] {
    guard descriptor >= 0 else { throw SystemCallFailure("list", path) }
    guard let directory = fdopendir(descriptor) else {
      close(descriptor)
      throw SystemCallFailure("list", path)
    }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(system: $0.prefix { $0 != 0 })
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SystemCallFailure("list", path) }
    return names
  }
}
