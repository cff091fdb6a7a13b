/// A zeroed array of floats on a cache-line boundary, for kernels and BLAS.
final class AlignedFloats {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { base.deallocate() }

  /// `count` rounded up to whole cache lines, so that rows start on one.
  static func stride(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
