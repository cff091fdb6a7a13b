import KernelTable
import XCTest

/// Bounds never say more than exact arithmetic does, on every instruction set that this CPU runs.
final class DistanceBoundKernelTests: KernelTestCase {
  /// Bounds hold only where they do in exact arithmetic, in every lane; where they hold clearly, they do.
  func testBoundsHold() {
    var generator = SeededGenerator(seed: 5)
    for kernels in builds() {
      var held = 0
      for trial in 0..<4000 {
        let drift = generator.floats(16, range: 1).map { abs($0) * (trial % 3 == 0 ? 1e-4 : 1) }
        var lower = generator.floats(16, range: 1).map { abs($0) + 1 + drift[0] }
        let limit = Float.random(in: 0...1, using: &generator)
        let lane = trial % 16
        // One lane within a few units of the limit, on either side of it or on it.
        lower[lane] = limit + drift[lane]
        for _ in 0..<trial / 16 % 5 {
          lower[lane] = trial % 2 == 0 ? lower[lane].nextUp : lower[lane].nextDown
        }
        let isExact = zip(lower, drift).allSatisfy { Double($0) - Double($1) > Double(limit) }
        let holds = kernels.boundsHold(lower: lower, drift: drift, limit: limit)
        XCTAssertFalse(holds && !isExact, "\(kernels.isaName): \(lower) - \(drift) > \(limit)")
        lower[lane] = (limit + drift[lane]) * (1 + 0x1p-18) + 1e-6
        let isClear = zip(lower, drift).allSatisfy {
          Double($0) - Double($1) > Double(limit) + 1e-6 * Double($0 + $1)
        }
        if isClear {
          held += 1
          XCTAssertTrue(
            kernels.boundsHold(lower: lower, drift: drift, limit: limit), kernels.isaName)
        }
        lower[lane] = limit + drift[lane] - 0.5
        XCTAssertFalse(kernels.boundsHold(lower: lower, drift: drift, limit: limit), "lane \(lane)")
      }
      XCTAssertGreaterThan(held, 100, "no trial says that bounds can hold")
    }
  }

  /// Never above the exact value, and close to it.
  func testLowerBounds() {
    var generator = SeededGenerator(seed: 6)
    for kernels in builds() {
      for trial in 0..<2000 {
        let squared = Float.random(in: 0...2, using: &generator)
        let error: Float = trial % 2 == 0 ? 0 : 1e-6
        let drift = generator.floats(16, range: 3).map { abs($0) }
        var lanes = generator.floats(16, range: 1)
        lanes[trial % 16] = -squared / 2
        let scores = lanes
        kernels.lowerBounds(
          &lanes, scores: scores, squared: squared, error: error, drift: drift)
        for lane in 0..<16 {
          let square = Double(squared) + 2 * (Double(scores[lane]) - Double(error))
          // Three roundings of numbers up to this size are the caller's to bound.
          let slack = (Double(squared) + 2 * abs(Double(scores[lane]))) * 0x1p-22
          let exact = max(0, square + slack).squareRoot() + Double(drift[lane])
          XCTAssertLessThanOrEqual(Double(lanes[lane]), exact, "\(kernels.isaName), lane \(lane)")
          let least = max(0, square - slack).squareRoot() + Double(drift[lane])
          XCTAssertGreaterThan(Double(lanes[lane]), least * (1 - 0x1p-18) - 1e-30, "lane \(lane)")
        }
      }
      var lanes = [Float](repeating: .infinity, count: 16)
      let drift = [Float](repeating: 1, count: 16)
      kernels.lowerBounds(&lanes, scores: lanes, squared: 1, error: 0, drift: drift)
      XCTAssertTrue(
        kernels.boundsHold(lower: lanes, drift: drift, limit: 1e9), "padding breaks bounds")
    }
  }

