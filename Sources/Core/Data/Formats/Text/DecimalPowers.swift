/// Tables of powers that reading numbers takes, made once. A loop holds a copy: each look at ``shared`` costs a call.
struct DecimalPowers {
  /// 10^0 to 10^22, which Double holds exactly.
  let ofTen: UnsafePointer<Double>
  /// 10^0 to 10^8.
  let wholeOfTen: UnsafePointer<UInt64>
  /// See ``PowersOfFive``; one entry an exponent, from the lowest.
  let ofFive: UnsafePointer<(high: UInt64, low: UInt64)>

  nonisolated(unsafe) static let shared = DecimalPowers()

  private init() {
    ofTen = Self.kept(Self.powers(22, 10))
    wholeOfTen = Self.kept(Self.powers(8, 10))
    ofFive = Self.kept(PowersOfFive.table())
  }

  /// 10^0 to 10^n, each the one before times 10.
  private static func powers<T: Numeric>(_ n: Int, _ ten: T) -> [T] {
    (0..<n).reduce(into: [1]) { powers, _ in powers.append(powers.last! * ten) }
  }

  /// Memory that lives as long as the program.
  private static func kept<T>(_ values: [T]) -> UnsafePointer<T> {
    let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: values.count)
    _ = memory.initialize(from: values)
    return UnsafePointer(memory.baseAddress!)
  }
}
