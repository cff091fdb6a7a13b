/// What a rank spends time on, as `summary.json` and a trace call it.
public enum Phase: UInt8, CaseIterable, Sendable {
  /// The run directory and the rows; the model and its parameters.
  case load, initialization
  /// A step of training; copying its rows, and passing forward and backward; changing the parameters.
  case step, gather, forward, backward, update
  /// Choosing first centers; an iteration; giving each row to its nearest center.
  case seed, iteration, assign
  /// Messages of MPI, and waiting for those of others; waiting for ranks of the node.
  case exchange, wait
  /// Scoring a model or centers; saving a checkpoint.
  case evaluate, save

  /// Its name in a trace.
  package var name: String { self == .initialization ? "init" : "\(self)" }

  /// Whether it is time in which a rank does nothing of its own.
  var isCommunication: Bool { self == .exchange || self == .wait }
}

/// A piece of time that is spent on one phase: the only place where a run's seconds are taken. Main thread only.
///
/// Spans nest: one ends before that in which it began. Where a trace is recorded each becomes an event of it, by the same
/// two readings of the clock.
public struct Span {
  /// When it began, by ``MonotonicClock``; 0 where nobody asks for it.
  public let start: Double
  private let phase: Phase
  private let isRecorded: Bool

  /// Begins a span whose seconds are added up somewhere.
  public init(_ phase: Phase) {
    self.phase = phase
    isRecorded = Trace.state?.pointee.begin(phase) ?? false
    start = MonotonicClock.seconds
  }

  /// Begins a span that only a trace asks for: without one the clock is not read.
  public static func detail(_ phase: Phase) -> Span {
    guard let state = Trace.state, state.pointee.wantsDetail else { return Span() }
    return Span(phase)
  }

  private init() { (start, phase, isRecorded) = (0, .load, false) }

  /// Ends it; the seconds since ``start``, 0 where nobody asks for them.
  @discardableResult
  public func end() -> Double {
    guard start > 0 else { return 0 }
    let end = MonotonicClock.seconds
    if isRecorded { Trace.state?.pointee.end(phase, from: start, to: end) }
    return end - start
  }
}

/// Whether the spans of this rank are recorded.
public enum Trace {
  /// Where they are; nil while none are. Main thread only.
  package nonisolated(unsafe) static var recorder: TraceRecorder? {
    didSet { state = recorder?.state }
  }
  /// The same for spans, without references to count.
  fileprivate nonisolated(unsafe) static var state: UnsafeMutablePointer<TraceState>?
}