  /// Rows are chosen exactly where their bounds do not hold, whatever the range and the number of groups.
  func testRowsToAssign() {
    var generator = SeededGenerator(seed: 7)
    for kernels in builds() {
      let rows = 100
      let labels = (0..<rows).map { _ in Int32.random(in: 0..<5, using: &generator) }
      let upper = generator.floats(rows, range: 1)
      let moved = generator.floats(5, range: 1).map { abs($0) }
      let others = generator.floats(5, range: 1).map { abs($0) }
      let drift = generator.floats(16, range: 1).map { abs($0) }
      let lower = generator.floats(rows, range: 3)
      let halves = generator.floats(5, range: 0.8)
      let grouped = generator.floats(rows * 16, range: 1).map { $0 + 2.4 }
      for range in [0..<0, 0..<100, 3..<19, 3..<20, 50..<99] {
        var chosen = [Int32](repeating: -7, count: rows + 16)
        let count = kernels.rowsToAssign(
          range, labels: labels, upper: upper, moved: moved, lower: lower, others: others,
          halves: halves, chosen: &chosen)
        let expected = range.filter {
          let label = Int(labels[$0])
          let limit = upper[$0] + moved[label] + 1e-5
          return !(lower[$0] - others[label] > limit) && !(limit < halves[label])
        }
        XCTAssertEqual(chosen[..<count].map { Int($0) }, expected, "\(kernels.isaName), \(range)")
        let several = kernels.rowsToAssign(
          range, labels: labels, upper: upper, moved: moved, lower: grouped, drift: drift,
          chosen: &chosen)
        let open = range.filter { row in
          let limit = upper[row] + moved[Int(labels[row])] + 1e-5
          return !(0..<16).allSatisfy { grouped[row * 16 + $0] - drift[$0] > limit }
        }
        XCTAssertEqual(chosen[..<several].map { Int($0) }, open, "\(kernels.isaName), \(range)")
        if range.count > 20 {
          XCTAssertTrue(count > 0 && count < range.count, "a test of nothing: \(count)")
          XCTAssertTrue(several > 0 && several < range.count, "a test of nothing: \(several)")
        }
      }
    }
  }

  /// What a filter found with its errors is a label where it is certain, with bounds that hold; else nothing changes.
  func testSettleTile() {
    var generator = SeededGenerator(seed: 9)
    for kernels in builds() {
      for trial in 0..<300 {
        let (clusters, count) = (7, trial % 3 == 0 ? 16 : 1 + trial % 16)
        // Rows in a run, or apart; certain ones alone in every fourth trial.
        let rows = (0..<16).map { Int32(trial % 2 == 0 ? 3 + $0 : (7 * $0 + trial) % 40) }
        let (relative, absolute): (Float, Float) = (0x1p-10, 0.05)
        let nearest = (0..<16).map { _ in Int32.random(in: 0..<7, using: &generator) }
        let best = generator.floats(16, range: 1).map { abs($0) }
        let runnerUp = best.map {
          $0 + (trial % 4 == 0 ? 1 : abs(Float.random(in: 0...0.3, using: &generator)))
        }
        let old = (0..<40).map { _ in Int32.random(in: -1..<7, using: &generator) }
        let moved = generator.floats(clusters, range: 1).map { abs($0) }
        let others = generator.floats(clusters, range: 1).map { abs($0) }
        var (labels, before) = (old, [Int32](repeating: -7, count: 16))
        var (upper, lower) = ([Float](repeating: 77, count: 40), [Float](repeating: -77, count: 40))
        var (own, other) = (best, runnerUp)
        let outcome =
          trial % 5 == 0
          ? kernels.settleTile(
            rows: rows, count: count, nearest: nearest, best: &own, runnerUp: &other,
            relative: relative, absolute: absolute, labels: &labels, before: &before, upper: nil,
            lower: nil, moved: nil, others: nil)
          : kernels.settleTile(
            rows: rows, count: count, nearest: nearest, best: &own, runnerUp: &other,
            relative: relative, absolute: absolute, labels: &labels, before: &before,
            upper: &upper, lower: &lower, moved: moved, others: others)
        var expected = old
        for lane in 0..<count {
          let name = "\(kernels.isaName), trial \(trial), lane \(lane)"
          let (row, label) = (Int(rows[lane]), Int(nearest[lane]))
          let above = best[lane] * (1 + relative) + absolute
          let below = runnerUp[lane] * (1 - relative) - absolute
          let isOpen = outcome & 1 << lane != 0
          let isChanged = outcome & 0x10000 << lane != 0
          if above < below - 1e-3 { XCTAssertFalse(isOpen, name) }
          if above >= below { XCTAssertTrue(isOpen, name) }
          guard !isOpen else {
            XCTAssertFalse(isChanged, name)
            XCTAssertEqual(own[lane], best[lane], name)
            continue
          }
          expected[row] = nearest[lane]
          XCTAssertEqual(isChanged, old[row] != nearest[lane], name)
          if isChanged { XCTAssertEqual(before[lane], old[row], name) }
          guard trial % 5 != 0 else { continue }
          XCTAssertGreaterThanOrEqual(upper[row] + moved[label], above * (1 - 1e-6), name)
          XCTAssertEqual(upper[row] + moved[label], above, accuracy: 1e-2, name)
          XCTAssertLessThanOrEqual(lower[row] - others[label], below + 1e-6, name)
          XCTAssertEqual(lower[row] - others[label], below, accuracy: 1e-2, name)
        }
        XCTAssertEqual(labels, expected, "\(kernels.isaName), trial \(trial)")
        XCTAssertEqual(outcome & ~((1 << UInt32(count) - 1) * 0x10001), 0)
      }
      // Sums that may have overflowed decide nothing.
      var (best, runnerUp) = (
        [Float](repeating: 0x1p121, count: 16), [Float](repeating: .infinity, count: 16)
      )
      var (labels, before) = ([Int32](repeating: -1, count: 16), [Int32](repeating: 0, count: 16))
      XCTAssertEqual(
        kernels.settleTile(
          rows: (0..<16).map { Int32($0) }, count: 16, nearest: [Int32](repeating: 1, count: 16),
          best: &best, runnerUp: &runnerUp, relative: 0, absolute: 0, labels: &labels,
          before: &before, upper: nil, lower: nil, moved: nil, others: nil), 0xffff)
      XCTAssertEqual(labels, [Int32](repeating: -1, count: 16))
    }
  }

