/// The spans of all ranks of a run as a file in Chrome's trace event format, which Perfetto and chrome://tracing open.
///
/// An object with `traceEvents`: a track a rank (`tid`), complete events (`ph` `X`) with `ts` and `dur` in microseconds
/// since the ranks met at the start of the run; on a track they nest and are in order. `otherData` says how many events
/// were merged or left out. See docs/RUNS.md.
struct TraceFile {
  private let path: String
  private let world: Communicator

  /// Begins to record on all ranks; collective.
  ///
  /// - Throws: `TrainerError(.usage)` for a path that is a directory, or a file of the run or of its data,
  ///   `TrainerError(.inputOutput)` where it cannot be written.
  init(path: String, reading data: DataCatalog.Options, among world: Communicator) throws {
    self.path = path
    self.world = world
    try world.onRoot {
      try OutputPath.check(path, reading: data, model: nil, option: "trace")
    }
    // From here all ranks count, though the clocks of their machines differ.
    try world.barrier()
    Trace.recorder = TraceRecorder()
  }

  /// Writes what was recorded, and records no more; collective.
  ///
  /// - Throws: `TrainerError(.inputOutput)`, agreed by all ranks.
  /// - Complexity: O(events of all ranks); rank 0 holds those of one other rank at a time.
  func write() throws {
    guard let recorder = Trace.recorder else { return }
    Trace.recorder = nil
    let counts = recorder.counts
    let all = try world.allGather([counts.detailed, counts.merged, counts.dropped])
    func total(_ kind: Int) -> Int {
      stride(from: kind, to: all.count, by: 3).reduce(0) { $0 + all[$1] }
    }
    var file: AtomicFile?
    try world.onRoot {
      let target = try AtomicFile(path: path)
      try target.append(Array(Self.head(ranks: world.size).utf8))
      file = target
    }
    // One rank after the other, in turn.
    for rank in 0..<world.size {
      let own = rank == world.rank ? Self.text(recorder.finishedEvents(), rank: rank) : []
      let text = try rank == 0 ? own : moved(own, from: rank)
      try world.onRoot { try file?.append(text) }
    }
    try world.onRoot {
      try file?.append(
        Array(
          Self.tail(detailed: total(0), merged: total(1), dropped: total(2), ranks: world.size)
            .utf8))
      try file?.commit()
    }
  }

  /// The bytes of another rank, on rank 0.
  private func moved(_ own: [UInt8], from rank: Int) throws(MPIError) -> [UInt8] {
    guard world.isRoot || world.rank == rank else { return [] }
    if world.rank == rank {
      try [own.count].withUnsafeBufferPointer { count throws(MPIError) in
        try world.send(count, to: 0)
      }
      try own.withUnsafeBufferPointer { bytes throws(MPIError) in try world.send(bytes, to: 0) }
      return []
    }
    var count = [0]
    try count.withUnsafeMutableBufferPointer { buffer throws(MPIError) in
      try world.receive(buffer, from: rank)
    }
    var bytes = [UInt8](repeating: 0, count: count[0])
    try bytes.withUnsafeMutableBufferPointer { buffer throws(MPIError) in
      try world.receive(buffer, from: rank)
    }
    return bytes
  }

  private static func head(ranks: Int) -> String {
    var lines = [
      #"{"displayTimeUnit":"ms","traceEvents":["#,
      #"{"name":"process_name","ph":"M","pid":0,"args":{"name":"dtrain"}}"#,
    ]
    for rank in 0..<ranks {
      lines[lines.count - 1] += ","
      lines.append(
        #"{"name":"thread_name","ph":"M","pid":0,"tid":\#(rank),"args":{"name":"rank \#(rank)"}}"#)
    }
    return lines.joined(separator: "\n")
  }

  private static func tail(detailed: Int, merged: Int, dropped: Int, ranks: Int) -> String {
    """

    ],"otherData":{"version":"\(Version.current)","ranks":\(ranks),"detailed_events":\(detailed),\
    "merged_spans":\(merged),"dropped_events":\(dropped)}}

    """
  }

  /// The events of a rank, each behind a comma and a line feed.
  private static func text(_ events: [TraceRecorder.TraceEvent], rank: Int) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(events.count * 80)
    for event in events {
      let notes = [
        event.merged.map { "\"merged\":\($0)" }, event.timed.map { "\"timed\":\($0)" },
      ].compactMap { $0 }
      let args = notes.isEmpty ? "" : ",\"args\":{\(notes.joined(separator: ","))}"
      text += Array(
        """
        ,
        {"name":"\(event.phase.name)","ph":"X","pid":0,"tid":\(rank),"ts":\(micro(event.start)),\
        "dur":\(micro(event.end - event.start))\(args)}
        """.utf8)
    }
    return text
  }

  /// Nanoseconds as microseconds, exactly.
  private static func micro(_ nanoseconds: Int) -> String {
    let rest = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}

extension RunJob {
  /// Makes the run, with a trace where one is asked for; collective.
  ///
  /// A run that fails leaves no trace; one that stops on request does.
  package func traced(among world: Communicator, _ body: () throws -> RunEnd) throws -> RunEnd {
    guard let trace else { return try body() }
    let file = try TraceFile(path: trace, reading: data, among: world)
    defer { Trace.recorder = nil }
    let end = try body()
    try Activity.perform("writing the trace") { try file.write() }
    return end
  }
}
