/// Floats as integers that sort alike; -0 and 0 are one.
package enum SortableKey {
  @inline(__always)
  package static func of(_ x: Float) -> Int32 {
    let bits = Int32(bitPattern: (x + 0).bitPattern)
    return bits ^ ((bits >> 31) & 0x7fff_ffff)
  }

  @inline(__always)
  package static func float(_ key: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: key ^ ((key >> 31) & 0x7fff_ffff)))
  }
}
