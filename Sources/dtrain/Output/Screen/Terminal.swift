import Glibc

/// A terminal where a person sees one of this program's streams.
final class Terminal {
  private let descriptor: Int32

  /// The terminal of a descriptor, which is closed in the end.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The terminal behind standard output (1) or standard error (2); nil where there is none.
  convenience init?(stream: Int32) {
    guard let found = StreamEnd(of: stream).terminal else { return nil }
    self.init(descriptor: dup(found.descriptor))
  }

  deinit { close(descriptor) }

  /// Columns, as of now; 80 where the terminal does not say.
  var width: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Whether two of them are the same device.
  func isSame(as other: Terminal) -> Bool {
    var (own, its) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && fstat(other.descriptor, &its) == 0
      && own.st_rdev == its.st_rdev
  }

  /// Whether the user's terminals do what they are commanded, such as to erase a line.
  static var takesCommands: Bool {
    getenv("TERM").map { !["", "dumb"].contains(String(cString: $0)) } ?? false
  }

  /// Whether the user wants colours: not with `NO_COLOR`, nor on a terminal without them.
  static var wantsColor: Bool {
    if let value = getenv("NO_COLOR"), value[0] != 0 { return false }
    return takesCommands
  }

  /// The columns that a text takes, or more: letters of East Asia, which may take two, count as two.
  static func columns(of text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 1 : 2) }
  }

  /// The text, shortened in its middle to this many columns.
  static func shortened(_ text: String, to room: Int) -> String {
    guard columns(of: text) > room else { return text }
    let dots = room > 8 ? "..." : ""
    let (head, tail) = ((room - dots.count) / 3, room - dots.count - (room - dots.count) / 3)
    return prefix(text, head) + dots + String(prefix(String(text.reversed()), tail).reversed())
  }

  /// What of the text's beginning takes at most this many columns.
  private static func prefix(_ text: String, _ room: Int) -> String {
    var left = room
    return String(
      text.prefix {
        left -= columns(of: String($0))
        return left >= 0
      })
  }
}
