/// The slots of all ranks of a node, in memory that all of them see.
enum Attendance {
  /// Lets the watchdogs of a node see all its ranks; collective over the world. Where ranks cannot share
  /// memory, each is watched by its own alone.
  static func share(among world: Communicator, with watchdog: Watchdog) throws {
    let topology = try NodeTopology(of: world)
    let node = topology.node
    // The first slot's place holds the board.
    let bytes = (node.size + 1) * ProgressSlot.size
    let page = SharedBuffer.pageSize
    let pages = (bytes + page - 1) / page
    let allocation = try SharedBuffer.allocate(
      byteCount: pages * page, owned: node.isRoot ? 0..<pages * page : 0..<0, on: topology)
    guard case .buffer(let buffer) = allocation else { return try free(topology) }
    let slots = (0..<node.size).map { rank in
      ProgressSlot(at: buffer.base + (rank + 1) * ProgressSlot.size)
    }
    Progress.move(to: slots[node.rank])
    // The threads may read until the process ends.
    _ = Unmanaged.passRetained(buffer)
    try node.barrier()
    watchdog.watch(
      slots, board: WatchdogBoard(at: buffer.base), reports: try NodeReports.exchange(on: topology))
    try free(topology)
  }

  private static func free(_ topology: NodeTopology) throws {
    try topology.node.free()
    try topology.world.free()
  }
}
