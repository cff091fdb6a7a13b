/// The files that one option names: one array over several files, archives, or a directory.
struct FileSet {
  /// The paths as the user gave them, for messages.
  let name: String
  private let contents: Contents

  private enum Contents {
    case arrays([StoredArray])
    case archives([(path: String, members: [String: StoredArray])])
    case directory(rows: StoredArray, targets: StoredArray, test: (StoredArray, StoredArray)?)
  }

  /// Expands patterns and examines every file.
  init(_ patterns: [String], _ options: DataCatalog.Options) throws {
    name = patterns.map(\.printable).joined(separator: ", ")
    let paths = try PathPattern.expand(patterns)
    if let directory = paths.first(where: { PathPattern.isDirectory($0) }) {
      try require(
        paths.count == 1, .usage,
        "\(directory.printable) is a directory; it cannot be joined with other files")
      contents = try Self.directory(directory, options)
      return
    }
    var arrays: [StoredArray] = []
    var archives: [(path: String, members: [String: StoredArray])] = []
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
    contents = archives.isEmpty ? .arrays(arrays) : .archives(archives)
  }

  private static func directory(
    _ path: String, _ options: DataCatalog.Options
  ) throws -> Contents {
    let found = try MNISTDirectory(path: path)
    func array(_ path: String) throws -> StoredArray {
      let format = options.format ?? DataFormat(IDXFormat())
      guard case .array(let array) = try FileExamination(path: path, format: format) else {
        throw TrainerError(.badData, "\(path.printable) is an archive; it must be an IDX file")
      }
      return array
    }
    return .directory(
      rows: try array(found.trainImages), targets: try array(found.trainLabels),
      test: try found.test.map { (try array($0.images), try array($0.labels)) })
  }

  /// The array for a role. Throws `TrainerError` (bad data) when there is none.
  ///
  /// - Parameter orOnlyOne: whether an archive's only member serves under any name.
  func array(_ role: ArchiveRole, orOnlyOne: Bool = false) throws -> ArraySource {
    if case .arrays(let arrays) = contents { return try ArraySource(arrays) }
    if let found = try arrayIfPresent(role) { return found }
    if case .archives(let archives) = contents,
      orOnlyOne || role == .rows, archives.allSatisfy({ $0.members.count == 1 })
    {
      return try ArraySource(archives.map { $0.members.first!.value })
    }
    throw TrainerError(
      .badData,
      "\(name) has no member \(role.names.joined(separator: " or ")); "
        + "save it with numpy.savez(path, x=…, y=…)")
  }

  /// The array that an archive or a directory has for a role beside its rows.
  func arrayIfPresent(_ role: ArchiveRole) throws -> ArraySource? {
    switch contents {
    case .arrays: return nil
    case .directory(let rows, let targets, let test):
      let array: StoredArray? =
        switch role {
        case .rows: rows
        case .targets: targets
        case .testRows: test?.0
        case .testTargets: test?.1
        }
      return try array.map { try ArraySource([$0]) }
    case .archives(let archives):
      let arrays = try archives.compactMap { archive in
        let found = role.names.filter { archive.members[$0] != nil }
        try require(
          found.count < 2, .badData,
          "\(archive.path.printable) has both '\(found[0])' and '\(found[1])'; keep one of them")
        return found.first.flatMap { archive.members[$0] }
      }
      try require(
        arrays.isEmpty || arrays.count == archives.count, .badData,
        "only \(arrays.count) of the \(archives.count) archives \(name) have a member "
          + role.names.joined(separator: " or "))
      return arrays.isEmpty ? nil : try ArraySource(arrays)
    }
  }
}
