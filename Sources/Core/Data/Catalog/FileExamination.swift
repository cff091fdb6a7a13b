/// What rank 0 finds in one data file: one array, or the named arrays of an archive.
package enum FileExamination {
  case array(StoredArray)
  case archive(Archive)

  /// A file of several arrays.
  package struct Archive {
    let path: String
    /// The arrays that may be used, by their names in lower case.
    package let arrays: [String: StoredArray]
    /// The names of all members, in the order of the file.
    package let names: [String]
    /// The array, where there is only one.
    let only: StoredArray?
  }

  /// Opens a file and reads what describes its arrays.
  ///
  /// - Parameters:
  ///   - named: the file, and which of its arrays is wanted.
  ///   - forced: the file's format; nil to tell by content and name.
  ///   - formats: those among which it is told.
  ///   - names: of the arrays of an archive that are wanted; nil for all that are numbers.
  ///   - survey: what ranks found out together.
  ///   - options: which columns are wanted, where they found out nothing.
  /// - Throws: `TrainerError` (bad data) for files that cannot be read or whose parts disagree.
  package init(
    _ named: DataPath, format forced: DataFormat? = nil,
    among formats: [DataFormat] = DataFormat.allCases, names: MemberNames? = .usual,
    survey: [UInt8]? = nil, options: DataCatalog.Options = .init(data: [])
  ) throws {
    var file = try ExaminedFile(named, survey: survey, options: options)
    let format = try DataFormat.detect(file, forced: forced, among: formats)
    if file.isGzipped, format.format.isSurveyed {
      // Where one rank looks alone; see ``DataCatalog/survey(_:topology:)``.
      try DataCatalog.inflate(named.path, topology: .solo())
      file = try ExaminedFile(named, options: options)
    }
    switch (try format.format.examine(file), named.member) {
    case (.array(let array), nil): self = .array(array)
    case (.array, let member?):
      throw TrainerError(
        .badData, "\(file.name) holds one array without a name; omit ':\(member.printable)'")
    case (.members(let members), nil):
      self = .archive(try Self.archive(of: members, in: file, names))
    case (.members(let members), let member?):
      self = .array(try Self.member(member, of: members, in: file))
    }
  }

  /// The array of that name.
  private static func member(
    _ wanted: String, of members: [FileContent.Member], in file: ExaminedFile
  ) throws -> StoredArray {
    guard let found = members.first(where: { $0.name == wanted || $0.key == wanted }) else {
      throw TrainerError(
        .badData,
        "\(file.name) has no member '\(wanted.printable)' (it has: "
          + "\(MemberNames.listed(members.map { $0.key ?? $0.name }))); name one of these")
    }
    return try found.examine()
  }

  /// The members that a run may use; others may hold anything.
  private static func archive(
    of members: [FileContent.Member], in file: ExaminedFile, _ names: MemberNames?
  ) throws -> Archive {
    let all = members.map { $0.key ?? $0.name }
    var found: [String: StoredArray] = [:]
    guard let names else {
      for member in members { found[member.key ?? member.name] = try? member.examine() }
      return Archive(path: file.path, arrays: found, names: all, only: nil)
    }
    let isOnly = members.count { $0.key != nil } == 1
    for member in members {
      guard let key = member.key?.lowercased(), names.contains(key) || isOnly else { continue }
      try require(
        found[key] == nil, .badData,
        "\(file.name) has two members named '\(key)' but for their case; rename one")
      found[key] = try member.examine()
    }
    guard !found.isEmpty else { throw names.missing(.rows, in: file.name, having: all) }
    return Archive(
      path: file.path, arrays: found, names: all, only: isOnly ? found.first?.value : nil)
  }
}
