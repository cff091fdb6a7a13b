/// NPZ: a zip archive of the arrays `x` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`, stored as they are.
///
/// Checksums are known when a member is written, so they follow it; sizes are known before. What is larger than
/// 4 GiB, or begins behind that, has the 64-bit fields of the format.
struct NPZForm: ConvertedForm {
  let endings = [".npz"]
  let isOneArray = false
  let holdsTests = true

  func files(of data: ConvertedData) throws -> [ConvertedFile] {
    try data.checkNumbers()
    let ending = data.testRows == nil ? "" : "_train"
    let arrays: [(name: String, array: ArraySource?)] = [
      ("x\(ending)", data.rows), ("y\(ending)", data.labels), ("x_test", data.testRows),
      ("y_test", data.testLabels),
    ]
    let members = arrays.compactMap { name, array in array.map { Member(name, $0) } }
    return [
      ConvertedFile(path: data.path, sections: members.map(\.section)) { written in
        Self.directory(zip(members, written).map { ($0, $1) })
      }
    ]
  }

  /// The central directory and the archive's end.
  private static func directory(
    _ members: [(member: Member, written: ConvertedFile.Written)]
  ) -> [UInt8] {
    let (last, written) = members.last!
    let start = written.start + last.prefix.count + written.count + last.suffix(written).count
    let entries = members.flatMap { $0.entry($1) }
    var bytes = entries
    let isLarge = start + entries.count > Member.limit
    if isLarge {
      bytes += "PK\u{6}\u{6}".utf8
      bytes += little(UInt64(44)) + little(Member.version) + little(Member.version)
      bytes += little(UInt64(0)) + little(UInt64(members.count)) + little(UInt64(members.count))
      bytes += little(UInt64(entries.count)) + little(UInt64(start))
      bytes += "PK\u{6}\u{7}".utf8
      bytes += little(UInt32(0)) + little(UInt64(start + entries.count)) + little(UInt32(1))
    }
    bytes += "PK\u{5}\u{6}".utf8
    bytes += little(UInt32(0)) + little(UInt16(members.count)) + little(UInt16(members.count))
    bytes += little(UInt32(entries.count))
    bytes += little(isLarge ? .max : UInt32(start)) + little(UInt16(0))
    return bytes
  }

  /// One array in the archive.
  private struct Member {
    let name: [UInt8]
    let content: ConvertedFile.Section
    let size: Int

    /// Sizes and places beyond this need 64 bits.
    static let limit = Int(UInt32.max) - 1
    /// The version of the format that members need.
    static let version: UInt16 = 45
    /// The checksum follows the member, and its name is UTF-8.
    private static let flags: UInt16 = 0x808
    /// 1 January 1980.
    private static let date: UInt16 = 0x21

    init(_ name: String, _ array: ArraySource) {
      self.name = Array("\(name).npy".utf8)
      content = NPYForm.section(array, isLabels: name.hasPrefix("y"))
      size = content.head.count + array.rows * array.columns * array.type.size
    }

    var section: ConvertedFile.Section {
      var section = content
      section.prefix = prefix
      section.suffix = suffix
      return section
    }

    private var isLarge: Bool { size > Self.limit }

    private func facts(crc: UInt32, extra: Int) -> [UInt8] {
      let size: UInt32 = isLarge ? .max : UInt32(size)
      var bytes = little(Self.version) + little(Self.flags) + little(UInt16(0))
      bytes += little(UInt16(0)) + little(Self.date) + little(crc) + little(size) + little(size)
      return bytes + little(UInt16(name.count)) + little(UInt16(extra))
    }

    /// The header that stands before the member.
    var prefix: [UInt8] {
      let sizes = little(UInt64(size)) + little(UInt64(size))
      let extra = isLarge ? little(UInt16(1)) + little(UInt16(16)) + sizes : []
      return Array("PK\u{3}\u{4}".utf8) + facts(crc: 0, extra: extra.count) + name + extra
    }

    /// The checksum and the sizes, which follow it.
    func suffix(_ written: ConvertedFile.Written) -> [UInt8] {
      let sizes =
        isLarge
        ? little(UInt64(size)) + little(UInt64(size)) : little(UInt32(size)) + little(UInt32(size))
      return Array("PK\u{7}\u{8}".utf8) + little(written.crc) + sizes
    }

    /// Its entry in the directory.
    func entry(_ written: ConvertedFile.Written) -> [UInt8] {
      let isFar = written.start > Self.limit
      var numbers = isLarge ? little(UInt64(size)) + little(UInt64(size)) : []
      if isFar { numbers += little(UInt64(written.start)) }
      let extra =
        numbers.isEmpty ? [] : little(UInt16(1)) + little(UInt16(numbers.count)) + numbers
      var bytes = Array("PK\u{1}\u{2}".utf8) + little(Self.version)
      bytes += facts(crc: written.crc, extra: extra.count)
      // No comment, the first disk, no attributes.
      bytes += [UInt8](repeating: 0, count: 10)
      return bytes + little(isFar ? .max : UInt32(written.start)) + name + extra
    }
  }
}

/// An integer's bytes, least significant first.
private func little(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
