// Adds the integers on standard input, one a line, and writes the sum to a file. Whatever is wrong on any rank ends
// the job with one message, and no rank waits for one that failed.
//
//   seq 1000 | mpirun -np 4 agreement SUM_FILE

import DTrainDist
import Glibc

/// A failure with the exit code that the job shall have.
struct Failure: ExitCoding, CustomStringConvertible {
  let exitCode: Int32
  let description: String
}

exit(
  MPIRuntime.run(program: "agreement") { world in
    // All ranks see this alike, so no vote is needed; rank 0 reports it.
    guard CommandLine.arguments.count == 2 else {
      throw world.unanimous(Failure(exitCode: 2, description: "usage: agreement SUM_FILE"))
    }

    // The launcher connects standard input to rank 0 only: it reads, and its bytes are copied to all.
    let text = try world.fromRoot {
      var lines: [String] = []
      while let line = readLine() { lines.append(line) }
      guard !lines.isEmpty else { throw Failure(exitCode: 3, description: "no numbers to add") }
      return Array(lines.joined(separator: "\n").utf8)
    }
    let lines = String(decoding: text, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)

    // Each rank parses a part. If any fails, all throw, and the lowest rank that failed reports.
    let own = world.rank * lines.count / world.size..<(world.rank + 1) * lines.count / world.size
    let part = try world.agree {
      try own.reduce(0) { sum, index in
        guard let number = Int(lines[index]) else {
          throw Failure(
            exitCode: 3, description: "line \(index + 1): '\(lines[index])' is not an integer")
        }
        return sum + number
      }
    }
    let sum = try world.allReduce(part, .sum)

    // Only one rank writes, and all learn whether it could.
    let path = CommandLine.arguments[1]
    try world.onRoot {
      guard let file = fopen(path, "w") else {
        throw Failure(exitCode: 7, description: "\(path): \(String(cString: strerror(errno)))")
      }
      fputs("\(sum)\n", file)
      fclose(file)
    }
    return 0
  })
