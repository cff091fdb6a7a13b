internal import CLinux
import Glibc

/// Where the launcher's process on this node keeps what ranks tell each other while they start: two files that PMIx 4
/// makes when the first rank connects.
///
/// Where they cannot be made, PMIx prints a screen of text that names no limit, and mpirun may wait for ever.
enum LauncherStore {
  /// The size of each file, which PMIx reserves at once (`NS_META_SEG_SIZE` and `NS_DATA_SEG_SIZE`).
  private static let segmentBytes = 4 << 20
  /// What their names begin with.
  private static let segmentPrefixes = ["smseg-", "smdataseg-"]

  /// Refuses a launcher that may not write files of that size, or has no room for them. Another store than that of
  /// PMIx 4 is not judged.
  static func check() throws(ResourceShortage) {
    guard let variable = getenv("PMIX_DSTORE_21_BASE_PATH") else { return }
    let directory = String(cString: variable)
    if let limit = fileLimit(in: directory), limit < segmentBytes {
      throw ResourceShortage(
        "the launcher may write files of \(limit >> 10) KiB, and takes \(segmentBytes >> 10) KiB for those by which ranks "
          + "find each other; raise the limit on the size of files where it is started (ulimit -f)")
    }
    // In this order a file that is made meanwhile is no false alarm.
    guard let room = room(in: directory) else { return }
    let (missing, place) = (segmentPrefixes.count - segmentCount(in: directory), directory)
    if missing > 0, room.bytes < missing * segmentBytes || room.files < missing {
      let lack =
        room.files < missing
        ? "has no room for another file" : "has \(room.bytes >> 10) KiB left"
      throw ResourceShortage(
        "the file system of \(place) \(lack), and the launcher takes \(missing * segmentBytes >> 10) KiB there for the "
          + "files by which ranks find each other; free space on it, or let TMPDIR name another directory"
      )
    }
  }

  /// The limit on the size of files of the process that writes there, if it started this one; nil for none, or where
  /// the system does not say.
  private static func fileLimit(in directory: String) -> Int? {
    // pmix_dstor_ds21_NUMBER. Seen from a container, that can be another process's.
    let number = directory.split(separator: "_").last.flatMap { pid_t($0) }
    var ancestor = getppid()
    for _ in 0..<8 where ancestor != number && ancestor > 1 { ancestor = parent(of: ancestor) }
    guard ancestor == number, ancestor > 1 else { return nil }
    return Int(exactly: linux_file_size_limit(ancestor))
  }

  /// The process that started another one; 0 where the system does not say.
  private static func parent(of process: pid_t) -> pid_t {
    guard let file = fopen("/proc/\(process)/stat", "re") else { return 0 }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = fread(&bytes, 1, bytes.count, file)
    // NUMBER (NAME) STATE PARENT …: a name may hold anything.
    guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return 0 }
    let fields = bytes[end..<count].split(separator: UInt8(ascii: " "))
    return fields.count > 2 ? pid_t(String(decoding: fields[2], as: UTF8.self)) ?? 0 : 0
  }

  /// What a file system has left for this user; nil where it does not say.
  private static func room(in directory: String) -> (bytes: Int, files: Int)? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0, status.f_blocks > 0 else { return nil }
    let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
    let files = geteuid() == 0 ? status.f_ffree : status.f_favail
    let bytes = blocks.multipliedReportingOverflow(by: status.f_frsize)
    return (
      bytes.overflow ? .max : Int(clamping: bytes.partialValue),
      status.f_files == 0 ? .max : Int(clamping: files)
    )
  }

  /// How many of the files are there.
  private static func segmentCount(in path: String) -> Int {
    guard let directory = opendir(path) else { return 0 }
    defer { closedir(directory) }
    var found = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if segmentPrefixes.contains(where: name.hasPrefix) { found += 1 }
    }
    return found
  }
}
