/// Floats on a cache-line boundary, in room that grows.
final class FloatBuffer {
  private(set) var base = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  private var capacity = -1

  /// Makes room for `count` floats; what was there is lost if there was less.
  func reserve(_ count: Int) {
    guard count > capacity else { return }
    base.deallocate()
    capacity = count
    base = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    base.initialize(repeating: 0, count: count)
  }

  deinit { base.deallocate() }
}
