internal import CLinux
import Glibc

/// Zeroed memory that all ranks of a node see, or this rank's own when it is alone on its node.
///
/// The memory is an anonymous file (`memfd_create`) that rank 0 of the node makes and the others open
/// through `/proc/PID/fd`. It has no name, so nothing is left behind however the job dies, and it does
/// not count against the size of `/dev/shm`, which containers set to 64 MiB. Measured against
/// `MPI_Win_allocate_shared`: the same speed of access; a window leaves its file in `/dev/shm` when
/// the ranks are killed, and raises SIGBUS on touch where that file system is full.
public final class SharedBuffer {
  /// The first byte, at a page boundary.
  public let base: UnsafeMutableRawPointer
  /// The size in bytes, rounded up to whole pages.
  public let byteCount: Int

  /// Either the memory, or why some node cannot have it, the same verdict on every rank.
  public enum Allocation {
    /// The memory, mapped on every rank of the node.
    case buffer(SharedBuffer)
    /// A reason in words; of several ranks with the one that gave it, and its host.
    case unavailable(String)
  }

  /// The size of a page; owned ranges should start on one, so that each rank's part is placed in
  /// the memory nearest to it when it is first touched.
  public static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

  /// Bytes rounded up to whole pages.
  public static func pages(_ bytes: Int) -> Int { (bytes + pageSize - 1) / pageSize * pageSize }

  /// Allocates node-shared memory on every node; collective over the topology's world.
  ///
  /// - Parameters:
  ///   - byteCount: the size on this node; the same on all ranks of the node.
  ///   - owned: the bytes that this rank reserves and touches first; together the ranks of a node
  ///     should cover all.
  /// - Returns: the buffer on all ranks, or on all ranks the reason why a node cannot provide it.
  public static func allocate(
    byteCount: Int, owned: Range<Int>, on topology: NodeTopology
  ) throws -> Allocation {
    // A limit on file sizes must come back as an error of the call, not end the process.
    signal(SIGXFSZ, SIG_IGN)
    let rounded = pages(max(byteCount, 1))
    var failure: String?
    var mapping: UnsafeMutableRawPointer?
    let file = try openShared(byteCount: rounded, node: topology.node, failure: &failure)
    defer { if file >= 0 { close(file) } }
    if failure == nil {
      mapping = mmap(nil, rounded, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
      if mapping == MAP_FAILED {
        failure = refused(rounded, errno)
        mapping = nil
      }
    }
    if failure == nil { failure = reserve(owned.clamped(to: 0..<rounded), of: file) }
    let difference = try verify(failure == nil ? mapping : nil, node: topology.node)
    failure = failure ?? difference
    // One verdict for the world: a node that cannot share decides for all.
    let verdict = try topology.world.agreedReason(failure)
    guard verdict == nil, let mapping else {
      if let mapping { munmap(mapping, rounded) }
      return .unavailable(verdict ?? "unknown")
    }
    return .buffer(SharedBuffer(base: mapping, byteCount: rounded))
  }

  private init(base: UnsafeMutableRawPointer, byteCount: Int) {
    self.base = base
    self.byteCount = byteCount
  }

  deinit { munmap(base, byteCount) }

  /// Gives back this process's view of the whole pages in a range: they no longer count as its memory until it
  /// touches them again; the node's contents stay.
  public func release(_ range: Range<Int>) {
    let first = Self.pages(range.lowerBound)
    let end = range.upperBound / Self.pageSize * Self.pageSize
    if first < end { madvise(base + first, end - first, Int32(MADV_DONTNEED)) }
  }

  /// Rank 0 of the node makes the file; the others open it by rank 0's process and descriptor.
  private static func openShared(
    byteCount: Int, node: Communicator, failure: inout String?
  ) throws(MPIError) -> Int32 {
    var file: Int32 = -1
    if getenv("DTRAIN_NO_SHARED_MEMORY") != nil, node.size > 1 {
      failure = "DTRAIN_NO_SHARED_MEMORY is set"
    } else if node.rank == 0 {
      file = linux_memfd_create("dtrain")
      if file < 0 || ftruncate(file, byteCount) != 0 {
        failure = refused(byteCount, errno)
      }
    }
    var leader = [Int(getpid()), failure == nil ? Int(file) : -1]
    try node.broadcast(&leader)
    if node.rank > 0, failure == nil, leader[1] >= 0 {
      let path = "/proc/\(leader[0])/fd/\(leader[1])"
      file = open(path, O_RDWR | O_CLOEXEC)
      var status = stat()
      if file < 0 {
        failure = "\(path): \(describe(errno)) (are the ranks in separate containers?)"
      } else if fstat(file, &status) != 0 || status.st_size != byteCount {
        failure = "\(path) is not the file of this job (are the ranks in separate containers?)"
      }
    }
    if leader[1] < 0, failure == nil {
      failure = "the first rank of this node could not allocate it"
    }
    return file
  }

  /// Takes the pages now, so that too little memory is an error here and not SIGBUS on a later touch.
  private static func reserve(_ range: Range<Int>, of file: Int32) -> String? {
    guard !range.isEmpty else { return nil }
    let code = posix_fallocate(file, range.lowerBound, range.count)
    return code == 0 ? nil : refused(range.count, code)
  }

  /// Checks that all ranks of a node see the same bytes: rank 0 writes a mark that the others read.
  private static func verify(
    _ mapping: UnsafeMutableRawPointer?, node: Communicator
  ) throws(MPIError) -> String? {
    let mark = try node.broadcast(UInt64.random(in: 1 ... .max))
    let word = mapping?.assumingMemoryBound(to: UInt64.self)
    if node.rank == 0 { word?.pointee = mark }
    try node.barrier()
    let isSame = word?.pointee == mark
    try node.barrier()
    if node.rank == 0 { word?.pointee = 0 }
    try node.barrier()
    return mapping == nil || isSame ? nil : "the ranks of this node do not see the same memory"
  }

  /// What was refused, why, and what to do.
  private static func refused(_ bytes: Int, _ code: Int32) -> String {
    let remedy =
      switch code {
      case EFBIG:
        "; raise the limit on the size of files (ulimit -f), which holds for shared memory too"
      case ENOMEM:
        "; raise the limit on memory (ulimit -v, or the batch system's), or use more nodes"
      case EMFILE, ENFILE: "; raise the limit on open files (ulimit -n)"
      case ENOSPC: "; use more nodes, or machines with more memory"
      default: ""
      }
    return "the system refused \(bytes) bytes of memory: \(describe(code))\(remedy)"
  }

  private static func describe(_ code: Int32) -> String { String(cString: strerror(code)) }
}

extension Communicator {
  /// The message of the lowest rank that has one, on all ranks; nil if none has one. Among several ranks it begins with
  /// that one and its host.
  func agreedReason(_ reason: String?) throws -> String? {
    let lowest = try allReduce(reason == nil ? size : rank, .minimum)
    guard lowest < size else { return nil }
    let place = size > 1 ? "rank \(rank) on \(MPIRuntime.hostName()): " : ""
    return try broadcast(place + (reason ?? ""), from: lowest)
  }
}
