import Glibc

/// The small files in which Linux describes the machine.
package enum SystemFiles {
  /// The text of a file under /proc or /sys without its last line feed; nil where there is none.
  ///
  /// Such files have no size beforehand, so they are read to their end, at most 64 KiB.
  package static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        retrying { read(descriptor, buffer.baseAddress! + filled, buffer.count - filled) }
      }
      if got <= 0 { break }
      filled += got
    }
    if filled > 0, bytes[filled - 1] == UInt8(ascii: "\n") { filled -= 1 }
    return String(decoding: bytes[..<filled], as: UTF8.self)
  }

  /// The number that stands behind `name` in a file of lines `name: number …`.
  package static func number(_ name: String, in path: String) -> Int? {
    line(name, in: path).flatMap { text in Int(text.prefix { $0.isNumber }) }
  }

  /// What stands behind `name:` in a file of such lines, without leading white space.
  package static func line(_ name: String, in path: String) -> String? {
    let line = text(path)?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return line.map { String($0.dropFirst(name.count + 1).drop { $0 == " " || $0 == "\t" }) }
  }

  /// The names in a directory without those that begin with a dot, sorted; none where it cannot be read.
  package static func names(in directory: String) -> [String] {
    ((try? FileSystem.entries(of: directory)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The numbers of a list such as `0-3,8,10-11`.
  package static func list(_ text: String) -> [Int] {
    text.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }
}
