/// Long work on memory and files is done in pieces, each of which is progress for the watchdog.
package enum FilePiece {
  /// Bytes of a piece: some milliseconds, or a second from a slow disk.
  package static let bytes = 1 << 24

  /// The length of the next piece of what is left; counts as progress.
  static func next(of left: Int) -> Int {
    Progress.beat()
    return min(left, bytes)
  }
}
