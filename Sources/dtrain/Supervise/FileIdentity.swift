import Glibc

/// What tells a file from another one that later has its name.
struct FileIdentity: Equatable {
  private let number: UInt64
  private let seconds: Int
  private let nanoseconds: Int

  /// Of what stands at `path`; nil where nothing does.
  init?(_ path: String) {
    var status = stat()
    guard lstat(path.system, &status) == 0 else { return nil }
    // Numbers of files are used again, so the time of the last change is part of it.
    number = UInt64(status.st_ino)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
