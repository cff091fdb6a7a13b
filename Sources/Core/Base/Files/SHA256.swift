internal import CCrypto

/// An incremental SHA-256 (FIPS 180-4), computed by OpenSSL's libcrypto.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// The hash of no bytes yet.
  public init() {
    // These calls fail only without memory, or where an administrator has taken SHA-256 away.
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// The hash of the same bytes so far, which goes its own way. The corresponding C function is
  /// `EVP_MD_CTX_copy_ex`.
  public func copy() -> SHA256 {
    let other = SHA256()
    let code = EVP_MD_CTX_copy_ex(other.context, context)
    precondition(code == 1, "EVP_MD_CTX_copy_ex failed")
    return other
  }

  /// Appends bytes. The corresponding C function is `EVP_DigestUpdate`.
  ///
  /// - Complexity: O(bytes).
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(FilePiece.next(of: rest.count)))
      let code = EVP_DigestUpdate(context, piece.baseAddress, piece.count)
      precondition(code == 1, "EVP_DigestUpdate failed")
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Appends bytes.
  ///
  /// - Complexity: O(bytes).
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes of the hash of all that was appended.
  public consuming func digest() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      let code = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      precondition(code == 1, "EVP_DigestFinal_ex failed")
      count = 32
    }
  }

  /// The hash of all that was appended, as 64 lower-case hexadecimal digits.
  public consuming func hexadecimal() -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = digest().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The hash of `bytes`, as 64 lower-case hexadecimal digits.
  ///
  /// - Complexity: O(bytes).
  public static func hexadecimal(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal()
  }
}
