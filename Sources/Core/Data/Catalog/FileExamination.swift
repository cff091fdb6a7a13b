/// What rank 0 finds in one data file: one array, or the named arrays of an archive.
package enum FileExamination {
  case array(StoredArray)
  /// The arrays that may be used by their names in lower case, and the names of all.
  case archive(path: String, members: [String: StoredArray], all: [String])

  /// Opens a file and reads what describes its arrays.
  ///
  /// - Parameters:
  ///   - forced: the file's format; nil to tell by content and name.
  ///   - formats: those among which it is told.
  ///   - names: of the arrays of an archive that are wanted; nil for all that are numbers.
  ///   - survey: what ranks found out together.
  /// - Throws: `TrainerError` (bad data) for files that cannot be read or whose parts disagree.
  package init(
    path: String, format forced: DataFormat? = nil,
    among formats: [DataFormat] = DataFormat.allCases, names: MemberNames? = .usual,
    survey: [UInt8]? = nil
  ) throws {
    let file = try ExaminedFile(path: path, survey: survey)
    let format = try forced ?? DataFormat.detect(file, among: formats)
    switch try format.format.examine(file) {
    case .array(let array): self = .array(array)
    case .members(let members):
      let all = members.map { $0.key ?? $0.name }
      self = .archive(
        path: path, members: try Self.usable(members, of: file.name, names), all: all)
    }
  }

  /// The members that a run may use, by name in lower case; others may hold anything.
  private static func usable(
    _ members: [FileContent.Member], of file: String, _ names: MemberNames?
  ) throws -> [String: StoredArray] {
    var found: [String: StoredArray] = [:]
    guard let names else {
      for member in members { found[member.key ?? member.name] = try? member.examine() }
      return found
    }
    for member in members {
      guard let key = member.key?.lowercased(),
        names.contains(key) || members.count == 1
      else { continue }
      try require(
        found[key] == nil, .badData, "\(file) has two members named '\(key)' but for their case")
      found[key] = try member.examine()
    }
    guard !found.isEmpty else {
      throw names.missing(.rows, in: file, having: members.map { $0.key ?? $0.name })
    }
    return found
  }
}
