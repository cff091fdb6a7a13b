/// A form in which other programs take a model, a network or centers.
///
/// To add one, write a type that conforms, in a file of its own, and add a line to ``ModelExports/all``.
package protocol ModelExport: Sendable {
  /// What it is called on the command line.
  var name: String { get }
  /// How the names of its files end: `.onnx`.
  var ending: String { get }
  /// The file's content, in pieces.
  ///
  /// - Throws: `TrainerError(.usage)` for a model that the form cannot hold.
  /// - Complexity: O(parameters).
  func encode(_ model: ExportedModel) throws(TrainerError) -> FilePieces
}

/// The forms that there are.
package enum ModelExports {
  package static let all: [any ModelExport] = [
    ONNXExport(), NPZExport(), PyTorchExport(),
  ]

  /// Their names, for messages and help: `onnx, npz, pytorch`.
  package static var names: String { all.map(\.name).joined(separator: ", ") }

  /// What files are called in all forms, for a model whose files begin with `stem`.
  package static func fileNames(_ stem: String) -> [String] { all.map { stem + $0.ending } }

  /// Whether a file of a run holds its result in one of the forms.
  package static func isExport(_ name: String) -> Bool {
    all.contains { name.hasSuffix($0.ending) }
  }

  /// The forms of these names, each once.
  ///
  /// - Parameter parameter: what named them, for messages.
  /// - Throws: `TrainerError(.usage)` where there is no such form.
  package static func named(
    _ names: [String], by parameter: String
  ) throws(TrainerError) -> [any ModelExport] {
    var forms: [any ModelExport] = []
    for name in names {
      guard let form = all.first(where: { $0.name == name }) else {
        throw TrainerError(
          .usage,
          "\(parameter: parameter) '\(name.printable)': a model has no such form; name one of \(Self.names), or "
            + "several with commas between")
      }
      if !forms.contains(where: { $0.name == name }) { forms.append(form) }
    }
    return forms
  }

  /// What a model's file is called in a form.
  package static func fileName(of model: ExportedModel, as form: any ModelExport) -> String {
    model.stem + form.ending
  }

  /// Writes a model; the file appears under its name when it is whole.
  ///
  /// - Throws: `TrainerError(.usage)` for a model that the form cannot hold, `TrainerError(.inputOutput)`.
  package static func write(
    _ model: ExportedModel, as form: any ModelExport, to path: String
  ) throws(TrainerError) {
    try AtomicFile.write(pieces: form.encode(model).pieces, to: path)
  }

  /// Refuses a file that a form has no room for.
  static func checkSize(
    _ bytes: Int, limit: Int, of form: any ModelExport
  ) throws(TrainerError) {
    try require(
      bytes <= limit, .usage,
      "this model takes \(bytes) bytes, and a file of \(form.name) holds at most \(limit): read model.safetensors "
        + "instead, as docs/FORMATS.md says")
  }
}
