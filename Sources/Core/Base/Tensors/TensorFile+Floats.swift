/// The elements of float tensors, whatever type they are stored as.
extension TensorFile.Tensor {
  /// The elements as float32, row-major; nil of integers.
  ///
  /// Those of 16 bits are exact. Those of 64 are rounded to the nearest, ties to even.
  ///
  /// - Throws: `TensorFileFault` that names the tensor and its first element beyond the range of float32.
  /// - Complexity: O(elements).
  package func roundedFloats() throws(TensorFileFault) -> [Float]? {
    let values: [Float]
    switch type {
    case .f64: values = map { (stored: Double) in Float(stored) }
    case .f32: values = floats!
    case .f16: values = map { Float(half: $0) }
    case .bf16: values = map { Float(bfloat16: $0) }
    case .i64, .i32, .u8: return nil
    }
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return values }
    let stored = doubles?[index] ?? Double(values[index])
    throw TensorFileFault(
      "element \(index) of tensor \(TensorLayout.quoted(name)) is \(stored), beyond the range of float32; write it "
        + "again with numbers of at most \(Float.greatestFiniteMagnitude)"
    )
  }

  /// The first element that is not finite; nil where all are, as integers are.
  ///
  /// - Complexity: O(elements).
  var firstNotFinite: Int? {
    switch type {
    case .f64: firstIndex { (stored: Double) in !stored.isFinite }
    case .f32: firstIndex { (stored: Float) in !stored.isFinite }
    case .f16: firstIndex { !Float(half: $0).isFinite }
    case .bf16: firstIndex { !Float(bfloat16: $0).isFinite }
    case .i64, .i32, .u8: nil
    }
  }

  private func map<Stored: BitwiseCopyable>(_ convert: (Stored) -> Float) -> [Float] {
    withStored { count, element in (0..<count).map { convert(element($0)) } }
  }

  private func firstIndex<Stored: BitwiseCopyable>(where isWanted: (Stored) -> Bool) -> Int? {
    withStored { count, element in (0..<count).first { isWanted(element($0)) } }
  }

  /// Passes on the number of elements and a way to one of them, whose address need not be aligned.
  private func withStored<Stored: BitwiseCopyable, Result>(
    _ body: (_ count: Int, _ element: (Int) -> Stored) -> Result
  ) -> Result {
    let size = MemoryLayout<Stored>.size
    return bytes.withUnsafeBytes { raw in
      body(raw.count / size) { raw.loadUnaligned(fromByteOffset: $0 * size, as: Stored.self) }
    }
  }
}
