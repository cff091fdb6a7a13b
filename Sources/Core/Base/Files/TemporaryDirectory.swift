import Glibc

/// Where files are made that end with the process.
package enum TemporaryDirectory {
  /// `$TMPDIR`, or /tmp.
  package static var path: String {
    let wanted = getenv("TMPDIR").map { String(system: $0) } ?? ""
    return wanted.isEmpty ? "/tmp" : wanted
  }
}
