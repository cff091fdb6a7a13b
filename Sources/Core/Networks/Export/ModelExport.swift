/// A form in which a finished run writes its model.
///
/// To add one, write `Export/NAMEExport.swift` with a type that conforms, and add a line to ``ModelExports/all``.
package protocol ModelExport: Sendable {
  /// The file in the run directory.
  var fileName: String { get }
  /// Writes a model to a new file, or over an old one, which keeps its name until the new one is whole.
  ///
  /// - Parameter parameters: `[parameterCount]` in the order of ``Network``.
  /// - Returns: the SHA-256 of the file's bytes as 64 hexadecimal digits.
  /// - Throws: `TrainerError(.inputOutput)`.
  func write(
    _ parameters: UnsafePointer<Float>, of model: MLPSpecification, to path: String
  ) throws(TrainerError) -> String
}

/// The forms in which every finished run writes its model.
package enum ModelExports {
  /// The first is what this program reads again, and what `summary.json` has the hash of.
  package static let all: [any ModelExport] = [
    SafetensorsExport()
  ]

  /// Writes a model in all forms.
  ///
  /// - Parameter path: gives the path of a file in the run directory.
  /// - Returns: the hash of the first.
  /// - Throws: `TrainerError(.inputOutput)`.
  static func write(
    _ parameters: UnsafePointer<Float>, of model: MLPSpecification,
    to path: (_ fileName: String) -> String
  ) throws(TrainerError) -> String {
    let hashes = try all.map { (export) throws(TrainerError) in
      try export.write(parameters, of: model, to: path(export.fileName))
    }
    return hashes[0]
  }
}
