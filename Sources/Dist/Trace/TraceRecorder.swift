/// The spans of one rank, in memory that is bounded however long a run is.
///
/// The first ``detailLimit`` events are kept one by one. Later outermost spans (steps, evaluations, iterations) are merged
/// into stretches of time, each of which knows the sums of its phases; where there are too many stretches, neighbours are
/// merged. Sums are exact, since nothing that is timed for a sum is left out. Where steps are so short that timing their
/// parts would slow them, merged steps have the parts of some of them timed only, and scaled.
package final class TraceRecorder {
  /// Events that are kept one by one; no outermost span is cut, so there may be up to twice as many.
  package static let detailLimit = 20_000
  /// Stretches after these; half of them remain after a merger.
  package static let stretchLimit = 600

  /// One span.
  struct Event {
    let start, end: Double
    let phase: Phase
  }

  /// Outermost spans of one phase in a stretch.
  struct Merged {
    var seconds: Double
    var count: Int
    /// How many of them had their details timed, and their seconds.
    var timed: Int
    var timedSeconds: Double
    /// Seconds of the spans in them without those in these again; of details, in the timed ones alone.
    var parts: [Double]
  }

  /// Consecutive outermost spans.
  struct Stretch {
    var start, end: Double
    /// By phase.
    var merged: [Merged?]
  }

  private(set) var events: [Event] = []
  private var closed: [Stretch] = []
  /// All stretches, the one that is not over among them.
  var stretches: [Stretch] { closed + (state.pointee.count > 0 ? [state.pointee.stretch] : []) }
  /// Events that one outermost span had too many of.
  private(set) var dropped = 0
  /// The time that a trace counts from.
  package let origin: Double

  private let detailLimit: Int
  private let stretchLimit: Int
  /// What spans touch.
  let state: UnsafeMutablePointer<TraceState>

  /// A recorder that begins now.
  package init(detailLimit: Int = detailLimit, stretchLimit: Int = stretchLimit) {
    (self.detailLimit, self.stretchLimit) = (detailLimit, stretchLimit)
    state = .allocate(capacity: 1)
    events.reserveCapacity(detailLimit + 1000)
    let rounds = 1000
    let began = MonotonicClock.seconds
    var last = began
    for _ in 0..<rounds {
      last = MonotonicClock.seconds
      events.append(Event(start: began, end: last, phase: .load))
    }
    events.removeAll(keepingCapacity: true)
    origin = MonotonicClock.seconds
    // Two readings a span.
    state.initialize(to: TraceState(of: self, cost: 2 * (last - began) / Double(rounds)))
  }

  deinit {
    state.pointee.deallocate()
    state.deallocate()
  }

  /// Whether details of the present outermost span are wanted.
  package var wantsDetail: Bool { state.pointee.wantsDetail }

  /// Notes that a span begins; false where it is not to be noted when it ends.
  func begin(_ phase: Phase) -> Bool { state.pointee.begin(phase) }

  /// Notes a span that ends.
  func end(_ phase: Phase, from start: Double, to end: Double) {
    state.pointee.end(phase, from: start, to: end)
  }

  /// Whether another outermost span is kept with all that is in it.
  var hasRoom: Bool { events.count < detailLimit }

  /// Keeps a span by itself.
  func keep(_ phase: Phase, from start: Double, to end: Double, isOutermost: Bool) {
    if events.count < 2 * detailLimit || isOutermost {
      events.append(Event(start: start, end: end, phase: phase))
    } else {
      dropped += 1
    }
  }

  /// The shortest stretch, where the first one begins.
  func firstGrain(at start: Double) -> Double { (start - origin) / Double(stretchLimit) }

  /// Keeps a stretch that is over.
  ///
  /// - Returns: how short the next may be.
  func keep(_ stretch: Stretch, grain: Double) -> Double {
    closed.append(stretch)
    // Another one is begun.
    guard closed.count >= stretchLimit else { return grain }
    halve()
    return 2 * grain
  }

  /// Merges each stretch with the next one.
  private func halve() {
    closed = stride(from: 0, to: closed.count, by: 2).map { first in
      guard first + 1 < closed.count else { return closed[first] }
      var stretch = closed[first]
      let next = closed[first + 1]
      stretch.end = next.end
      for (place, merged) in next.merged.enumerated() {
        guard let merged else { continue }
        guard let own = stretch.merged[place] else {
          stretch.merged[place] = merged
          continue
        }
        stretch.merged[place] = own.adding(merged)
      }
      return stretch
    }
  }
}

extension TraceRecorder.Merged {
  fileprivate func adding(_ other: Self) -> Self {
    var sum = self
    sum.seconds += other.seconds
    sum.count += other.count
    sum.timed += other.timed
    sum.timedSeconds += other.timedSeconds
    for place in parts.indices { sum.parts[place] += other.parts[place] }
    return sum
  }
}
