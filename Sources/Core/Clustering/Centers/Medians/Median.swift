extension ClusterConfiguration.Median {
  /// The places, from 0, of the two numbers in the middle of `count` sorted ones: the same for odd counts,
  /// and for the lower median.
  func positions(of count: Int64) -> (first: Int64, second: Int64) {
    let lower = (count - 1) / 2
    return switch self {
    case .midpoint: (lower, count / 2)
    case .lower: (lower, lower)
    }
  }

  /// The median from the two numbers between which the weight is parted into halves, the same where one number holds the
  /// middle.
  func value(halving first: Float, _ second: Float) -> Float {
    switch self {
    case .midpoint: value(first, second)
    case .lower: value(first, first)
    }
  }

  /// The median from the two numbers in the middle; never -0.
  ///
  /// For the midpoint their sum is rounded to Float and then halved, as NumPy does, except where the sum
  /// would be infinite: then they are halved first.
  package func value(_ first: Float, _ second: Float) -> Float {
    guard first != second else { return first + 0 }
    let sum = first + second
    return (sum.isFinite ? sum / 2 : first / 2 + second / 2) + 0
  }
}
