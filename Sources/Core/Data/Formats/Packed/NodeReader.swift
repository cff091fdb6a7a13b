/// Inflates a compressed array on the node's first rank, which passes each piece on to its node. Nodes that need no row
/// of the array read nothing.
final class NodeReader: RowReader {
  private let node: Communicator
  private let decoder: PackedDecoder?
  private var payload: Result<PayloadStream, any Error>?
  private var isDone: Bool
  /// Elements that have been passed on.
  private var place = 0

  /// Collective on the node.
  init(
    _ array: StoredArray, _ packed: PackedArray, _ target: RowTarget?, on node: Communicator
  ) throws {
    self.node = node
    decoder = target.map { PackedDecoder(packed.header, $0) }
    isDone = try node.allReduce(target == nil ? 0 : 1, .maximum) == 0
    if node.isRoot, !isDone { payload = Result { try PayloadStream(array, packed) } }
  }

  var fraction: Double {
    guard let decoder, !isDone else { return 1 }
    return Double(place) / Double(decoder.header.rows * decoder.header.columns)
  }

  /// A piece is preceded by its length; 0 says that all is done and verified, -1 that the first rank has failed.
  func readPiece(_ buffer: UnsafeMutableRawBufferPointer) throws -> Bool {
    if isDone { return false }
    let outcome = payload.map { payload in Result { try payload.get().next(into: buffer) } }
    let length = try node.broadcast((try? outcome?.get()) ?? -1)
    _ = try outcome?.get()
    guard length > 0 else {
      isDone = true
      return false
    }
    let run = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
    try node.broadcast(run.bindMemory(to: UInt8.self))
    if let decoder {
      decoder.decode(run, at: place)
      place += length / decoder.header.type.size
    }
    return true
  }
}
