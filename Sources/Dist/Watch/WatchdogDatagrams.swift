import Glibc

/// What the watchdogs of different nodes tell each other when a job stands still: datagrams, for MPI may be what
/// stands still.
///
/// A watchdog on whose node nothing moves asks the others whether something moves there: then there is no stall. One
/// that speaks tells all others so, again and again while nothing moves, and learns who else does. The node that says
/// nothing is the one to look at first, or one that datagrams do not reach.
final class WatchdogDatagrams: Sendable {
  /// A node that is not heard from.
  struct SilentNode: Equatable {
    let host: String
    let ranks: [Int]
  }

  private let socket: Int32
  private let node: Int
  /// The same for all ranks of a job, and for no other one.
  private let job: UInt64
  private let peers: [Peer]

  private init(socket: Int32, node: Int, job: UInt64, peers: [Peer]) {
    self.socket = socket
    self.node = node
    self.job = job
    self.peers = peers
  }

  /// Opens a socket on every rank and tells all of them of all; collective over the topology's world.
  ///
  /// - Returns: nil on a single node, and where a socket is unavailable.
  static func exchange(on topology: NodeTopology) throws(MPIError) -> WatchdogDatagrams? {
    guard topology.nodeCount > 1 else { return nil }
    let world = topology.world
    let (socket, port) = open()
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let job = try world.broadcast(UInt64(getpid()) << 32 ^ UInt64(bitPattern: Int64(time.tv_nsec)))
    let bytes = try world.allGather(Peer.bytes(port: port))
    let peers = (0..<world.size).map { rank in
      Peer(
        node: topology.nodeIndex(of: rank),
        bytes: bytes[rank * Peer.length..<(rank + 1) * Peer.length])
    }
    guard socket >= 0 else { return nil }
    return WatchdogDatagrams(socket: socket, node: topology.nodeIndex, job: job, peers: peers)
  }

  /// A datagram socket at a port of the system's choice; -1 where there is none.
  private static func open() -> (socket: Int32, port: UInt16) {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = Glibc.socket(AF_INET, type, 0)
    guard socket >= 0 else { return (-1, 0) }
    var address = Self.address(0, port: 0)
    let isBound = address.withPointer {
      bind(socket, $0, $1) == 0 && getsockname(socket, $0, &$1) == 0
    }
    guard isBound else {
      close(socket)
      return (-1, 0)
    }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  private static func address(_ host: UInt32, port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = host.bigEndian
    address.sin_port = port.bigEndian
    return address
  }

  /// What a datagram says.
  private enum Message: UInt64 {
    /// Nothing moves on the sender's node; does something move on yours; something does.
    case stalled, question, progress
  }

  /// Tells the other nodes that nothing moves on this one.
  func send() {
    for peer in peers where peer.node != node { send(.stalled, to: peer) }
  }

  /// Asks one rank of each other node whether something moves there, another one in each round.
  func ask(round: Int) {
    for (_, ranks) in peers.grouped(by: \.node) where ranks[0].node != node {
      send(.question, to: ranks[round % ranks.count])
    }
  }

  private func send(_ message: Message, to peer: Peer) {
    guard peer.port != 0 else { return }
    // What shares the host may be reached by no other address.
    let loopback: [UInt32] = peer.host == MPIRuntime.hostName() ? [0x7f00_0001] : []
    for address in loopback + peer.addresses {
      send(message, to: Self.address(address, port: peer.port))
    }
  }

  /// What came since this was last asked: the nodes on which nothing moves, and whether something moves on another
  /// one. Questions are answered.
  ///
  /// - Parameter isProgressing: the answer, if it is yes; there is no other one.
  func receive(isProgressing: Bool) -> (stalled: Set<Int>, hasProgress: Bool) {
    var (stalled, hasProgress) = (Set<Int>(), false)
    var words: [UInt64] = [0, 0, 0]
    var sender = sockaddr_in()
    let length = words.count * 8
    while sender.withPointer({ recvfrom(socket, &words, length, 0, $0, &$1) }) == length {
      guard words[0] == job else { continue }
      switch Message(rawValue: words[2]) {
      case .stalled: stalled.insert(Int(truncatingIfNeeded: words[1]))
      case .question where isProgressing: send(.progress, to: sender)
      case .progress: hasProgress = true
      default: break
      }
    }
    return (stalled, hasProgress)
  }

  /// The nodes that say nothing, although some time passes; those that cannot speak are left out.
  ///
  /// - Parameter heard: nodes that have spoken, to which are added those that do now.
  func silentNodes(_ heard: inout Set<Int>, waiting seconds: Double) -> [SilentNode] {
    let all = Set(peers.filter { $0.port != 0 }.map(\.node)).subtracting([node])
    let step = 0.05
    var left = seconds
    repeat {
      usleep(UInt32(step * 1e6))
      left -= step
      heard.formUnion(receive(isProgressing: false).stalled)
    } while left > 0 && !heard.isSuperset(of: all)
    let silent = all.subtracting(heard)
    return peers.filter { silent.contains($0.node) }.grouped(by: \.node)
      .map { SilentNode(host: $0.elements[0].host, ranks: $0.elements.map(\.rank).sorted()) }
  }

  private func send(_ message: Message, to address: sockaddr_in) {
    var address = address
    let words = [job, UInt64(node), message.rawValue]
    _ = address.withPointer { sendto(socket, words, words.count * 8, 0, $0, $1) }
  }
}

extension sockaddr_in {
  /// Passes the address and its length to a C function.
  fileprivate mutating func withPointer<R>(
    _ call: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> R
  ) -> R {
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &self) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
  }
}

/// Where a rank's watchdog listens. All but the node is told in as many bytes for each rank.
private struct Peer {
  static let length = 128
  private static let maximumAddresses = 12

  let node: Int
  let rank: Int
  let port: UInt16
  let addresses: [UInt32]
  let host: String

  /// This rank's.
  static func bytes(port: UInt16) -> [UInt8] {
    let addresses = NetworkInterface.all.map(\.number).prefix(maximumAddresses)
    let rank = UInt32(truncatingIfNeeded: Launcher.declaredRank)
    var bytes = ([rank, UInt32(port), UInt32(addresses.count)] + addresses).flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    bytes += MPIRuntime.hostName().utf8.prefix(length - bytes.count)
    return bytes + [UInt8](repeating: 0, count: length - bytes.count)
  }

  init(node: Int, bytes: ArraySlice<UInt8>) {
    func number(_ index: Int) -> UInt32 {
      bytes.dropFirst(index * 4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
    self.node = node
    rank = Int(number(0))
    port = UInt16(truncatingIfNeeded: number(1))
    let count = min(Int(number(2)), Self.maximumAddresses)
    addresses = (0..<count).map { number(3 + $0) }
    host = String(decoding: bytes.dropFirst(12 + count * 4).prefix { $0 != 0 }, as: UTF8.self)
  }
}
