/// The files that one option names: one array over several files, archives, or a directory.
struct FileSet {
  /// The paths as the user gave them, for messages.
  let name: String
  /// What they hold: arrays, or archives. A directory is like one archive.
  private var arrays: [StoredArray] = []
  private var archives: [FileExamination.Archive] = []
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
    if let directory = paths.map(\.path).first(where: { FileSystem.isDirectory($0) }) {
      try require(
        paths.count == 1, .usage,
        "\(directory.printable) is a directory, which cannot be joined with other files; name it alone"
      )
      archives = [
        FileExamination.Archive(
          path: directory, arrays: try Self.members(ofDirectory: directory, options), names: [],
          only: nil)
      ]
      names = .usual
      return
    }
    for path in paths {
      switch try FileExamination(
        path, format: options.format, among: options.formats, names: names,
        survey: surveys[path.path])
      {
      case .array(let array): arrays.append(array)
      case .archive(let archive): archives.append(archive)
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
    let members = try MNISTDirectory.files(in: path).map { role, path in
      let file = try FileExamination(
        DataPath(path: path), format: options.format, among: options.formats)
      guard case .array(let array) = file else {
        throw TrainerError(
          .badData, "\(path.printable) is an archive; name it by itself, or put the IDX file there")
      }
      return (MemberNames.usual[role][0], array)
    }
    return Dictionary(uniqueKeysWithValues: members)
  }

  /// The names of all arrays of the first archive.
  var memberNames: [String] { archives.first?.names ?? [] }

  /// The array for a role. Throws `TrainerError` (bad data) when there is none.
  ///
  /// - Parameter orOnlyOne: whether an archive's only array serves under any name.
  func array(_ role: ArchiveRole, orOnlyOne: Bool = false) throws -> ArraySource {
    if archives.isEmpty { return try ArraySource(joining: arrays) }
    if let found = try arrayIfPresent(role) { return found }
    let mayBeOnly = archives.allSatisfy {
      $0.only != nil && (role != .rows || !MemberNames.areTargets($0.arrays.keys))
    }
    if orOnlyOne || role == .rows, mayBeOnly {
      return try ArraySource(joining: archives.map { $0.only! })
    }
    throw names.missing(role, in: name, having: memberNames)
  }

  /// The array that an archive or a directory has for a role beside its rows.
  func arrayIfPresent(_ role: ArchiveRole) throws -> ArraySource? {
    let found = try archives.compactMap { archive in
      let present = names[role].filter { archive.arrays[$0] != nil }
      try require(
        present.count < 2, .badData,
        "\(archive.path.printable) has both '\(present[0])' and '\(present[1])'; say which to use with "
          + "\(parameter: "member") ROWS:LABELS")
      return present.first.flatMap { archive.arrays[$0] }
    }
    try require(
      found.isEmpty || found.count == archives.count, .badData,
      "only \(found.count) of the \(archives.count) archives \(name) have a member "
        + "\(names.words(for: role)); add it to the others")
    return found.isEmpty ? nil : try ArraySource(joining: found)
  }

  /// Whether the arrays of archives are chosen by names.
  var hasMembers: Bool { archives.contains { !$0.names.isEmpty } }
}
