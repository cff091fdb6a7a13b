import Glibc

/// Where a result is written that is no run's.
public enum OutputPath {
  /// Refuses a path that cannot be written, that is a file which the result or the model is made from, or that is a file
  /// of a run; on rank 0 alone.
  ///
  /// - Parameters:
  ///   - data: the rows that are read.
  ///   - model: a run directory, or the file of a model or of centers; nil where there is none.
  ///   - option: the parameter that names the path.
  /// - Throws: `TrainerError(.usage)`, or `TrainerError(.inputOutput)`.
  public static func check(
    _ path: String, reading data: DataCatalog.Options, model: String?, option: String = "output"
  ) throws(TrainerError) {
    guard path != ByteSink.standardOutputName else { return }
    let inputs = data.files + [model].compactMap { $0 }
    if let input = inputs.first(where: { isSame($0, path) }) {
      throw TrainerError(
        .usage,
        "\(parameter: option) \(path): that is the file \(input), which is read; name another file"
      )
    }
    if let input = (model.map(trainingFiles(of:)) ?? []).first(where: { isSame($0, path) }) {
      throw TrainerError(
        .usage,
        "\(parameter: option) \(path): that is the file \(input), which the run read; name another file"
      )
    }
    try refuseRunFile(path, option: option)
    try AtomicFile.check(path)
  }

  /// Refuses a path that is a file or a directory of a run, or within one.
  ///
  /// - Parameter run: the directory of a run that may have written nothing yet.
  /// - Throws: `TrainerError(.usage)`.
  static func refuseRunFile(
    _ path: String, option: String, alsoOf run: String? = nil
  ) throws(TrainerError) {
    let run = run.flatMap { FileSystem.resolved($0) }
    // A file of a run stands in its directory, or in a directory there.
    var place = path
    for _ in 0..<maximumDepth {
      let directory = AtomicFile.directory(of: place)
      let name = place.split(separator: "/").last.map(String.init) ?? place
      let isOwned =
        RunDirectory.ownedNames([]).contains(name)
        && (RunDirectory.holdsRun(directory) || run != nil && FileSystem.resolved(directory) == run)
      try require(
        !isOwned, .usage,
        "\(parameter: option) \(path): that is a file of the run in \(directory); name another place"
      )
      guard directory != place, directory != ".", directory != "/" else { break }
      place = directory
    }
  }

  /// Directories in which files of a run stand: itself, `checkpoints`, a checkpoint.
  private static let maximumDepth = 3

  /// The files that a model's run read, as far as it recorded them; those of a range of clusterings are recorded once.
  private static func trainingFiles(of model: String) -> [String] {
    let directory = FileSystem.isDirectory(model) ? model : AtomicFile.directory(of: model)
    return [directory, "\(directory)/../.."].flatMap { place -> [String] in
      let record = "\(place)/inputs.json"
      guard let text = try? FileContents.read(record), let json = try? JSON(parsing: text) else {
        return []
      }
      return (try? DataCatalog.Options(recorded: json, in: record).files) ?? []
    }
  }

  /// Whether both paths lead to one file that exists.
  private static func isSame(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(a.system, &first) == 0 && stat(b.system, &second) == 0
      && (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)
  }
}
