import DTrainDist

/// A named test that all ranks run together.
struct Case: Sendable {
  let name: String
  let body: @Sendable (Checker, [String]) throws -> Void
}

/// Collects what a case finds wrong on this rank, and reports for all ranks.
final class Checker {
  let world: Communicator
  private var failures: [String] = []
  private var checks = 0

  init(world: Communicator) { self.world = world }

  /// Notes a failure unless `condition` holds.
  func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    checks += 1
    if !condition, failures.count < 20 { failures.append(message()) }
  }

  /// Prints every rank's failures on rank 0, with N; returns the exit code.
  ///
  /// A case in which no rank checked anything has failed.
  func report(_ name: String) throws -> Int32 {
    let total = try world.allReduce(checks, .sum)
    let bad = try world.allReduce(failures.count, .sum)
    let all = try world.allGather(bytes: Array(failures.joined(separator: "\n").utf8))
    if world.isRoot {
      print("\(name): N=\(world.size), \(total) checks, \(bad) failures")
      for (rank, text) in all.enumerated() where !text.isEmpty {
        print("rank \(rank): \(String(decoding: text, as: UTF8.self))")
      }
    }
    return bad == 0 && total > 0 ? 0 : 1
  }
}

/// Every case, in the order of the layers.
let allCases: [Case] =
  collectiveCases + pointToPointCases + agreementCases + failureCases + sharedBufferCases
  + topologyCases + exchangeCases + mismatchCases + dataCases
