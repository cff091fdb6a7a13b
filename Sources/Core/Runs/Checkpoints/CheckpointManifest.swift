/// What a checkpoint holds and how its files must look: its `manifest.json`.
///
/// The last member is the SHA-256 of the text without it, and the text is that of ``encoded()`` to the
/// byte: no changed bit goes unnoticed.
package struct CheckpointManifest: Equatable {
  /// One file beside the manifest.
  package struct File: Equatable {
    package let name: String
    package let byteCount: Int
    /// 64 lower-case hexadecimal digits.
    let sha256: String
  }

  /// The version of the format that is written, and read.
  package static let format = 2
  /// The manifest's own name.
  package static let name = "manifest.json"
  /// A manifest longer than this is none; those of clusterings hold the sizes of all clusters.
  static let sizeLimit = 1 << 28

  /// Steps or iterations since the run began.
  package let position: Int
  /// The run that saved it: its `config.json`, and with it the hash of its data.
  package let run: JSON
  /// What `metrics.jsonl` held at that time.
  package let metrics: MetricsExtent
  /// What the run needs besides the tensors to go on.
  package let state: JSON
  /// The files.
  package let files: [File]

  /// The text of the file.
  func encoded() -> [UInt8] {
    let members: [JSON.Member] = [
      .init("format", .integer(Self.format)), .init("position", .integer(position)),
      .init("metrics_bytes", .integer(metrics.byteCount)),
      .init("metrics_sha256", .string(metrics.sha256)), .init("run", run), .init("state", state),
      .init(
        "files",
        .array(
          files.map {
            [
              "name": .string($0.name), "bytes": .integer($0.byteCount),
              "sha256": .string($0.sha256),
            ]
          })),
    ]
    return Array(JSON.object(members + [Self.checksum(members)]).pretty.utf8)
  }

  private static func checksum(_ members: [JSON.Member]) -> JSON.Member {
    .init("sha256", .string(SHA256.hexadecimal(of: Array(JSON.object(members).pretty.utf8))))
  }

  /// Reads the text of a manifest.
  package init(decoding bytes: [UInt8]) throws(CheckpointFault) {
    let json: JSON
    do throws(JSON.ParseError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw CheckpointFault("\(Self.name) is no JSON (\(error))")
    }
    let members = json.members ?? []
    guard let last = members.last, last == Self.checksum(Array(members.dropLast())),
      Array(json.pretty.utf8) == bytes
    else {
      throw CheckpointFault("\(Self.name) does not match its own checksum")
    }
    guard json["format"]?.int == Self.format else {
      throw CheckpointFault(
        "its format is \(json["format"]?.compact ?? "unknown"), this program reads \(Self.format)",
        isOfAnotherVersion: true)
    }
    let files = (json["files"]?.items ?? []).compactMap { file -> File? in
      guard let name = file["name"]?.text, let byteCount = file["bytes"]?.int, byteCount >= 0,
        let sha256 = file["sha256"]?.text
      else { return nil }
      return File(name: name, byteCount: byteCount, sha256: sha256)
    }
    guard let position = json["position"]?.int, position >= 0,
      let metricsByteCount = json["metrics_bytes"]?.int, metricsByteCount >= 0,
      let metricsHash = json["metrics_sha256"]?.text, let run = json["run"],
      let state = json["state"], files.count == json["files"]?.items?.count,
      files.allSatisfy({ Self.isFileName($0.name) })
    else { throw CheckpointFault("\(Self.name) lacks what a checkpoint needs") }
    self.init(
      position: position, run: run,
      metrics: MetricsExtent(byteCount: metricsByteCount, sha256: metricsHash), state: state,
      files: files)
  }

  package init(position: Int, run: JSON, metrics: MetricsExtent, state: JSON, files: [File]) {
    self.position = position
    self.run = run
    self.metrics = metrics
    self.state = state
    self.files = files
  }

  /// Whether a name stays in the checkpoint's directory.
  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
      }
  }
}

/// What is wrong with a checkpoint, without its name.
package struct CheckpointFault: Error {
  package let problem: String
  /// Whether it is sound, as far as this program can tell.
  let isOfAnotherVersion: Bool
  /// Why it could not be read, where nothing says that it is damaged: for want of permissions, or of what the system
  /// lends.
  package let obstacle: TrainerError?

  package init(_ problem: String, isOfAnotherVersion: Bool = false) {
    self.problem = problem
    self.isOfAnotherVersion = isOfAnotherVersion
    obstacle = nil
  }

  /// What kept a file of it from being read.
  init(reading error: any Error) {
    problem = "\(error)"
    isOfAnotherVersion = false
    obstacle = (error as? TrainerError).flatMap {
      $0.isOfPermissions || $0.kind == .inputOutput ? $0 : nil
    }
  }
}
