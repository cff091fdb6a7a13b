extension TraceRecorder {
  /// An event of a trace.
  package struct TraceEvent {
    package let phase: Phase
    /// Nanoseconds since the recorder began; the end is not before the start.
    package let start, end: Int
    /// How many spans were merged in it; nil for one that was recorded by itself.
    package let merged: Int?
    /// Of how many of them the parts were timed, where not of all.
    package let timed: Int?
  }

  /// How many events were recorded by themselves, outermost spans were merged, and events were left out.
  package var counts: (detailed: Int, merged: Int, dropped: Int) {
    let merged = stretches.reduce(0) { $0 + $1.merged.reduce(0) { $0 + ($1?.count ?? 0) } }
    return (events.count, merged, dropped)
  }

  /// The events in the order of their starts, outer ones before those in them; they nest.
  ///
  /// - Complexity: O(n log n) for n events.
  package func finishedEvents() -> [TraceEvent] {
    func nanoseconds(_ time: Double) -> Int { Int(((time - origin) * 1e9).rounded(.down)) }
    var all = events.map {
      TraceEvent(
        phase: $0.phase, start: max(0, nanoseconds($0.start)), end: max(0, nanoseconds($0.end)),
        merged: nil, timed: nil)
    }
    all.sort { $0.start != $1.start ? $0.start < $1.start : $0.end > $1.end }
    for stretch in stretches { append(stretch, from: nanoseconds(stretch.start), to: &all) }
    return all
  }

  /// Lays the phases of a stretch out one behind the other, and their parts within them.
  private func append(_ stretch: Stretch, from start: Int, to all: inout [TraceEvent]) {
    func nanoseconds(_ seconds: Double) -> Int { Int((seconds * 1e9).rounded(.down)) }
    var start = start
    for (phase, merged) in zip(Phase.allCases, stretch.merged) {
      guard let merged else { continue }
      let end = start + nanoseconds(merged.seconds)
      let isPartly = merged.timed < merged.count
      all.append(
        TraceEvent(
          phase: phase, start: start, end: end, merged: merged.count,
          timed: isPartly ? merged.timed : nil))
      // Communication is timed in all of them; details are scaled to all, into the room that is left.
      let communication = Phase.allCases.reduce(0.0) {
        $1.isCommunication ? $0 + merged.parts[Int($1.rawValue)] : $0
      }
      let details = merged.parts.reduce(0, +) - communication
      let factor = merged.timedSeconds > 0 ? merged.seconds / merged.timedSeconds : 0
      let room = max(0, merged.seconds - communication)
      let scale = details > 0 ? min(factor, room / details) : 0
      var place = start
      for part in Phase.allCases where merged.parts[Int(part.rawValue)] > 0 {
        let seconds = merged.parts[Int(part.rawValue)] * (part.isCommunication ? 1 : scale)
        let stop = min(end, place + nanoseconds(seconds))
        if stop > place {
          all.append(
            TraceEvent(
              phase: part, start: place, end: stop, merged: merged.count,
              timed: isPartly && !part.isCommunication ? merged.timed : nil))
        }
        place = stop
      }
      start = end
    }
  }
}
