import DTrainDist
import Foundation
import XCTest

@testable import DTrainNetworks

/// When a run stops, and which parameters it keeps.
final class EarlyStoppingTests: XCTestCase {
  /// The last epoch whose parameters were kept.
  private var kept = 0

  private func stopping(patience: Int) -> EarlyStopping {
    var configuration = MLPConfiguration()
    configuration.earlyStop = patience
    return EarlyStopping(configuration)
  }

  /// An epoch of numbers, with a loss on its validation rows.
  private func epoch(_ number: Int, loss: Double) -> MLPEpoch {
    MLPEpoch(
      epoch: number, step: number, learningRate: 1, loss: 1, training: nil,
      validation: Evaluation(rows: 1, lossSum: loss, wrong: 0), test: nil, targets: .numbers,
      secondsTrain: 1, samplesPerSecond: 1)
  }

  /// Runs the losses through; the epoch that ended the run, if one did.
  private func end(_ stopping: inout EarlyStopping, _ losses: [Double]) -> Int? {
    for (index, loss) in losses.enumerated() {
      let decision = stopping.decide(epoch(index + 1, loss: loss)) { kept = index + 1 }
      if decision != nil { return index + 1 }
    }
    return nil
  }

  func testPatience() {
    var stopping = stopping(patience: 2)
    XCTAssertEqual(end(&stopping, [5, 4, 4, 3, 3, 3.5, 1]), 6)
    XCTAssertEqual(stopping.best?.epoch, 4)
    XCTAssertEqual(kept, 4)
  }

  /// A loss that is not finite is no improvement, also as the first.
  func testLossesThatAreNotFinite() {
    for bad in [Double.nan, .infinity] {
      var stopping = stopping(patience: 2)
      XCTAssertNil(end(&stopping, [bad, 5, bad, 4, bad]))
      XCTAssertEqual(stopping.best?.epoch, 4)
      XCTAssertEqual(kept, 4)
      var hopeless = self.stopping(patience: 3)
      XCTAssertEqual(end(&hopeless, [bad, bad, bad, 1]), 3)
      XCTAssertNil(hopeless.best)
    }
  }

  /// Parameters of some pieces come back, also after others were written over them, and only as they were written.
  func testBestParametersComeBack() throws {
    let directory = try FixtureDirectory()
    let best = try BestParameters(in: directory.path)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: directory.path), [])
    var generator = SeededGenerator(seed: 5)
    for count in [3 << 20, 2 << 20, 5, 1 << 20] {
      let values = generator.floats(count)
      try values.withUnsafeBufferPointer { try best.keep($0) }
      XCTAssertEqual(best.tensor("best").shape, [count])
      var found = [Float](repeating: 0, count: count)
      try found.withUnsafeMutableBufferPointer {
        try BestParameters.spread(best, count: count, among: .solo, into: $0.baseAddress)
      }
      XCTAssertEqual(found, values)
    }
  }
}
