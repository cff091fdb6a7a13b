/// What spans touch of a ``TraceRecorder``: plain memory, for a step may last a microsecond, in which counting references
/// and checking accesses would be seen. Nothing is allocated between one stretch and the next.
struct TraceState {
  private static let phases = Phase.allCases.count

  /// The open spans, the phase of the outermost, and whether the innermost is one of communication.
  private(set) var depth = 0
  private var outermost = 0
  private var isCommunicating = false
  /// Whether spans are kept one by one.
  private var isDetailed = true
  /// Whether details of the present outermost span are wanted.
  private(set) var wantsDetail = true
  /// How many merged outermost spans there are to each one whose details are timed.
  private var interval = 1
  /// How many of each phase come before the next that is timed.
  private let left: UnsafeMutablePointer<Int>
  /// Seconds of the communication in the present part, and the spans in the present outermost one.
  private var inner = 0.0
  private var spanCount = 0
  /// Seconds that the recording of one span takes here.
  private let cost: Double

  /// The stretch of time that is not over: where it begins and ends, the shortest that it may be, and its outermost spans.
  private(set) var start = 0.0, end = 0.0
  private var grain = -1.0
  private(set) var count = 0
  /// By phase of the outermost spans: their seconds, those of the timed ones, and of their parts by phase again.
  private let seconds, timedSeconds, parts: UnsafeMutablePointer<Double>
  private let counts, timed: UnsafeMutablePointer<Int>
  /// Who keeps the rest; it outlives the state.
  private let recorder: Unmanaged<TraceRecorder>

  /// The part of the time that the recording of details may take.
  private static let overhead = 0.005

  init(of recorder: TraceRecorder, cost: Double) {
    func zeros<T: Numeric>(_ count: Int) -> UnsafeMutablePointer<T> {
      let memory = UnsafeMutablePointer<T>.allocate(capacity: count)
      memory.initialize(repeating: 0, count: count)
      return memory
    }
    self.recorder = .passUnretained(recorder)
    self.cost = cost
    left = zeros(Self.phases)
    seconds = zeros(Self.phases)
    timedSeconds = zeros(Self.phases)
    parts = zeros(Self.phases * Self.phases)
    counts = zeros(Self.phases)
    timed = zeros(Self.phases)
  }

  /// Gives the memory back.
  func deallocate() {
    left.deallocate()
    seconds.deallocate()
    timedSeconds.deallocate()
    parts.deallocate()
    counts.deallocate()
    timed.deallocate()
  }

  /// Notes that a span begins; false where it is not to be noted when it ends.
  @inline(__always)
  mutating func begin(_ phase: Phase) -> Bool {
    // What waits within a wait is the same time.
    if isCommunicating { return false }
    if depth == 0 {
      outermost = Int(phase.rawValue)
      if isDetailed { isDetailed = recorder.takeUnretainedValue().hasRoom }
      if !isDetailed {
        wantsDetail = left[outermost] == 0
        left[outermost] = wantsDetail ? interval - 1 : left[outermost] - 1
      }
    }
    isCommunicating = phase.isCommunication
    depth += 1
    return true
  }

  /// Notes a span that ends.
  @inline(__always)
  mutating func end(_ phase: Phase, from start: Double, to end: Double) {
    depth -= 1
    isCommunicating = false
    if isDetailed {
      return recorder.takeUnretainedValue()
        .keep(phase, from: start, to: end, isOutermost: depth == 0)
    }
    spanCount += 1
    let part = outermost * Self.phases + Int(phase.rawValue)
    switch depth {
    case 0: merge(from: start, to: end)
    case 1:
      parts[part] += end - start - inner
      inner = 0
    default:
      guard phase.isCommunication else { return }
      parts[part] += end - start
      inner += end - start
    }
  }

  /// Adds the outermost span that ends to the stretch.
  @inline(__always)
  private mutating func merge(from start: Double, to end: Double) {
    if count == 0 { self.start = start }
    count += 1
    self.end = end
    seconds[outermost] += end - start
    counts[outermost] += 1
    if wantsDetail { schedule(after: end - start) }
    (inner, spanCount, wantsDetail) = (0, 0, true)
    if end - self.start >= grain { conclude() }
  }

  /// Counts a span whose details were timed, and decides when the next is.
  private mutating func schedule(after seconds: Double) {
    timed[outermost] += 1
    timedSeconds[outermost] += seconds
    let wanted = Double(spanCount) * cost / (Self.overhead * max(seconds, 1e-7))
    interval = max(interval, min(1000, Int(wanted.rounded(.up))))
    left[outermost] = interval - 1
  }

  /// Hands the stretch over, and begins another one; the first time decides how short they may be.
  private mutating func conclude() {
    let recorder = recorder.takeUnretainedValue()
    if grain < 0 {
      grain = recorder.firstGrain(at: start)
      if end - start < grain { return }
    }
    grain = recorder.keep(stretch, grain: grain)
    clear()
  }

  /// The stretch that is not over.
  var stretch: TraceRecorder.Stretch {
    .init(
      start: start, end: end,
      merged: (0..<Self.phases).map { phase in
        guard counts[phase] > 0 else { return nil }
        return .init(
          seconds: seconds[phase], count: counts[phase], timed: timed[phase],
          timedSeconds: timedSeconds[phase],
          parts: Array(UnsafeBufferPointer(start: parts + phase * Self.phases, count: Self.phases)))
      })
  }

  private mutating func clear() {
    count = 0
    seconds.update(repeating: 0, count: Self.phases)
    timedSeconds.update(repeating: 0, count: Self.phases)
    parts.update(repeating: 0, count: Self.phases * Self.phases)
    counts.update(repeating: 0, count: Self.phases)
    timed.update(repeating: 0, count: Self.phases)
  }
}
