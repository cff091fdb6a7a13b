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
  /// The part of the time that the recording of details may take.
  private static let overhead = 0.005

  /// One span.
  struct Event {
    let start, end: Double
    let phase: Phase
  }

  /// Outermost spans of one phase in a stretch.
  struct Merged {
    var seconds = 0.0
    var count = 0
    /// How many of them had their details timed, and their seconds.
    var timed = 0
    var timedSeconds = 0.0
    /// Seconds of the spans in them without those in these again; of details, in the timed ones alone.
    var parts = [Double](repeating: 0, count: Phase.allCases.count)
  }

  /// Consecutive outermost spans.
  struct Stretch {
    var start, end: Double
    /// By phase.
    var merged: [Merged?]
  }

  private(set) var events: [Event] = []
  private(set) var stretches: [Stretch] = []
  /// Events that one outermost span had too many of.
  private(set) var dropped = 0
  /// The time that a trace counts from.
  package let origin: Double

  private let detailLimit: Int
  private let stretchLimit: Int
  /// Seconds that the recording of one span takes here.
  private let cost: Double
  /// The open spans, and whether the innermost is one of communication.
  private var depth = 0
  private var isCommunicating = false
  private var isDetailed = true
  /// Whether details of the present outermost span are wanted.
  package private(set) var wantsDetail = true
  /// How many merged outermost spans there are to each one whose details are timed.
  private var interval = 1
  /// Those so far, by phase.
  private let turns: UnsafeMutablePointer<Int>
  /// The parts of the present outermost span, and those of its present part. Plain memory, as all that each step touches:
  /// a step may last a microsecond.
  private let parts: UnsafeMutablePointer<Double>
  private var hasParts = false
  private var inner = 0.0
  private var partCount = 0
  /// The shortest stretch.
  private var grain = 0.0

  /// A recorder that begins now.
  package init(detailLimit: Int = detailLimit, stretchLimit: Int = stretchLimit) {
    (self.detailLimit, self.stretchLimit) = (detailLimit, stretchLimit)
    turns = .allocate(capacity: Phase.allCases.count)
    turns.initialize(repeating: 0, count: Phase.allCases.count)
    parts = .allocate(capacity: Phase.allCases.count)
    parts.initialize(repeating: 0, count: Phase.allCases.count)
    events.reserveCapacity(detailLimit + 1000)
    let rounds = 1000
    let began = MonotonicClock.seconds
    var last = began
    for _ in 0..<rounds {
      last = MonotonicClock.seconds
      events.append(Event(start: began, end: last, phase: .load))
    }
    // Two readings a span.
    cost = 2 * (last - began) / Double(rounds)
    events.removeAll(keepingCapacity: true)
    origin = MonotonicClock.seconds
  }

  deinit {
    turns.deallocate()
    parts.deallocate()
  }

  /// Notes that a span begins; false where it is not to be noted when it ends.
  func begin(_ phase: Phase) -> Bool {
    // What waits within a wait is the same time.
    if isCommunicating { return false }
    if depth == 0 {
      isDetailed = isDetailed && events.count < detailLimit
      if !isDetailed {
        wantsDetail = turns[Int(phase.rawValue)] % interval == 0
        turns[Int(phase.rawValue)] += 1
      }
    }
    isCommunicating = phase.isCommunication
    depth += 1
    return true
  }

  /// Notes a span that ends.
  func end(_ phase: Phase, from start: Double, to end: Double) {
    depth -= 1
    isCommunicating = false
    if isDetailed {
      if events.count < 2 * detailLimit || depth == 0 {
        events.append(Event(start: start, end: end, phase: phase))
      } else {
        dropped += 1
      }
      return
    }
    partCount += 1
    switch depth {
    case 0:
      merge(phase, from: start, to: end)
      wantsDetail = true
    case 1:
      parts[Int(phase.rawValue)] += end - start - inner
      hasParts = true
      inner = 0
    default:
      guard phase.isCommunication else { return }
      parts[Int(phase.rawValue)] += end - start
      inner += end - start
    }
  }

  /// Adds an outermost span to the last stretch, or begins another one.
  private func merge(_ phase: Phase, from start: Double, to end: Double) {
    if stretches.isEmpty { grain = (start - origin) / Double(stretchLimit) }
    if stretches.last.map({ $0.end - $0.start >= grain }) ?? true {
      if stretches.count >= stretchLimit { halve() }
      stretches.append(
        Stretch(
          start: start, end: end, merged: [Merged?](repeating: nil, count: Phase.allCases.count)))
    }
    let (last, place) = (stretches.count - 1, Int(phase.rawValue))
    stretches[last].end = end
    add(seconds: end - start, to: &stretches[last].merged[place])
    (inner, partCount, hasParts) = (0, 0, false)
  }

  /// Adds the present outermost span, in place.
  private func add(seconds: Double, to target: inout Merged?) {
    if target == nil { target = Merged() }
    target!.seconds += seconds
    target!.count += 1
    if wantsDetail {
      target!.timed += 1
      target!.timedSeconds += seconds
      let wanted = Double(partCount) * cost / (Self.overhead * max(seconds, 1e-7))
      interval = max(interval, min(1000, Int(wanted.rounded(.up))))
    }
    guard hasParts else { return }
    for part in 0..<Phase.allCases.count where parts[part] > 0 {
      target!.parts[part] += parts[part]
      parts[part] = 0
    }
  }

  /// Merges each stretch with the next one.
  private func halve() {
    grain *= 2
    stretches = stride(from: 0, to: stretches.count, by: 2).map { first in
      guard first + 1 < stretches.count else { return stretches[first] }
      var stretch = stretches[first]
      let next = stretches[first + 1]
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
