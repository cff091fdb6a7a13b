/// A model, of a run or in a file of its own, brought into forms that other programs take.
public enum ModelForms {
  /// The forms that there are, for help: `onnx, npz, pytorch`.
  public static var names: String { ModelExports.names }

  /// Throws `TrainerError(.usage)` where one of the names is that of no form.
  ///
  /// - Parameter parameter: what named them.
  public static func check(_ names: [String], by parameter: String) throws(TrainerError) {
    _ = try ModelExports.named(names, by: parameter)
  }

  /// Writes a model in some forms; on this rank alone. Nothing is written where one of them cannot be made.
  ///
  /// - Parameters:
  ///   - path: a run directory, a `model.safetensors`, or an NPY file of centers.
  ///   - names: of the forms.
  ///   - output: the file to write, or a directory for files of the usual names; nil for the model's own.
  ///   - metric: that of centers; nil for what the `config.json` beside them says, else L2.
  ///   - advise: told of what a user should know.
  /// - Returns: the files, in the order of the names.
  /// - Throws: `TrainerError(.badData)` for a model that is missing, damaged or of a run that is not finished;
  ///   `TrainerError(.usage)` for an output that cannot be meant; `TrainerError(.inputOutput)`.
  /// - Complexity: O(parameters), all of which are in memory twice.
  public static func write(
    _ path: String, as names: [String], to output: String?, metric: ClusterMetric? = nil,
    advise: (any Advice) -> Void = { _ in }
  ) throws -> [String] {
    let forms = try ModelExports.named(names, by: "to")
    let file = try modelFile(path)
    let isOfCenters = file.hasSuffix(".npy")
    try require(
      metric == nil || isOfCenters, .usage,
      "\(parameter: "metric") is for centers; \(path) holds a network")
    let model =
      isOfCenters
      ? try ClusterInference.exported(file, metric: metric, advise: advise)
      : try MLPModel.exported(file)
    let paths = try forms.map { form in
      try place(
        ModelExports.fileName(of: model, as: form), form, beside: file, output,
        isOne: forms.count == 1)
    }
    for path in paths { try OutputPath.check(path, reading: .init(data: []), model: file) }
    for (form, path) in zip(forms, paths) {
      try ModelExports.write(model, as: form, to: path)
    }
    return paths
  }

  /// The file that holds the model.
  private static func modelFile(_ path: String) throws(TrainerError) -> String {
    try SystemCallFailure.reported(as: .badData) { () throws(SystemCallFailure) in
      try FileSystem.checkAccess(to: path)
    }
    try require(
      FileSystem.exists(path), .badData,
      "\(path): there is no such file or directory; name a run directory, or the file of a model")
    guard FileSystem.isDirectory(path) else { return path }
    try require(
      !ClusterInference.isRange(path), .usage,
      "\(path) holds clusterings into several numbers of clusters: name one, such as "
        + "\(path)/clusterings/10")
    try RunDirectory.checkFinished(path)
    try RunDirectory.checkHolds(["model.safetensors", "centers.npy"], in: path)
    return ClusterInference.centersFile(path) ?? MLPModel.file(of: path)
  }

  /// Where a file of that name is written. One that is named must end as its form does, so that no other file is taken
  /// for it.
  private static func place(
    _ name: String, _ form: any ModelExport, beside model: String, _ output: String?, isOne: Bool
  ) throws(TrainerError) -> String {
    guard let output else { return "\(AtomicFile.directory(of: model))/\(name)" }
    if FileSystem.isDirectory(output) {
      return output.hasSuffix("/") ? output + name : "\(output)/\(name)"
    }
    try require(
      isOne && !output.isEmpty && !output.hasSuffix("/"), .usage,
      "\(parameter: "output") \(output): there is no such directory; make it, or name one form and a file"
    )
    try require(
      output.hasSuffix(form.ending), .usage,
      "\(parameter: "output") \(output): name a file that ends in \(form.ending), or a directory")
    return output
  }
}