  /// Distances lie within the bounds that scores give; what is said to be decided is.
  func testJudgeTile() {
    var generator = SeededGenerator(seed: 8)
    for kernels in builds() {
      for trial in 0..<500 {
        let size: Float = trial % 2 == 0 ? 1 : 1e-3
        let norms = generator.floats(16, range: 1).map { abs($0) }
        let best = generator.floats(16, range: 0.4).map { $0 - 0.3 }
        let runnerUp = best.map { $0 + abs(Float.random(in: 0...1, using: &generator)) * size }
        var undecided = [Int32](repeating: -7, count: 16)
        var (errors, upper, lower) = (norms, norms, norms)
        let isAny = kernels.judgeTile(
          norms: norms, best: best, runnerUp: runnerUp, slope: 1e-4, constant: 2e-4,
          roundoff: 1e-6, largest: 3, undecided: &undecided, errors: &errors, upper: &upper,
          lower: &lower)
        XCTAssertEqual(isAny, undecided.contains(1))
        for lane in 0..<16 {
          let norm = Double(norms[lane])
          let error = 1e-4 * norm + 2e-4 + 1e-6 * (norm + 3) * (norm + 3)
          XCTAssertEqual(Double(errors[lane]), error, accuracy: error * 1e-5, kernels.isaName)
          let gap = Double(runnerUp[lane]) - Double(best[lane])
          if abs(gap - 2 * error) > error * 1e-3 {
            XCTAssertEqual(undecided[lane], gap > 2 * error ? 0 : 1, kernels.isaName)
          }
          // The true score may be off by the error, the norm may be smaller by 2^-22.
          let nearest = max(0, norm * norm + 2 * (Double(best[lane]) + error)).squareRoot()
          XCTAssertGreaterThanOrEqual(Double(upper[lane]), nearest * (1 - 1e-9), kernels.isaName)
          let least = norm * (1 - 0x1p-22)
          let other = max(0, least * least + 2 * (Double(runnerUp[lane]) - error)).squareRoot()
          XCTAssertLessThanOrEqual(Double(lower[lane]), other * (1 + 1e-9), kernels.isaName)
          XCTAssertLessThanOrEqual(Double(upper[lane]), nearest * 1.001 + 2e-3)
        }
      }
    }
  }
}
