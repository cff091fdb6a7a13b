import CMemory
import DTrainCore
import Glibc

/// What happens where the system refuses memory: the process says so, and ends the job with exit code 7. What can go on
/// without the memory asks ``Memory`` for it instead.
enum RefusedMemory {
  /// Whether the end has begun: to say it takes a little memory, too.
  private nonisolated(unsafe) static var isEnding = false

  /// What would take less memory.
  private nonisolated(unsafe) static var less: String?

  /// From now on.
  ///
  /// - Parameter less: what the command could be asked for that takes less.
  static func endsTheProcess(less: String?) {
    self.less = less
    memory_on_refusal { RefusedMemory.end($0) }
  }

  private static func end(_ bytes: Int) -> Never {
    guard !isEnding else {
      // No text can be made any more; this one is part of the program.
      let words: StaticString = "dtrain: the system refused memory; use more ranks on more nodes\n"
      _ = words.withUTF8Buffer { write(2, $0.baseAddress, $0.count) }
      _exit(TrainerError.Kind.inputOutput.rawValue)
    }
    isEnding = true
    let error = Memory.refusal(of: bytes, less: less)
    // Without MPI, which may need what is lacking: the launcher ends the job when a process of it fails.
    let (rank, size) = (Launcher.declaredRank, Launcher.declaredSize)
    if rank > 0 {
      // Ranks fail alike; the first to go has the word.
      let isCutShort = usleep(300_000 * UInt32(min(rank, 10))) != 0
      if isCutShort || Launcher.hasLostAProcessHere == true { _exit(error.exitCode) }
    }
    let place = size > 1 ? "[rank \(rank) of \(size) on \(MPIRuntime.hostName())] " : ""
    MPIRuntime.writeError("dtrain: \(place)\(Activity.message(Spelling.words(error)))\n")
    usleep(20_000)
    _exit(error.exitCode)
  }
}
