import DTrainDist
import Glibc

/// Sums of gradients that wait for later passes of a step, one vector a slot, of which this rank keeps its tiles:
/// in memory while there is room, then in a file without a name in `$TMPDIR`, or in /tmp.
final class WaitingSums {
  /// Elements of a vector.
  private let length: Int
  /// Bytes of memory that may still be taken, and those of a vector that this rank keeps.
  private var room: Int
  private let keptBytes: Int
  private var places: [Place] = []
  private var file: (descriptor: Int32, slots: Int)?

  private enum Place {
    /// A vector of which only the tiles that are kept are ever touched.
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
  ///   - length: the elements of a vector.
  ///   - kept: how many of them this rank keeps, about.
  ///   - room: bytes of memory to use.
  init(length: Int, kept: Int, room: Int) {
    self.length = length
    keptBytes = kept * 4
    self.room = room
  }

  deinit {
    for case .memory(let vector) in places { vector.deallocate() }
    if let file { close(file.descriptor) }
  }

  /// Keeps elements of a slot's vector, over those before.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func keep(
    _ sum: UnsafePointer<Float>, slot: Int, elements: Range<Int>
  ) throws(TrainerError) {
    while places.count <= slot { places.append(try newPlace()) }
    switch places[slot] {
    case .memory(let vector):
      (vector + elements.lowerBound).update(from: sum, count: elements.count)
    case .file(let start):
      try transfer("write", elements, after: start) { pwrite($0, sum + $1, $2, $3) }
    }
  }

  /// Copies elements of a slot's vector.
  ///
  /// - Throws: `TrainerError(.inputOutput)`.
  func copy(
    slot: Int, elements: Range<Int>, to sum: UnsafeMutablePointer<Float>
  ) throws(TrainerError) {
    switch places[slot] {
    case .memory(let vector):
      sum.update(from: vector + elements.lowerBound, count: elements.count)
    case .file(let start):
      try transfer("read", elements, after: start) { pread($0, sum + $1, $2, $3) }
    }
  }

  private func newPlace() throws(TrainerError) -> Place {
    if room >= keptBytes {
      room -= keptBytes
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
    _ action: String, _ elements: Range<Int>, after start: Int,
    _ call: (_ descriptor: Int32, _ done: Int, _ bytes: Int, _ offset: off_t) -> Int
  ) throws(TrainerError) {
    var done = 0
    while done < elements.count {
      let place = off_t(start + (elements.lowerBound + done) * 4)
      let bytes = retrying { call(file!.descriptor, done, (elements.count - done) * 4, place) }
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
