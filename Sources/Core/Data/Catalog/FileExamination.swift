import DTrainBase

/// What rank 0 finds in one data file: one array, or the named arrays of an archive.
package enum FileExamination {
  case array(ArrayLayout)
  case archive(path: String, members: [String: ArrayLayout])

  /// Opens a file and reads its headers, nothing more.
  ///
  /// Throws `TrainerError` (bad data) for files that cannot be read or whose headers and size disagree.
  package init(path: String, format forced: DataFormat?) throws {
    let file = try DataFile(path: path)
    var head = try file.bytes(at: 0, count: 16)
    let isGzipped = head.starts(with: [0x1f, 0x8b])
    if isGzipped { head = try Self.inflatedHead(file, count: NPYHeader.longest) }
    let detected = Result { try DataFormat.detect(head: head, path: path) }
    let format = try forced ?? detected.get()
    guard format.isSupported else {
      throw TrainerError(
        .badData,
        "\(path.printable): \(format.rawValue.uppercased()) files are not supported yet: "
          + "convert it to NPY (numpy.save)")
    }
    if format == .npz {
      guard !isGzipped else {
        throw TrainerError(
          .badData,
          "\(path.printable) is a gzipped NPZ; gunzip it first (NPZ files compress their own members)"
        )
      }
      self = .archive(path: path, members: try Self.members(of: file))
      return
    }
    let name = path.printable
    let isIDX = format == .idx
    if !isGzipped {
      head = try file.bytes(at: 0, count: isIDX ? IDXHeader.longest : NPYHeader.longest)
    }
    let header = try isIDX ? IDXHeader.parse(head, name: name) : NPYHeader.parse(head, name: name)
    if isGzipped {
      try Self.checkPlausible(header, compressed: file.size, name: name)
    } else {
      try Self.checkSize(header, available: file.size, name: name)
    }
    self = .array(
      ArrayLayout(
        path: path, member: "", fileSize: file.size, container: isGzipped ? .gzip : .plain,
        range: 0..<file.size, header: header))
  }

  /// The first bytes of a gzipped file's content.
  private static func inflatedHead(_ file: DataFile, count: Int) throws -> [UInt8] {
    let stream = try InflateStream(
      file: file, range: 0..<file.size, wrapping: .gzip, name: file.path.printable)
    return try stream.head(count: count)
  }

  private static func members(of file: DataFile) throws -> [String: ArrayLayout] {
    let directory = try ZipDirectory(of: file, name: file.path.printable)
    var found: [String: ArrayLayout] = [:]
    for member in directory.members where member.name.hasSuffix(".npy") {
      let name = ArrayLayout.name(path: file.path, member: member.name)
      let range = try directory.range(of: member, in: file, name: name)
      let head: [UInt8]
      if member.isDeflated {
        let stream = try InflateStream(
          file: file, range: range, wrapping: .member(crc: member.crc, size: member.size),
          name: name)
        head = try stream.head(count: NPYHeader.longest)
      } else {
        head = try file.bytes(at: range.lowerBound, count: min(range.count, NPYHeader.longest))
      }
      // Members that a run does not use may hold anything.
      let key = member.name.dropLast(4).lowercased()
      guard ArchiveRole.allNames.contains(key) || directory.members.count == 1 else { continue }
      guard found[key] == nil else {
        throw TrainerError(
          .badData, "\(file.path.printable) has two members named '\(key)' but for their case")
      }
      let header = try NPYHeader.parse(head, name: name)
      try checkSize(header, available: member.size, name: name)
      if member.isDeflated {
        try checkPlausible(header, compressed: range.count, name: name)
      }
      found[key] = ArrayLayout(
        path: file.path, member: member.name, fileSize: file.size,
        container: member.isDeflated ? .deflated(crc: member.crc) : .stored(crc: member.crc),
        range: range, header: header)
    }
    guard !found.isEmpty else {
      let names = directory.members.prefix(20).map { $0.name.printable }.joined(separator: ", ")
      throw TrainerError(
        .badData,
        "\(file.path.printable) has no member x or y (it has: \(names.isEmpty ? "none" : names)); "
          + "save it with numpy.savez(path, x=…, y=…)")
    }
    return found
  }

  /// Bytes that are there against bytes declared.
  private static func checkSize(_ header: ArrayHeader, available: Int, name: String) throws {
    guard available != header.totalBytes else { return }
    let difference =
      available < header.totalBytes
      ? "is cut off: it has \(available) bytes"
      : "is too long: it has \(available) bytes"
    throw TrainerError(
      .badData,
      "\(name) \(difference), its header (shape \(header.shape)) asks for \(header.totalBytes); "
        + "copy or download it again")
  }

  /// Refuses a size that no compressed data of this length can have, before anything is reserved.
  private static func checkPlausible(_ header: ArrayHeader, compressed: Int, name: String) throws {
    guard header.totalBytes / InflateStream.largestRatio > compressed else { return }
    throw TrainerError(
      .badData,
      "\(name): its header (shape \(header.shape)) asks for \(header.totalBytes) bytes, more than "
        + "its \(compressed) compressed bytes can hold; it is damaged")
  }
}

extension InflateStream {
  /// The first bytes, at most `count`.
  package func head(count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    bytes.removeLast(count - filled)
    return bytes
  }
}
