import Glibc

/// Describes what stands in a file or directory that this program reads or writes.
public enum Inspection {
  /// What `name` is and holds, a path, `FILE:MEMBER` or `-` for standard input: an object whose member `kind` is `data`,
  /// `model`, `run` or `checkpoint`.
  ///
  /// - Parameter options: what is not told of tables in text by looking.
  /// - Throws: `TrainerError(.badData)` for what is missing, damaged, or nothing of this program's.
  /// - Complexity: O(bytes) for a model and for data up to `DataInspection.readLimit`, else the headers.
  public static func describe(
    _ name: String, _ options: DataCatalog.Options = .init(data: [])
  ) throws -> JSON {
    var options = options
    options.copiesTexts = true
    let isInput = name == "-" && !FileSystem.exists(name)
    let named = isInput ? DataPath(path: "/dev/stdin") : DataPath(name)
    let path = named.path
    // A pipe can be read once: it is copied first.
    try DataCatalog.spoolPipes(of: .init(data: [path]), topology: .solo())
    var status = stat()
    guard stat(path.system, &status) == 0 else {
      throw SystemCallFailure("open", path).error(.badData)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      func holds(_ name: String) -> Bool { FileSystem.exists("\(path)/\(name)") }
      if holds(CheckpointManifest.name) { return try CheckpointInspection.describe(path) }
      let isRun = ["config.json", "metrics.jsonl", "summary.json", "model.safetensors"]
        .contains(where: holds)
      if isRun { return try RunInspection.describe(path) }
      try checkHoldsNoRuns(path)
      return try DataInspection.describe(directory: path)
    }
    guard named.member == nil else { return try DataInspection.describe(file: named, options) }
    let head = try DataFile(path: path).bytes(at: 0, count: 9)
    // A safetensors file begins with the length of a header, eight bytes, and the header's brace.
    if head.count == 9, head[8] == UInt8(ascii: "{"), head[7] == 0 {
      return try ModelInspection.describe(path)
    }
    return try DataInspection.describe(file: named, options)
  }

  /// Refuses a directory of runs, such as `runs`, which is none itself.
  ///
  /// - Complexity: O(entries) looks at the file system.
  private static func checkHoldsNoRuns(_ path: String) throws(TrainerError) {
    let names = ((try? FileSystem.entries(of: path)) ?? []).filter {
      RunDirectory.holdsRun("\(path)/\($0)")
    }.sorted(by: NaturalOrder.precedes)
    guard let last = names.last else { return }
    throw TrainerError(
      .badData,
      "\(path) is no run itself, but holds \(names.count.counted("run")); name one of them, such as \(path)/\(last)"
    )
  }
}
