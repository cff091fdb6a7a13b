import Glibc

/// A system call on a file that failed: what was being done, where, and the error number.
package struct SystemCallFailure: Error {
  package let action: String
  package let path: String
  package let code: Int32

  /// A failure with the error number of the call just made.
  package init(_ action: String, _ path: String, code: Int32 = errno) {
    self.action = action
    self.path = path
    self.code = code
  }

  /// The failure as the message that a user sees.
  ///
  /// - Parameter kind: what it is, unless the system lacks something.
  package func error(_ kind: TrainerError.Kind) -> TrainerError {
    let lacks = [EMFILE, ENFILE, ENOMEM, ENOBUFS, EIO].contains(code)
    return TrainerError(
      lacks ? .inputOutput : kind, "cannot \(action) \(path.printable): \(reason); \(advice)",
      isOfPermissions: [EACCES, EPERM].contains(code))
  }

  /// What `body` gives; its failure as the message that a user sees.
  package static func reported<R>(
    as kind: TrainerError.Kind, _ body: () throws(SystemCallFailure) -> R
  ) throws(TrainerError) -> R {
    do throws(SystemCallFailure) { return try body() } catch { throw error.error(kind) }
  }

  private var reason: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

  private var advice: String {
    switch code {
    case ENOSPC, EDQUOT: "free space on that file system or choose another place"
    case EFBIG: "raise the limit on the size of files (ulimit -f) or choose another place"
    case EROFS: "that file system is read-only: choose another place"
    case EACCES, EPERM: "check the permissions of the file and its directory"
    case ENOENT: "check the path: a part of it does not exist (every node must see it)"
    case ENOTDIR: "check the path: a part of it is a file, not a directory"
    case EISDIR: "a directory is in the way: move it or choose another name"
    case ENOTEMPTY, EEXIST: "something is in the way: move it or choose another name"
    case ELOOP: "a symbolic link is in the way, or leads to itself: put the file in its place"
    case ENAMETOOLONG: "choose a shorter name"
    case EMFILE, ENFILE: "raise the limit on open files (ulimit -n)"
    case ENOMEM, ENOBUFS:
      "the system refuses memory: use more nodes, or raise its limit (ulimit -v)"
    default: "check that the disk or network file system works"
    }
  }
}
