import DTrainCore
import Glibc

/// Where one of this program's streams ends.
///
/// Under mpirun a rank's standard error is a pipe and its standard output a terminal without a width,
/// wherever they end (measured); so the launcher's own descriptors are looked at. A rank whose standard error is a
/// terminal has streams of its own (`srun --pty`).
enum StreamEnd {
  /// A terminal: a person watches.
  case terminal(Terminal)
  /// A file, or a device that is no terminal.
  case file
  /// A pipe or a socket to another program, which may show a person what it reads; or nobody knows.
  case pipe

  /// The end of standard output (1) or standard error (2).
  init(of stream: Int32) {
    let isOwn = !Launcher.isPresent || isatty(2) == 1
    let path = "/proc/\(getppid())/fd/\(stream)"
    var status = stat()
    guard (isOwn ? fstat(stream, &status) : stat(path, &status)) == 0 else {
      self = .pipe
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFCHR:
      // Only a character device is opened: opening a pipe would keep it from being closed.
      let opened = isOwn ? dup(stream) : open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
      if opened >= 0, isatty(opened) == 1 {
        self = .terminal(Terminal(descriptor: opened))
      } else {
        self = .file
        if opened >= 0 { close(opened) }
      }
    default: self = .pipe
    }
  }

  /// The terminal; nil where it ends elsewhere.
  var terminal: Terminal? { if case .terminal(let terminal) = self { terminal } else { nil } }
  /// Whether another program reads it.
  var isPipe: Bool { if case .pipe = self { true } else { false } }
}
