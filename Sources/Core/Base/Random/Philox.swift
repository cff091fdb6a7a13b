/// What random numbers are drawn for: draws of different purposes never share a stream.
public enum RandomPurpose: UInt32, Sendable {
  /// Initial weights.
  case initialWeights = 1
  /// The order of a shard's rows in an epoch.
  case shuffle = 2
  /// The first centers of a clustering.
  case centers = 4
  /// Which rows are held out for validation.
  case validation = 3
  /// The points of a random search.
  case points = 5
  /// Where the search for principal axes begins.
  case axes = 6
}

/// The counter-based generator Philox 4x32-10 (J. Salmon et al., "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011).
///
/// A block of four words is a function of (seed, purpose, stream, index): there is no state to save,
/// and nothing depends on the rank that draws.
public struct Philox: Sendable {
  private let key: SIMD2<UInt32>
  private let purpose: UInt32

  /// The generator of a run's seed, for one purpose.
  public init(seed: UInt64, purpose: RandomPurpose) {
    key = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
    self.purpose = purpose.rawValue
  }

  /// Four random words.
  ///
  /// - Parameters:
  ///   - stream: for example epoch and shard, below 2^64 with the purpose in the top byte.
  ///   - index: the position in the stream.
  public func block(stream: UInt64, index: UInt32) -> SIMD4<UInt32> {
    let high = UInt32(truncatingIfNeeded: stream >> 32) ^ (purpose << 24)
    return Self.rounds(
      counter: [index, UInt32(truncatingIfNeeded: stream), high, purpose], key: key)
  }

  /// The ten rounds, for comparison with published vectors.
  package static func rounds(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<10 {
      let first = counter.x.multipliedFullWidth(by: 0xD251_1F53)
      let second = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
      counter = [
        second.high ^ counter.y ^ key.x, second.low, first.high ^ counter.w ^ key.y, first.low,
      ]
      key &+= [0x9E37_79B9, 0xBB67_AE85]
    }
    return counter
  }
}

/// The words of one Philox stream, one after another.
package struct PhiloxSequence {
  private let generator: Philox
  private let stream: UInt64
  private var index: UInt32 = 0
  private var words: SIMD4<UInt32> = .zero
  private var used = 4

  package init(_ generator: Philox, stream: UInt64) {
    self.generator = generator
    self.stream = stream
  }

  package mutating func next() -> UInt32 {
    if used == 4 {
      words = generator.block(stream: stream, index: index)
      index &+= 1
      used = 0
    }
    used += 1
    return words[used - 1]
  }

  /// A number in `0..<bound`, without bias (D. Lemire, "Fast random integer generation in an interval",
  /// 2019).
  package mutating func next(below bound: UInt32) -> UInt32 {
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// A number in [0, 1) with 53 random bits.
  package mutating func nextUnit() -> Double {
    let high = UInt64(next()) << 32 | UInt64(next())
    return Double(high >> 11) * 0x1p-53
  }

  /// Shuffles in place (R. Durstenfeld, 1964).
  package mutating func shuffle(_ values: UnsafeMutableBufferPointer<Int32>) {
    guard values.count > 1 else { return }
    for last in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(last, Int(next(below: UInt32(last + 1))))
    }
  }
}
