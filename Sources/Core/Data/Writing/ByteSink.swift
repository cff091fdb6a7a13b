import Glibc

/// Where a table goes: a file that appears when it is complete, or standard output.
package enum ByteSink {
  case file(AtomicFile)
  case standardOutput

  /// What names standard output instead of a file.
  public static let standardOutputName = "-"

  /// Whether a terminal shows standard output: what commands one is then shown as `\xNN`. Elsewhere bytes are as they are.
  package nonisolated(unsafe) static var isShownByTerminal = false

  /// - Parameter isDurable: whether a file is on the disk when ``commit()`` returns.
  package init(path: String, isDurable: Bool = true) throws(TrainerError) {
    self =
      path == Self.standardOutputName
      ? .standardOutput : .file(try AtomicFile(path: path, isDurable: isDurable))
  }

  package func append(_ bytes: some Sequence<UInt8>) throws(TrainerError) {
    switch self {
    case .file(let file): try file.append(bytes)
    // What cannot be written is told when the process ends.
    case .standardOutput:
      let text = String(decoding: Array(bytes), as: UTF8.self)
      print(Self.isShownByTerminal ? TerminalText.escaped(text) : text, terminator: "")
    }
  }

  package func commit() throws(TrainerError) {
    switch self {
    case .file(let file): try file.commit()
    case .standardOutput: fflush(nil)
    }
  }
}
