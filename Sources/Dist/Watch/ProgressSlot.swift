import Synchronization

/// What one rank shows of itself to the watchdogs of its node: two cache lines that it alone writes.
///
/// Words are read and written one by one; a reader may see a phase and a step that never were together.
/// That is good enough for a message.
struct ProgressSlot: @unchecked Sendable {
  /// Bytes of a slot.
  static let size = 256
  /// The longest phase that is kept, in bytes.
  static let phaseLength = 128

  private let base: UnsafeMutableRawPointer

  /// A slot in zeroed memory, aligned to 8.
  init(at base: UnsafeMutableRawPointer) { self.base = base }

  private typealias Word = UnsafeMutablePointer<Atomic<UInt64>>

  @inline(__always)
  private func word(_ index: Int) -> Word {
    (base + index * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  @inline(__always)
  private func load(_ index: Int) -> UInt64 { word(index).pointee.load(ordering: .relaxed) }

  @inline(__always)
  private func store(_ index: Int, _ value: UInt64) {
    word(index).pointee.store(value, ordering: .relaxed)
  }

  /// Changes whenever the rank gets on.
  @inline(__always)
  var beats: UInt64 {
    get { load(0) }
    nonmutating set { store(0, newValue) }
  }

  /// Calls that waited for other ranks, this one included while `isWaiting`.
  @inline(__always)
  var calls: UInt64 {
    get { load(1) }
    nonmutating set { store(1, newValue) }
  }

  /// Whether the rank is in such a call.
  @inline(__always)
  var isWaiting: Bool {
    get { load(2) != 0 }
    nonmutating set { store(2, newValue ? 1 : 0) }
  }

  /// The step of its work; 0 before the first.
  var step: Int {
    get { Int(truncatingIfNeeded: load(3)) }
    nonmutating set { store(3, UInt64(truncatingIfNeeded: newValue)) }
  }

  /// The rank in the world, and its process; the process is 0 for a rank that has not come here yet.
  var rank: Int {
    get { Int(truncatingIfNeeded: load(4)) }
    nonmutating set { store(4, UInt64(truncatingIfNeeded: newValue)) }
  }
  var process: Int32 {
    get { Int32(truncatingIfNeeded: load(5)) }
    nonmutating set { store(5, UInt64(truncatingIfNeeded: newValue)) }
  }

  /// The function that the rank waits in, at most 24 bytes of it.
  @inline(__always)
  func setFunction(_ name: StaticString) {
    setText(
      UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), at: 7, words: 3)
  }
  var function: String { text(from: 7, words: 3) }

  /// What the rank is doing, in words that complete "while …".
  var phase: String {
    get { text(from: 10, words: Self.phaseLength / 8) }
    nonmutating set {
      var value = newValue
      value.withUTF8 { setText($0, at: 10, words: Self.phaseLength / 8) }
    }
  }

  /// Writes as many of the bytes as there is room for; zeros follow.
  @inline(__always)
  private func setText(_ bytes: UnsafeBufferPointer<UInt8>, at first: Int, words: Int) {
    for index in 0..<words {
      var letters: UInt64 = 0
      for byte in index * 8..<max(index * 8, min(bytes.count, index * 8 + 8)) {
        letters |= UInt64(bytes[byte]) << UInt64(byte % 8 * 8)
      }
      store(first + index, letters)
    }
  }

  private func text(from first: Int, words: Int) -> String {
    var bytes: [UInt8] = []
    for index in first..<first + words {
      let letters = load(index)
      for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: letters >> UInt64(byte * 8))) }
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
