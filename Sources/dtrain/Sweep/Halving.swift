import DTrainCore

/// Successive halving (K. Jamieson and A. Talwalkar, 2016): rounds of which each goes on with the best points of the one
/// before, for as many times as long as there are fewer.
struct Halving {
  /// A round.
  struct Round: Equatable {
    /// The epochs or iterations that its points have at its end; nil for all.
    let length: Int?
    /// How many points take part.
    let points: Int
  }

  let rounds: [Round]

  /// One round, of all points.
  init(points: Int) { rounds = [Round(length: nil, points: points)] }

  /// As many rounds as points and length allow: round j of 0...s has ceil(points / factor^j) points of
  /// ceil(length / factor^(s - j)) epochs or iterations.
  ///
  /// - Throws: `TrainerError(.usage)` where that is one round.
  init(points: Int, factor: Int, length: Int) throws(TrainerError) {
    var powers = [1]
    while let last = powers.last, last <= min(points, length) / factor {
      powers.append(last * factor)
    }
    try require(
      powers.count > 1, .usage,
      "--halving \(factor) stops no point early: it needs \(factor) points and epochs or iterations at least, and there "
        + "are \(points) and \(length); give a smaller factor, or omit it")
    rounds = powers.indices.map { index in
      let shortening = powers[powers.count - 1 - index]
      return Round(
        length: shortening == 1 ? nil : (length + shortening - 1) / shortening,
        points: (points + powers[index] - 1) / powers[index])
    }
  }
}
