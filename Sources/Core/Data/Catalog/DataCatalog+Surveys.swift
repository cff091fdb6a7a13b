extension DataCatalog {
  /// What ranks found out together about files that rank 0 cannot describe alone, by their paths.
  package typealias Surveys = [String: [UInt8]]

  /// A file of which ranks read parts as they please, once they know where these are: a text.
  private struct SurveyedFile {
    let path: String
    let format: any ArrayFormat
    /// Whether it holds rows, and not targets alone.
    let hasRows: Bool
    let isGzipped: Bool
  }

  /// Inflates and surveys the files of options whose formats want it; collective over `topology.world`. Rank 0 looks at
  /// each file once to tell.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks.
  static func survey(_ options: Options, topology: NodeTopology) throws -> Surveys {
    var surveys: Surveys = [:]
    for file in try surveyedFiles(of: options, topology: topology)
    where surveys[file.path] == nil {
      if file.isGzipped {
        try Activity.perform("inflating \(file.path.printable)") {
          try inflate(file.path, topology: topology)
        }
      }
      surveys[file.path] = try Activity.perform("scanning \(file.path.printable)") {
        try file.format.survey(
          file.path, file.hasRows ? options : options.ofTargets, among: topology.world)
      }
    }
    return surveys
  }

  /// The files to survey, as rank 0 sees them; what was inflated before is read anew.
  private static func surveyedFiles(
    of options: Options, topology: NodeTopology
  ) throws -> [SurveyedFile] {
    let bytes = try topology.world.fromRoot {
      let rowFiles = Set(options.rowFiles)
      let files = options.arrayFiles
      SpooledFiles.forget(files)
      var packer = WirePacker()
      packer.pack(files) { packer, path in
        packer.pack(path)
        packer.pack(rowFiles.contains(path) ? 1 : 0)
        // What cannot be opened is refused, with words, when it is examined.
        let file = try? ExaminedFile(DataPath(path: path))
        let format = file.flatMap {
          try? DataFormat.detect($0, forced: options.format, among: options.formats)
        }
        packer.pack(format?.format.isSurveyed == true ? format!.rawValue : "")
        packer.pack(file?.isGzipped == true ? 1 : 0)
      }
      return packer.bytes
    }
    var unpacker = WireUnpacker(bytes)
    let files = unpacker.array {
      (
        path: $0.string(), hasRows: $0.integer() == 1, format: $0.string(),
        isGzipped: $0.integer() == 1
      )
    }
    SpooledFiles.forget(files.map(\.path))
    return files.compactMap { file in
      options.formats.first { $0.rawValue == file.format }.map {
        SurveyedFile(
          path: file.path, format: $0.format, hasRows: file.hasRows, isGzipped: file.isGzipped)
      }
    }
  }
}
