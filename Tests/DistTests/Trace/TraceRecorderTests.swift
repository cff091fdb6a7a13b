import XCTest

@testable import DTrainDist

/// How spans are kept in bounded memory.
final class TraceRecorderTests: XCTestCase {
  /// Records `steps` steps with parts and waits, each of known length.
  private func recorder(steps: Int, seconds: Double = 1e-3) -> TraceRecorder {
    let recorder = TraceRecorder(detailLimit: 100, stretchLimit: 10)
    var time = recorder.origin
    func span(_ phase: Phase, _ length: Double, _ body: () -> Void = {}) {
      let isWanted = recorder.begin(phase)
      let start = time
      body()
      time = start + length
      if isWanted { recorder.end(phase, from: start, to: time) }
    }
    for step in 0..<steps {
      span(.step, seconds) {
        if recorder.wantsDetail { span(.forward, seconds / 4) }
        // A wait in a wait is the same time.
        func wait() { span(.exchange, seconds / 8) { span(.exchange, seconds / 16) } }
        if recorder.wantsDetail { span(.update, seconds / 2, wait) } else { wait() }
      }
      if step % 7 == 6 { span(.evaluate, seconds * 2) }
      time += seconds / 3
    }
    return recorder
  }

  private func seconds(_ events: [TraceRecorder.TraceEvent], _ phase: Phase) -> Double {
    events.reduce(0) { $0 + ($1.phase == phase ? Double($1.end - $1.start) : 0) } / 1e9
  }

  func testSumsOrderAndBound() {
    for steps in [10, 25, 100, 1000, 20_000] {
      let recorder = recorder(steps: steps)
      let events = recorder.finishedEvents()
      XCTAssertLessThan(events.count, 300, "\(steps) steps")
      XCTAssertEqual(seconds(events, .step), Double(steps) * 1e-3, accuracy: 1e-5 * Double(steps))
      XCTAssertEqual(
        seconds(events, .exchange), Double(steps) * 1e-3 / 8, accuracy: 1e-5 * Double(steps))
      XCTAssertEqual(
        seconds(events, .evaluate), Double(steps / 7) * 2e-3, accuracy: 1e-5 * Double(steps))
      XCTAssertEqual(
        seconds(events, .forward), Double(steps) * 1e-3 / 4, accuracy: 1e-5 * Double(steps))
      var open: [TraceRecorder.TraceEvent] = []
      var last = 0
      for event in events {
        XCTAssertGreaterThanOrEqual(event.start, last)
        last = event.start
        while let outer = open.last, outer.end <= event.start { open.removeLast() }
        if let outer = open.last { XCTAssertLessThanOrEqual(event.end, outer.end) }
        open.append(event)
      }
      let counts = recorder.counts
      XCTAssertEqual(counts.dropped, 0)
      XCTAssertLessThanOrEqual(counts.detailed, 105)
    }
  }

  /// Steps that take no longer than their timing have the parts of some of them timed.
  func testShortStepsAreSampled() {
    let recorder = recorder(steps: 20_000, seconds: 1e-6)
    let events = recorder.finishedEvents()
    XCTAssertTrue(events.contains { $0.phase == .step && ($0.timed ?? .max) < ($0.merged ?? 0) })
    XCTAssertEqual(seconds(events, .step), 0.02, accuracy: 1e-4)
    XCTAssertEqual(seconds(events, .forward), 0.005, accuracy: 5e-4)
  }
}
