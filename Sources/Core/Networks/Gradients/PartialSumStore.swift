/// Sums of gradients that wait for later passes of a step, one vector a slot, of which this rank keeps its tiles:
/// in memory while there is room, then in a file without a name in `$TMPDIR`, or in /tmp.
///
/// The file keeps the promise of docs/NETWORKS.md that memory does not grow with the batch: of the 3 copies of the
/// parameters a rule with two state vectors leaves none, and as many sums as log2(passes), each as long as a copy, may
/// wait.
final class PartialSumStore {
  /// Where each of this rank's tiles stands in what is kept of a vector; nil for those of other ranks.
  private let offsets: [Int?]
  private let tiles: VectorTiles
  /// Elements kept of a vector.
  private let length: Int
  /// How many slots, from the first, there is room for in memory; the file has those that follow.
  private let slotsInMemory: Int
  private var vectors: [UnsafeMutablePointer<Float>] = []
  private var file: NamelessFile?

  /// - Parameters:
  ///   - own: the tiles that this rank keeps.
  ///   - room: bytes of memory to use.
  init(own: [Int], of tiles: VectorTiles, room: Int) {
    var offsets = [Int?](repeating: nil, count: tiles.count)
    var length = 0
    for tile in own {
      offsets[tile] = length
      length += tiles.elements(of: tile).count
    }
    self.offsets = offsets
    self.tiles = tiles
    self.length = length
    slotsInMemory = room / max(length * 4, 1)
  }

  deinit { for vector in vectors { vector.deallocate() } }

  /// Keeps a tile of a slot's vector, over what was there.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func keep(_ sum: UnsafePointer<Float>, slot: Int, tile: Int) throws(TrainerError) {
    let count = tiles.elements(of: tile).count
    if slot < slotsInMemory {
      while vectors.count <= slot { vectors.append(.allocate(capacity: length)) }
      return (vectors[slot] + offsets[tile]!).update(from: sum, count: count)
    }
    try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      if file == nil { file = try NamelessFile(in: TemporaryDirectory.path, name: Self.name) }
    }
    try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      try file!.write(
        UnsafeRawBufferPointer(start: sum, count: count * 4), at: place(slot, tile))
    }
  }

  /// Copies a tile of a slot's vector.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func copy(
    slot: Int, tile: Int, to sum: UnsafeMutablePointer<Float>
  ) throws(TrainerError) {
    let count = tiles.elements(of: tile).count
    if slot < slotsInMemory {
      return sum.update(from: vectors[slot] + offsets[tile]!, count: count)
    }
    try SystemCallFailure.reported(as: .inputOutput) { () throws(SystemCallFailure) in
      try file!.read(
        into: UnsafeMutableRawBufferPointer(start: sum, count: count * 4), at: place(slot, tile))
    }
  }

  /// The bytes of the file before a tile of a slot's vector.
  private func place(_ slot: Int, _ tile: Int) -> Int {
    ((slot - slotsInMemory) * length + offsets[tile]!) * 4
  }

  /// What the file is, for messages.
  private static var name: String {
    "a file for sums of gradients in \(TemporaryDirectory.path) (TMPDIR)"
  }
}
