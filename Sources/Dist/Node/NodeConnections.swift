internal import CMPI
import Glibc

/// The connections among the ranks of a node, made at once instead of with the first message of each pair.
///
/// Open MPI keeps a file in /dev/shm for each rank, through which the others of the node reach it, and
/// removes it in the end; nobody does when the launcher is killed. So all ranks of a node open all of
/// its files, and then the names go: what remains lives as long as the processes. `MPI_Finalize`
/// complains of a name that is gone, so it gets an empty file back to remove.
struct NodeConnections {
  private var paths: [String] = []

  /// Connects all pairs of the node, then every rank with the world; collective.
  ///
  /// - Complexity: a message for each pair of ranks of a node.
  init(_ world: Communicator) throws(MPIError) {
    guard world.size > 1 else { return }
    let node = try world.splitByNode()
    try Self.greetEach(in: node)
    try node.barrier()
    if node.isRoot {
      paths = Self.openFiles()
      for path in paths { unlink(path) }
    }
    try node.free()
    try world.barrier()
  }

  /// To be called before `MPI_Finalize`.
  func restoreNames() {
    for path in paths {
      let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if file >= 0 { close(file) }
    }
  }

  /// A byte to and from each other rank: in round k with the rank whose number differs in the bits of k.
  private static func greetEach(in node: Communicator) throws(MPIError) {
    var rounds = 1
    while rounds < node.size { rounds *= 2 }
    var bytes: [UInt8] = [1, 0]
    for round in 1..<rounds where node.rank ^ round < node.size {
      try node.withBuffer(&bytes) { (buffer) throws(MPIError) in
        try node.exchange(
          sending: UnsafeBufferPointer(rebasing: buffer[..<1]),
          receiving: UnsafeMutableBufferPointer(rebasing: buffer[1...]), with: node.rank ^ round)
      }
    }
  }

  /// The files of Open MPI's transport within a node that this process has mapped: `vader` in version 4,
  /// `sm` in 5.
  ///
  /// - Parameter path: the list of what a process has mapped; a test has one of its own.
  static func openFiles(listedIn path: String = "/proc/self/maps") -> [String] {
    guard let maps = fopen(path, "re") else { return [] }
    defer { fclose(maps) }
    var found: Set<String> = []
    var line = [CChar](repeating: 0, count: 8192)
    while fgets(&line, Int32(line.count), maps) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      guard let start = text.firstIndex(of: "/") else { continue }
      var path = String(text[start...].dropLast())
      // So the kernel marks a file whose name is gone already.
      let mark = " (deleted)"
      if path.hasSuffix(mark) { path.removeLast(mark.count) }
      let name = path[(path.lastIndex(of: "/") ?? path.startIndex)...]
      if name.hasPrefix("/vader_segment.") || name.hasPrefix("/sm_segment.") { found.insert(path) }
    }
    return found.sorted()
  }
}
