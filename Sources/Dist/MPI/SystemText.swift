import Glibc

/// Text of the system, which is bytes: names of files need not be UTF-8.
///
/// A byte that is no part of UTF-8 becomes a scalar of a private range, U+10F700 and the byte. A name that has such a
/// scalar itself keeps it byte by byte in the same way, so that every name comes back as it was.
extension String {
  /// The text of bytes that the system gave, without the zero at the end.
  ///
  /// - Complexity: O(bytes).
  public init(system bytes: some Collection<UInt8>) {
    self.init()
    var source = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var place = bytes.startIndex
    while true {
      switch parser.parseScalar(from: &source) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        let end = bytes.index(place, offsetBy: encoded.count)
        if scalar.foreignByte != nil {
          unicodeScalars.append(contentsOf: bytes[place..<end].map(Self.foreign))
        } else {
          unicodeScalars.append(scalar)
        }
        place = end
      case .error(let length):
        let end = bytes.index(place, offsetBy: length)
        unicodeScalars.append(contentsOf: bytes[place..<end].map(Self.foreign))
        place = end
      case .emptyInput: return
      }
    }
  }

  /// The text that a C string holds.
  public init(system text: UnsafePointer<CChar>) {
    self.init(
      system: UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  /// The bytes of a name, as the system knows them, with a zero at the end.
  ///
  /// - Complexity: O(bytes).
  public var system: [CChar] {
    guard unicodeScalars.contains(where: { $0.foreignByte != nil }) else {
      return Array(utf8CString)
    }
    var bytes: [CChar] = []
    for scalar in unicodeScalars {
      if let byte = scalar.foreignByte {
        bytes.append(CChar(bitPattern: byte))
      } else {
        bytes.append(contentsOf: Unicode.UTF8.encode(scalar)!.map { CChar(bitPattern: $0) })
      }
    }
    return bytes + [0]
  }

  /// The arguments of the process, its own name first.
  public static var arguments: [String] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      CommandLine.unsafeArgv[index].map { String(system: $0) }
    }
  }

  private static func foreign(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(0x10_f700 + UInt32(byte))!
  }
}

extension Unicode.Scalar {
  /// The byte, not part of UTF-8, that the scalar stands for in text of the system; nil for others.
  var foreignByte: UInt8? {
    (0x10_f780...0x10_f7ff).contains(value) ? UInt8(value & 0xff) : nil
  }
}
