/// An array on a cache-line boundary that starts as zeros, for kernels and BLAS.
package final class AlignedArray<Element: BitwiseCopyable & ExpressibleByIntegerLiteral> {
  package let base: UnsafeMutablePointer<Element>
  package let count: Int

  package init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: LargePages.alignment(of: bytes))
    LargePages.advise(memory, bytes: bytes)
    base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { base.deallocate() }
}

/// Floats on a cache-line boundary.
package typealias AlignedFloats = AlignedArray<Float>

extension AlignedArray<Float> {
  /// `count` rounded up to whole cache lines, so that rows start on one.
  package static func stride(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
