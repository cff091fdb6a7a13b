import DTrainDist
import Glibc

let sharedBufferCases = [
  Case(name: "shared", body: sharedMemoryIsShared),
  Case(name: "shared-refused", body: refusalIsUnanimous),
  Case(name: "shared-unwanted", body: variableTurnsSharingOff),
]

/// Every rank writes its part, on every pretended topology; all ranks of the node read all parts.
@Sendable private func sharedMemoryIsShared(_ checker: Checker, _ arguments: [String]) throws {
  for topology in try topologies(checker.world) {
    let node = topology.node
    for bytes in [1, 64, SharedBuffer.pageSize - 1, 3 * SharedBuffer.pageSize + 8] {
      let part = (bytes + 7) / 8 * 8
      let own = node.rank * part..<(node.rank + 1) * part
      let label = "nodes \(topology.nodeSizes), \(part) bytes each"
      let allocation = try SharedBuffer.allocate(
        byteCount: part * node.size, owned: own, on: topology)
      guard case .buffer(let buffer) = allocation else {
        checker.expect(false, "\(label): \(allocation)")
        continue
      }
      checker.expect(Int(bitPattern: buffer.base) % SharedBuffer.pageSize == 0, "\(label): base")
      checker.expect(
        buffer.byteCount >= part * node.size && buffer.byteCount % SharedBuffer.pageSize == 0,
        "\(label): \(buffer.byteCount) bytes")
      let all = UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.byteCount)
      checker.expect(all.allSatisfy { $0 == 0 }, "\(label): not zeroed")
      try node.barrier()
      for index in own {
        all[index] = UInt8(truncatingIfNeeded: 1 + topology.world.rank * 31 + index)
      }
      try node.barrier()
      let first = topology.world.rank - node.rank
      let wrong = (0..<part * node.size).count { index in
        all[index] != UInt8(truncatingIfNeeded: 1 + (first + index / part) * 31 + index)
      }
      checker.expect(wrong == 0, "\(label): \(wrong) bytes are not what their owner wrote")
      try node.barrier()
    }
  }
}

/// The system refuses one rank: all ranks hear of it, with its reason and its name. The first rank of a
/// node may not make the file that large, the others may not open another file.
@Sendable private func refusalIsUnanimous(_ checker: Checker, _ arguments: [String]) throws {
  let part = 16 * SharedBuffer.pageSize
  for topology in try topologies(checker.world) {
    let node = topology.node
    func allocate() throws -> SharedBuffer.Allocation {
      try SharedBuffer.allocate(
        byteCount: part * node.size, owned: node.rank * part..<(node.rank + 1) * part, on: topology)
    }
    for culprit in 0..<topology.world.size {
      let label = "nodes \(topology.nodeSizes), rank \(culprit)"
      let isCulprit = topology.world.rank == culprit
      let usual = isCulprit ? Limit.lower(node.rank == 0 ? .fileSize : .openFiles) : nil
      let outcome = try allocate()
      usual?.restore()
      switch outcome {
      case .buffer: checker.expect(false, "\(label): allocated despite the limit")
      case .unavailable(let reason):
        checker.expect(
          topology.world.size == 1 || reason.contains("rank \(culprit) on "), "\(label): \(reason)")
        checker.expect(
          !isCulprit || reason.contains(node.rank == 0 ? "File too large" : "Too many open files"),
          "\(label): \(reason)")
        let first = try topology.world.broadcast(bytes: Array(reason.utf8))
        checker.expect(first == Array(reason.utf8), "\(label): reasons differ by rank: \(reason)")
      }
      guard case .buffer = try allocate() else {
        checker.expect(false, "\(label): not allocated after the limit was lifted")
        continue
      }
    }
  }
}

/// A limit of this process, lowered for a while.
private struct Limit {
  enum Resource: UInt32 { case fileSize = 1, openFiles = 7 }  // RLIMIT_FSIZE, RLIMIT_NOFILE
  let resource: Resource
  var usual = rlimit()

  static func lower(_ resource: Resource) -> Limit {
    var limit = Limit(resource: resource)
    getrlimit(__rlimit_resource_t(resource.rawValue), &limit.usual)
    var low = limit.usual
    low.rlim_cur = resource == .fileSize ? rlim_t(SharedBuffer.pageSize) : 3
    setrlimit(__rlimit_resource_t(resource.rawValue), &low)
    return limit
  }

  func restore() {
    var limit = usual
    setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
  }
}

/// With the variable set, ranks that share a node get the reason; ranks that are alone get memory.
@Sendable private func variableTurnsSharingOff(_ checker: Checker, _ arguments: [String]) throws {
  setenv("DTRAIN_NO_SHARED_MEMORY", "1", 1)
  defer { unsetenv("DTRAIN_NO_SHARED_MEMORY") }
  for topology in try topologies(checker.world) {
    let isShared = topology.nodeSizes.contains { $0 > 1 }
    let alone = topology.separated()
    switch try SharedBuffer.allocate(byteCount: 100, owned: 0..<100, on: topology) {
    case .buffer: checker.expect(!isShared, "nodes \(topology.nodeSizes): allocated")
    case .unavailable(let reason):
      checker.expect(isShared, "nodes \(topology.nodeSizes): \(reason)")
      checker.expect(reason.contains("DTRAIN_NO_SHARED_MEMORY is set"), reason)
    }
    guard case .buffer = try SharedBuffer.allocate(byteCount: 100, owned: 0..<100, on: alone) else {
      checker.expect(false, "ranks of their own got nothing")
      continue
    }
  }
}
