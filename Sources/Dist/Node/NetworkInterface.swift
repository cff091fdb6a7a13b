import Glibc

/// A network interface of this host that is up and has an IPv4 address, without the loopback.
public struct NetworkInterface: Equatable, CustomStringConvertible {
  /// For example `eth0`.
  public let name: String
  /// The address as one number.
  let number: UInt32
  /// How many leading bits of the address name the network.
  public let bits: Int
  /// The network's own address, for example `10.0.0.0/24`.
  public let network: String

  /// The address, for example `10.0.0.7`.
  public var address: String { Self.text(number) }

  /// Name and address.
  public var description: String { "\(name) \(address)/\(bits)" }

  /// Whether this is, by its name, a bridge to containers or virtual machines, which no other host
  /// reaches.
  public var isVirtual: Bool { Self.isVirtual(name) }

  /// Whether an interface of this name is such a bridge.
  public static func isVirtual(_ name: String) -> Bool {
    ["docker", "virbr", "veth", "br-", "cni", "flannel", "lxc", "lxd", "podman", "vmnet"].contains {
      name.hasPrefix($0)
    }
  }

  /// All of them, in the system's order. The corresponding C function is `getifaddrs`.
  public static var all: [NetworkInterface] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [NetworkInterface] = []
    var entry = list
    while let item = entry?.pointee {
      entry = item.ifa_next
      let flags = Int32(truncatingIfNeeded: item.ifa_flags)
      guard flags & Int32(IFF_UP) != 0, flags & Int32(IFF_LOOPBACK) == 0,
        let address = item.ifa_addr, address.pointee.sa_family == AF_INET,
        let mask = item.ifa_netmask
      else { continue }
      let own = value(of: address)
      let bits = value(of: mask)
      found.append(
        NetworkInterface(
          name: String(cString: item.ifa_name), number: own, bits: bits.nonzeroBitCount,
          network: "\(text(own & bits))/\(bits.nonzeroBitCount)"))
    }
    return found
  }

  private static func value(of address: UnsafeMutablePointer<sockaddr>) -> UInt32 {
    UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr.byteSwapped
  }

  private static func text(_ address: UInt32) -> String {
    (0..<4).map { String(address >> UInt32(24 - $0 * 8) & 0xff) }.joined(separator: ".")
  }
}
