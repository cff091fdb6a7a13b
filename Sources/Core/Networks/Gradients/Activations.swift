/// What a step keeps of some rows: the inputs of each layer and the gradients in its output, matrices in
/// memory that somebody else owns and that other ranks of the node may read.
///
/// Names follow `docs/MATH.md`: `A[l]` holds a layer's input with a column of ones, `delta[l]` the gradient in
/// its output Z.
struct Activations {
  /// Inputs of each layer, `[rows, sizes[l] + 1]`, the last column 1.
  let A: [UnsafeMutablePointer<Float>]
  /// Elements from a row of `A[l]` to the next.
  let strides: [Int]
  /// The gradients in each layer's output, `[rows, sizes[l + 1]]`; the last also holds the logits.
  let delta: [UnsafeMutablePointer<Float>]
  /// Elements from a row of `delta[l]` to the next.
  let deltaStrides: [Int]

  /// The bytes that `rows` rows take, whole pages.
  static func byteCount(_ network: Network, rows: Int) -> Int {
    let inputs = network.sizes.dropLast().reduce(0) { $0 + stride($1 + 1) }
    let outputs = network.sizes.dropFirst().reduce(0) { $0 + stride($1) }
    return SharedBuffer.pages(rows * (inputs + outputs) * 4)
  }

  /// Lays the matrices out in `byteCount(network, rows:)` zeroed bytes at `base`, on a cache line.
  init(at base: UnsafeMutableRawPointer, _ network: Network, rows: Int) {
    var next = base.assumingMemoryBound(to: Float.self)
    func take(_ stride: Int) -> UnsafeMutablePointer<Float> {
      defer { next += rows * stride }
      return next
    }
    strides = network.sizes.dropLast().map { Self.stride($0 + 1) }
    deltaStrides = network.sizes.dropFirst().map { Self.stride($0) }
    A = strides.map(take)
    delta = deltaStrides.map(take)
  }

  /// Sets the columns of ones; whoever writes the rows does so once.
  func setOnes(_ network: Network, rows: Int) {
    for layer in A.indices {
      for row in 0..<rows { A[layer][row * strides[layer] + network.sizes[layer]] = 1 }
    }
  }

  /// Whole cache lines, but no multiple of 1 KiB: rows that far apart would share few sets of the cache.
  private static func stride(_ count: Int) -> Int {
    let lines = AlignedFloats.stride(count)
    return lines % 256 == 0 ? lines + 16 : lines
  }
}
