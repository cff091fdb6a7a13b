import Glibc

/// Pages of 2 MiB for what is large: fewer faults at the first touch, fewer misses of the address cache later, and
/// prefetchers that do not stop every 4 KiB.
package enum LargePages {
  /// Less memory than this is not worth it.
  private static let leastBytes = 8 << 20

  /// The alignment for so many bytes: that of a large page where they are to have such, else that of a cache line.
  package static func alignment(of bytes: Int) -> Int { bytes >= leastBytes ? 2 << 20 : 64 }

  /// Asks for them; where the kernel has none, nothing changes.
  package static func advise(_ memory: UnsafeMutableRawPointer, bytes: Int) {
    if bytes >= leastBytes { madvise(memory, bytes, Int32(MADV_HUGEPAGE)) }
  }
}
