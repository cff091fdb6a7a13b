import XCTest

@testable import DTrainCore

/// When a run stops, and which parameters it keeps.
final class EarlyStoppingTests: XCTestCase {
  private func stopping(patience: Int) -> EarlyStopping {
    var configuration = MLPConfiguration()
    configuration.earlyStop = patience
    return EarlyStopping(configuration)
  }

  /// An epoch of numbers, with a loss on its validation rows.
  private func epoch(_ number: Int, loss: Double) -> MLPEpoch {
    MLPEpoch(
      epoch: number, step: number, learningRate: 1, loss: 1, training: nil,
      validation: Evaluation(rows: 1, lossSum: loss, wrong: 0), test: nil, hasClasses: false,
      secondsTrain: 1, samplesPerSecond: 1)
  }

  /// Runs the losses through; the epoch that ended the run, if one did.
  private func end(_ stopping: inout EarlyStopping, _ losses: [Double]) -> Int? {
    for (index, loss) in losses.enumerated() {
      let decision = stopping.decide(epoch(index + 1, loss: loss)) { $0 = [Float(index + 1)] }
      if decision != nil { return index + 1 }
    }
    return nil
  }

  func testPatience() {
    var stopping = stopping(patience: 2)
    XCTAssertEqual(end(&stopping, [5, 4, 4, 3, 3, 3.5, 1]), 6)
    XCTAssertEqual(stopping.best?.epoch, 4)
    XCTAssertEqual(stopping.bestParameters, [4])
  }

  /// A loss that is not finite is no improvement, also as the first.
  func testLossesThatAreNotFinite() {
    for bad in [Double.nan, .infinity] {
      var stopping = stopping(patience: 2)
      XCTAssertNil(end(&stopping, [bad, 5, bad, 4, bad]))
      XCTAssertEqual(stopping.best?.epoch, 4)
      XCTAssertEqual(stopping.bestParameters, [4])
      var hopeless = self.stopping(patience: 3)
      XCTAssertEqual(end(&hopeless, [bad, bad, bad, 1]), 3)
      XCTAssertNil(hopeless.best)
    }
  }

  /// The copy of the best parameters is overwritten where it stands: a second one would be memory that
  /// nobody was promised.
  func testOneCopyIsKept() {
    var stopping = stopping(patience: 2)
    var places: [UnsafePointer<Float>?] = []
    for number in 1...4 {
      _ = stopping.decide(epoch(number, loss: 9 - Double(number))) { kept in
        if kept.isEmpty { kept = [Float](repeating: 0, count: 1000) }
        kept.withUnsafeMutableBufferPointer {
          $0[0] = Float(number)
          places.append(UnsafePointer($0.baseAddress))
        }
      }
      XCTAssertEqual(stopping.bestParameters[0], Float(number))
    }
    XCTAssertEqual(Set(places).count, 1)
  }
}
