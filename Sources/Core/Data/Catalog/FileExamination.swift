/// What rank 0 finds in one data file: one array, or the named arrays of an archive.
package enum FileExamination {
  case array(StoredArray)
  case archive(path: String, members: [String: StoredArray])

  /// Opens a file and reads what describes its arrays.
  ///
  /// - Parameters:
  ///   - forced: the file's format; nil to tell by content and name.
  ///   - formats: those among which it is told.
  /// - Throws: `TrainerError` (bad data) for files that cannot be read or whose parts disagree.
  package init(
    path: String, format forced: DataFormat? = nil,
    among formats: [DataFormat] = DataFormat.allCases
  ) throws {
    let file = try ExaminedFile(path: path)
    let format = try forced ?? DataFormat.detect(file, among: formats)
    switch try format.format.examine(file) {
    case .array(let array): self = .array(array)
    case .members(let members):
      self = .archive(path: path, members: try Self.usable(members, of: file.name))
    }
  }

  /// The members that a run may use, by name in lower case; others may hold anything.
  private static func usable(
    _ members: [FileContent.Member], of file: String
  ) throws -> [String: StoredArray] {
    var found: [String: StoredArray] = [:]
    for member in members {
      guard let key = member.key?.lowercased(),
        ArchiveRole.allNames.contains(key) || members.count == 1
      else { continue }
      try require(
        found[key] == nil, .badData, "\(file) has two members named '\(key)' but for their case")
      found[key] = try member.examine()
    }
    guard !found.isEmpty else {
      let names = members.prefix(20).map { $0.name.printable }.joined(separator: ", ")
      throw TrainerError(
        .badData,
        "\(file) has no member x or y (it has: \(names.isEmpty ? "none" : names)); "
          + "save it with numpy.savez(path, x=…, y=…)")
    }
    return found
  }
}
