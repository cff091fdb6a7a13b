/// The files that one option names: one array over several files, archives, or a directory.
struct FileSet {
  /// The paths as the user gave them, for messages.
  let name: String
  /// What they hold: arrays, or archives. A directory is like one archive.
  private var arrays: [StoredArray] = []
  private var archives: [(path: String, members: [String: StoredArray], all: [String])] = []
  private var names: MemberNames

  /// Expands patterns and examines every file.
  ///
  /// - Parameter surveys: what ranks found out together.
  init(
    _ patterns: [String], _ options: DataCatalog.Options, _ surveys: DataCatalog.Surveys
  ) throws {
    names = options.memberNames ?? .usual
    name = patterns.map(\.printable).joined(separator: ", ")
    let paths = try PathPattern.expand(patterns)
    if let directory = paths.first(where: { FileSystem.isDirectory($0) }) {
      try require(
        paths.count == 1, .usage,
        "\(directory.printable) is a directory; it cannot be joined with other files")
      archives = [(directory, try Self.members(ofDirectory: directory, options), [])]
      names = .usual
      return
    }
    for path in paths {
      switch try FileExamination(
        path: path, format: options.format, among: options.formats, names: names,
        survey: surveys[path])
      {
      case .array(let array): arrays.append(array)
      case .archive(let path, let members, let all): archives.append((path, members, all))
      }
    }
    try require(
      arrays.isEmpty || archives.isEmpty, .badData,
      "\(archives[0].path.printable) is an archive and \(arrays[0].name) is not; files read as one "
        + "must be of one kind")
  }

  /// The arrays of a directory by the names that they would have in an archive.
  private static func members(
    ofDirectory path: String, _ options: DataCatalog.Options
  ) throws -> [String: StoredArray] {
    let format = options.format ?? DataFormat(IDXFormat())
    let members = try MNISTDirectory.files(in: path).map { role, path in
      guard case .array(let array) = try FileExamination(path: path, format: format) else {
        throw TrainerError(.badData, "\(path.printable) is an archive; it must be an IDX file")
      }
      return (MemberNames.usual[role][0], array)
    }
    return Dictionary(uniqueKeysWithValues: members)
  }

  /// The names of all arrays of the first archive.
  var memberNames: [String] { archives.first?.all ?? [] }

  /// The array for a role. Throws `TrainerError` (bad data) when there is none.
  ///
  /// - Parameter orOnlyOne: whether an archive's only member serves under any name.
  func array(_ role: ArchiveRole, orOnlyOne: Bool = false) throws -> ArraySource {
    if archives.isEmpty { return try ArraySource(arrays) }
    if let found = try arrayIfPresent(role) { return found }
    if orOnlyOne || role == .rows,
      archives.allSatisfy({ $0.all.count == 1 && !MemberNames.usual.areTargets($0.members.keys) })
    {
      return try ArraySource(archives.map { $0.members.first!.value })
    }
    throw names.missing(role, in: name, having: archives[0].all)
  }

  /// The array that an archive or a directory has for a role beside its rows.
  func arrayIfPresent(_ role: ArchiveRole) throws -> ArraySource? {
    let found = try archives.compactMap { archive in
      let present = names[role].filter { archive.members[$0] != nil }
      try require(
        present.count < 2, .badData,
        "\(archive.path.printable) has both '\(present[0])' and '\(present[1])'; say which to use with "
          + "\(parameter: "member") ROWS:LABELS")
      return present.first.flatMap { archive.members[$0] }
    }
    try require(
      found.isEmpty || found.count == archives.count, .badData,
      "only \(found.count) of the \(archives.count) archives \(name) have a member "
        + names[role].joined(separator: " or "))
    return found.isEmpty ? nil : try ArraySource(found)
  }
}
