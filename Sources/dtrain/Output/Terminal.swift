import DTrainCore
import Glibc

/// The terminal where a person sees one of this program's streams, if there is one.
///
/// Under mpirun a rank's standard error is a pipe and its standard output a terminal without a width,
/// wherever they end (measured); so the launcher's own descriptors are looked at.
final class Terminal {
  private let descriptor: Int32

  /// The terminal behind standard output (1) or standard error (2); nil where there is none.
  init?(stream: Int32) {
    guard Launcher.isPresent else {
      guard isatty(stream) == 1 else { return nil }
      descriptor = dup(stream)
      return
    }
    let path = "/proc/\(getppid())/fd/\(stream)"
    var status = stat()
    // Only a character device is opened: opening a pipe would keep it from being closed.
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return nil }
    let opened = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { return nil }
    guard isatty(opened) == 1 else {
      close(opened)
      return nil
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Columns, as of now; 80 where the terminal does not say.
  var width: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Whether the user wants colours: not with `NO_COLOR`, nor on a terminal without them.
  static var wantsColor: Bool {
    if let value = getenv("NO_COLOR"), value[0] != 0 { return false }
    return getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }
}
