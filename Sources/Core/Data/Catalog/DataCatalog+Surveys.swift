extension DataCatalog {
  /// What ranks found out together about files that rank 0 cannot describe alone, by their paths.
  package typealias Surveys = [String: [UInt8]]

  /// Surveys the files of options whose formats want it; collective over `topology.world`.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks.
  static func survey(_ options: Options, topology: NodeTopology) throws -> Surveys {
    let bytes = try topology.world.fromRoot {
      var packer = WirePacker()
      let rowFiles = Set(options.rowFiles)
      // What cannot be opened is refused, with words, when it is examined.
      let files = (options.rowFiles + options.targetFiles).compactMap { path in
        (try? DataFormat.detect(
          ExaminedFile(DataPath(path: path)), forced: options.format, among: options.formats))
          .map { (path: path, format: $0) }
      }
      packer.pack(files.filter { $0.format.format.isSurveyed }) { packer, file in
        packer.pack(file.path)
        packer.pack(file.format.rawValue)
        packer.pack(rowFiles.contains(file.path) ? 1 : 0)
      }
      return packer.bytes
    }
    var unpacker = WireUnpacker(bytes)
    var surveys: Surveys = [:]
    for (path, name, hasRows) in unpacker.array({ ($0.string(), $0.string(), $0.integer() == 1) })
    where surveys[path] == nil {
      let format = options.formats.first { $0.rawValue == name }!.format
      surveys[path] = try format.survey(
        path, hasRows ? options : .init(data: []), among: topology.world)
    }
    return surveys
  }
}
