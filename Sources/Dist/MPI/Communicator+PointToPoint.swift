internal import CMPI

/// What a message is for; a receive takes only messages with its own tag.
public struct MessageTag: RawRepresentable, Sendable {
  /// MPI's tag.
  public let rawValue: Int32
  /// A tag of the caller's own.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  static let gather = MessageTag(rawValue: 1)
  /// The steps of an exchange between two ranks.
  public static let exchange = MessageTag(rawValue: 2)
  /// For callers with one kind of message.
  public static let data = MessageTag(rawValue: 3)
}

/// Messages between two ranks. `Examples/Dist/Sources/point-to-point` is a program with them.
extension Communicator {
  /// Sends `buffer` to rank `destination`; returns when the buffer may be reused.
  ///
  /// The corresponding C function is `MPI_Send`.
  public func send<T: MPIScalar>(
    _ buffer: UnsafeBufferPointer<T>, to destination: Int, tag: MessageTag = .data
  ) throws(MPIError) {
    let peer = peer(destination, "send to")
    try inPieces(of: UnsafeMutableBufferPointer(mutating: buffer), to: "MPI_Send") {
      MPI_Send($0, $1, $2, peer, tag.rawValue, $3)
    }
  }

  /// Fills `buffer` with a message of its exact length from rank `source`.
  ///
  /// The corresponding C function is `MPI_Recv`.
  public func receive<T: MPIScalar>(
    _ buffer: UnsafeMutableBufferPointer<T>, from source: Int, tag: MessageTag = .data
  ) throws(MPIError) {
    let peer = peer(source, "receive from")
    try inPieces(of: buffer, to: "MPI_Recv") {
      MPI_Recv($0, $1, $2, peer, tag.rawValue, $3, MPI_STATUS_IGNORE)
    }
  }

  /// Sends one buffer to rank `partner` and receives another from it, without deadlock; the partner
  /// does the same with the counts exchanged.
  ///
  /// The corresponding C function is `MPI_Sendrecv`.
  public func exchange<T: MPIScalar>(
    sending outgoing: UnsafeBufferPointer<T>, receiving incoming: UnsafeMutableBufferPointer<T>,
    with partner: Int, tag: MessageTag = .exchange
  ) throws(MPIError) {
    let peer = peer(partner, "exchange with")
    guard let handle else { return }
    let longest = max(outgoing.count, incoming.count)
    try forEachPiece(of: longest) { (offset, length) throws(MPIError) in
      let sent = max(0, min(Int(length), outgoing.count - offset))
      let received = max(0, min(Int(length), incoming.count - offset))
      try check(
        "MPI_Sendrecv",
        MPI_Sendrecv(
          sent > 0 ? outgoing.baseAddress! + offset : nil, Int32(sent), T.scalarKind.datatype,
          peer, tag.rawValue,
          received > 0 ? incoming.baseAddress! + offset : nil, Int32(received),
          T.scalarKind.datatype, peer, tag.rawValue, handle, MPI_STATUS_IGNORE))
    }
  }

  /// MPI's number of another rank.
  private func peer(_ other: Int, _ what: StaticString) -> Int32 {
    precondition(other != rank && (0..<size).contains(other), "\(what) \(other)")
    return Int32(other)
  }
}
