import Glibc
import Synchronization

/// A thread that makes no MPI call, and says when and where a job stands still.
///
/// Each rank of a node keeps a ``ProgressSlot`` in a page that all of them see, and each has such a thread.
/// While no slot of the node changes, time runs; then the first thread that notices reports who waits
/// where, and in the end leaves with ``StallLimits/exitCode``, upon which the launcher ends the job. A rank that is
/// stopped or dead cannot keep the others' threads from it.
final class Watchdog: Sendable {
  /// How far the job has come; what can be wrong differs.
  enum Stage { case starting, connecting, running, done }

  private struct State {
    var stage = Stage.starting
    var limits: StallLimits
    var board: ProgressBoard
    var datagrams: WatchdogDatagrams?
  }

  private let program: String
  private let advice: StallAdvice
  private let state: Mutex<State>

  /// A watchdog of this process alone, whose thread runs.
  init(program: String, limits: StallLimits, advice: StallAdvice) throws {
    self.program = program
    self.advice = advice
    let own = Progress.slot
    own.rank = Launcher.declaredRank
    own.process = getpid()
    own.phase = "starting MPI"
    state = Mutex(State(limits: limits, board: ProgressBoard(of: own)))
    try BackgroundThread.start { self.run() }
  }

  /// The next stage of the job.
  func enter(_ stage: Stage) {
    Progress.beat()
    state.withLock { $0.stage = stage }
  }

  /// Watches all ranks of the node from now on.
  ///
  /// - Parameter datagrams: how the other nodes are told; nil where there is none.
  func watch(_ board: ProgressBoard, datagrams: WatchdogDatagrams?) {
    state.withLock {
      $0.board = board
      $0.datagrams = datagrams
    }
  }

  private func run() {
    // Of the node, and of all nodes as far as is known.
    var (own, silence) = (Silence(), Silence())
    // Other nodes on which nothing moves either; whether this thread is the one that tells them; how often it looked.
    var heard: Set<Int> = []
    var isSpeaker = false
    var looks = 0
    while true {
      looks += 1
      let now = state.withLock { $0 }
      if now.stage == .done { return }
      let limits = now.limits.times(in: now.stage)
      let shortest = limits.warning ?? limits.timeout ?? 20
      let interval = min(1, max(0.02, shortest / 20))
      usleep(UInt32(interval * 1e6))
      let ownBeats = now.board.slots.reduce(0) { $0 &+ $1.beats }
      let ownSeconds = own.seconds(beats: ownBeats, interval: interval)
      if let datagrams = now.datagrams {
        // What is heard of others is no answer for others, or two nodes could comfort each other for ever.
        let news = datagrams.receive(isProgressing: ownSeconds <= max(shortest / 12, 2 * interval))
        heard.formUnion(news.stalled)
        if news.hasProgress { now.board.noteAnswer() }
      }
      let beats = ownBeats &+ now.board.answers
      let seconds = silence.seconds(beats: beats, interval: interval)
      if seconds >= shortest / 4,
        now.board.claimQuestion(at: MonotonicClock.seconds, every: max(interval, shortest / 20))
      {
        now.datagrams?.ask(round: looks)
      }
      if seconds < interval { (heard, isSpeaker) = ([], false) }
      // Seldom: there may be many ranks to tell.
      if isSpeaker, looks % 10 == 0 { now.datagrams?.send() }
      if let limit = limits.timeout, seconds >= limit {
        if claims(beats, .end, now) { speak(now, &heard, seconds: limit, end: nil) }
        leave(now)
      } else if let limit = limits.warning, seconds >= limit, claims(beats, .warning, now) {
        isSpeaker = true
        speak(now, &heard, seconds: limit, end: limits.timeout)
        silence.goOn()
      }
    }
  }

  private func speak(_ state: State, _ heard: inout Set<Int>, seconds: Double, end: Double?) {
    state.datagrams?.send()
    // The others' clocks began about when this one did, and they look about once a second.
    let silent = state.datagrams?.silentNodes(&heard, waiting: min(1.5, seconds / 2))
    let message = StallMessage(
      report: StallReport(host: MPIRuntime.hostName(), slots: state.board.slots), advice: advice,
      silent: silent ?? [], stage: state.stage, seconds: seconds, end: end)
    MPIRuntime.writeError(message.text(program: program))
  }

  /// Ends this process, and with it the job, once the watchdogs of other nodes have had their say.
  private func leave(_ now: State) {
    usleep(now.datagrams == nil ? 2_000_000 : 4_000_000)
    if state.withLock({ $0.stage }) == .done { return }
    _exit(StallLimits.exitCode)
  }

  private enum Level: UInt64 { case warning = 1, end }

  /// Whether this thread is the first of its node to act on this silence at this level.
  private func claims(_ beats: UInt64, _ level: Level, _ state: State) -> Bool {
    state.board.claim(beats &<< 2 | level.rawValue)
  }
}

/// The time in which nothing moved.
private struct Silence {
  private var beats: UInt64 = 0
  private var start = MonotonicClock.seconds
  private var last = MonotonicClock.seconds

  /// Seconds since the beats changed. A thread that was itself kept from running for long, stopped or on
  /// an overloaded machine, begins anew.
  mutating func seconds(beats now: UInt64, interval: Double) -> Double {
    let time = MonotonicClock.seconds
    defer { last = time }
    if now != beats || time > last + 5 * interval + 1 {
      beats = now
      start = time
    }
    return time - start
  }

  /// After time that the thread itself took: it was not kept from running.
  mutating func goOn() { last = MonotonicClock.seconds }
}
