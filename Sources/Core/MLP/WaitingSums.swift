import DTrainDist
import Glibc

/// Sums of gradients that wait for later passes of a step, one vector a slot, of which this rank keeps its tiles:
/// in memory while there is room, then in a file without a name in `$TMPDIR`, or in /tmp.
final class WaitingSums {
  /// Where each of this rank's tiles stands in what is kept of a vector; nil for those of other ranks.
  private let offsets: [Int?]
  private let tiles: VectorTiles
  /// Elements kept of a vector.
  private let length: Int
  /// Bytes of memory that may still be taken.
  private var room: Int
  private var places: [Place] = []
  private var file: (descriptor: Int32, slots: Int)?

  private enum Place {
    case memory(UnsafeMutablePointer<Float>)
    /// The bytes of the file before a vector.
    case file(Int)
  }

  /// Where the file is.
  private static var directory: String {
    let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    return wanted.isEmpty ? "/tmp" : wanted
  }

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
    self.room = room
  }

  deinit {
    for case .memory(let vector) in places { vector.deallocate() }
    if let file { close(file.descriptor) }
  }

  /// Keeps a tile of a slot's vector, over what was there.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func keep(_ sum: UnsafePointer<Float>, slot: Int, tile: Int) throws(TrainerError) {
    while places.count <= slot { places.append(try newPlace()) }
    let count = tiles.elements(of: tile).count
    switch places[slot] {
    case .memory(let vector): (vector + offsets[tile]!).update(from: sum, count: count)
    case .file(let start):
      try transfer("write", count, at: start + offsets[tile]! * 4) { pwrite($0, sum + $1, $2, $3) }
    }
  }

  /// Copies a tile of a slot's vector.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func copy(
    slot: Int, tile: Int, to sum: UnsafeMutablePointer<Float>
  ) throws(TrainerError) {
    let count = tiles.elements(of: tile).count
    switch places[slot] {
    case .memory(let vector): sum.update(from: vector + offsets[tile]!, count: count)
    case .file(let start):
      try transfer("read", count, at: start + offsets[tile]! * 4) { pread($0, sum + $1, $2, $3) }
    }
  }

  private func newPlace() throws(TrainerError) -> Place {
    if room >= length * 4 {
      room -= length * 4
      return .memory(.allocate(capacity: length))
    }
    if file == nil {
      do throws(SystemCallFailure) {
        file = (try AtomicFile.openNameless(in: Self.directory), 0)
      } catch {
        throw failure("make", error.code)
      }
    }
    defer { file!.slots += 1 }
    return .file(file!.slots * length * 4)
  }

  /// Repeats a call until it has done all elements.
  ///
  /// - Parameter call: given the file, the elements done, the bytes left and where they are in the file, says how
  ///   many bytes it did.
  private func transfer(
    _ action: String, _ count: Int, at start: Int,
    _ call: (_ descriptor: Int32, _ done: Int, _ bytes: Int, _ offset: off_t) -> Int
  ) throws(TrainerError) {
    var done = 0
    while done < count {
      let bytes = retrying {
        call(file!.descriptor, done, (count - done) * 4, off_t(start + done * 4))
      }
      // A disk that is full within an element would fail the next call.
      guard bytes >= 4 else { throw failure(action, bytes < 0 ? errno : ENOSPC) }
      done += bytes / 4
    }
  }

  private func failure(_ action: String, _ code: Int32) -> TrainerError {
    SystemCallFailure(
      action, "a file for sums of gradients in \(Self.directory) (TMPDIR)", code: code
    ).error(.inputOutput)
  }
}
