/// Small measurements of what a training step consists of.
enum SpeedProbe {
  /// Numbers of the gradient of a 784-200-10 network: 636 KB.
  static let gradientCount = 159_010

  /// The billions of floating-point operations a second that this rank reaches in matrix products of
  /// 64 rows by 784 by 200, while all ranks compute at once; collective.
  static func matrixProducts(_ world: Communicator) throws -> Double {
    let (rows, inner, columns) = (64, 784, 200)
    let a = AlignedFloats(count: rows * inner)
    let b = AlignedFloats(count: inner * columns)
    let c = AlignedFloats(count: rows * columns)
    for index in 0..<a.count { a.base[index] = Float(index % 7) }
    for index in 0..<b.count { b.base[index] = Float(index % 5) }
    func multiply() {
      MatrixMultiply.multiply(
        .init(a.base, stride: inner), .init(b.base, stride: columns), rows: rows, columns: columns,
        inner: inner, into: c.base, stride: columns)
    }
    for _ in 0..<20 { multiply() }
    try world.barrier()
    let begin = MonotonicClock.seconds
    var products = 0
    var elapsed = 0.0
    while elapsed < 0.4 {
      for _ in 0..<20 { multiply() }
      products += 20
      elapsed = MonotonicClock.seconds - begin
    }
    try world.barrier()
    return Double(2 * rows * inner * columns) * Double(products) / elapsed / 1e9
  }

  /// The median time in seconds of summing a gradient over all ranks by MPI, as rank 0 sees it;
  /// collective, the same number on every rank.
  static func allReduce(_ world: Communicator) throws -> Double {
    var values = [Float](repeating: 0, count: gradientCount)
    var times: [Double] = []
    for _ in 0..<21 {
      try world.barrier()
      let begin = MonotonicClock.seconds
      try world.allReduce(&values, .sum)
      times.append(MonotonicClock.seconds - begin)
    }
    return try world.broadcast(times.sorted()[times.count / 2])
  }
}
