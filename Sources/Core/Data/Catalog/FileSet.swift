/// The files that one option names: one array over several files, archives, or a directory.
struct FileSet {
  /// The paths as the user gave them, for messages.
  let name: String
  /// What they hold: arrays, or archives. A directory is like one archive.
  private var arrays: [StoredArray] = []
  private var archives: [(path: String, members: [String: StoredArray])] = []

  /// Expands patterns and examines every file.
  init(_ patterns: [String], _ options: DataCatalog.Options) throws {
    name = patterns.map(\.printable).joined(separator: ", ")
    let paths = try PathPattern.expand(patterns)
    if let directory = paths.first(where: { FileSystem.isDirectory($0) }) {
      try require(
        paths.count == 1, .usage,
        "\(directory.printable) is a directory; it cannot be joined with other files")
      archives = [(directory, try Self.members(ofDirectory: directory, options))]
      return
    }
    for path in paths {
      switch try FileExamination(path: path, format: options.format, among: options.formats) {
      case .array(let array): arrays.append(array)
      case .archive(let path, let members): archives.append((path, members))
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
      return (role.names[0], array)
    }
    return Dictionary(uniqueKeysWithValues: members)
  }

  /// The array for a role. Throws `TrainerError` (bad data) when there is none.
  ///
  /// - Parameter orOnlyOne: whether an archive's only member serves under any name.
  func array(_ role: ArchiveRole, orOnlyOne: Bool = false) throws -> ArraySource {
    if archives.isEmpty { return try ArraySource(arrays) }
    if let found = try arrayIfPresent(role) { return found }
    if orOnlyOne || role == .rows, archives.allSatisfy({ $0.members.count == 1 }) {
      return try ArraySource(archives.map { $0.members.first!.value })
    }
    throw TrainerError(
      .badData,
      "\(name) has no member \(role.names.joined(separator: " or ")); "
        + "save it with numpy.savez(path, x=…, y=…)")
  }

  /// The array that an archive or a directory has for a role beside its rows.
  func arrayIfPresent(_ role: ArchiveRole) throws -> ArraySource? {
    let found = try archives.compactMap { archive in
      let names = role.names.filter { archive.members[$0] != nil }
      try require(
        names.count < 2, .badData,
        "\(archive.path.printable) has both '\(names[0])' and '\(names[1])'; keep one of them")
      return names.first.flatMap { archive.members[$0] }
    }
    try require(
      found.isEmpty || found.count == archives.count, .badData,
      "only \(found.count) of the \(archives.count) archives \(name) have a member "
        + role.names.joined(separator: " or "))
    return found.isEmpty ? nil : try ArraySource(found)
  }
}
