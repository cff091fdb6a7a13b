internal import CZlib

/// Data from one format to another, by all ranks together.
///
/// Rows are read, encoded and written in blocks of about 8 MiB, so that data may be larger than memory: each rank makes
/// every N-th block, and rank 0 writes them in order. The bytes do not depend on the number of ranks.
public struct Conversion {
  /// Which rows, where data bring some to train and some to test on.
  public enum Part: String, CaseIterable, Sendable {
    case train, test
  }

  /// What was converted.
  public struct Summary: Sendable {
    /// The name of the rows' file, for messages.
    public let name: String
    /// The number of rows, of those to test on too.
    public let rows: Int
    /// Elements of a row.
    public let columns: Int
    /// The files that were written.
    public let paths: [String]
    /// The texts that labels were, in the order of the numbers that were written for them; none where they are numbers,
    /// or were written as texts.
    public let classNames: [String]
    /// The file whose first column, the numbers of its rows as pandas writes them, was left out; nil for none.
    public let unnumbered: String?
    /// Files with lines between their rows that are comments, and how many.
    public let comments: [(name: String, count: Int)]
  }

  /// The data that are read.
  public var data: DataCatalog.Options
  /// The file that is written; its ending says in which format.
  public var path: String
  /// The file of labels, for formats of one array a file; nil for `NAME-labels.ENDING` beside the other.
  public var labelsPath: String?
  /// Which rows; nil for all that there are.
  public var part: Part?

  /// Bytes of a block, as they are stored; a row may have more.
  private static let blockBytes = 8 << 20

  /// A conversion of `data` into the file at `path`.
  public init(_ data: DataCatalog.Options, to path: String) {
    self.data = data
    self.data.keepsTexts = true
    self.data.copiesTexts = ConvertedForms.form(for: path) is TextForm
    self.path = path
  }

  /// How files may be called, for messages.
  public static var endings: String {
    let endings = ConvertedForms.all.map { $0.endings.last == "ubyte" ? ".idx" : $0.endings[0] }
    return "\(endings.dropLast().joined(separator: ", ")) or \(endings.last!)"
  }

  /// The files that would be written if the data bring labels.
  public var outputs: [String] {
    ConvertedForms.form(for: path)?.isOneArray == true ? [path, ownLabelsPath] : [path]
  }

  private var ownLabelsPath: String {
    if let labelsPath { return labelsPath }
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let dot = path[start...].lastIndex(of: ".") ?? path.endIndex
    return "\(path[..<dot])-labels\(path[dot...])"
  }

  /// Refuses files that cannot be written, by their names alone.
  ///
  /// - Throws: `TrainerError(.usage)`.
  public func check() throws(TrainerError) {
    let name = path.lowercased()
    try require(
      !HDF5Format().endings.contains { name.hasSuffix($0) }, .usage,
      "\(parameter: "to") \(path): HDF5 is read but not written; convert to .npz, which holds rows and labels too"
    )
    guard let form = ConvertedForms.form(for: path) else {
      throw TrainerError(
        .usage, "\(parameter: "to") \(path): name a file that ends in \(Self.endings)")
    }
    try require(
      labelsPath == nil || form.isOneArray, .usage,
      "\(parameter: "labels_to") is for files of one array; \(path) holds labels too: omit it")
    if let labelsPath {
      try require(
        ConvertedForms.form(for: labelsPath).map { type(of: $0) == type(of: form) } == true, .usage,
        "\(parameter: "labels_to") \(labelsPath): name a file with the ending of \(path)")
      try require(
        labelsPath != path, .usage,
        "\(parameter: "labels_to") is the file of the rows; name another")
    }
  }

  /// Converts; collective.
  ///
  /// - Throws: `TrainerError`, agreed by all ranks: bad data for what cannot be read, usage for what the format cannot
  ///   hold, I/O for what cannot be written; stopped where ``StopRequest`` has taken a signal. Nothing is left of a file that is
  ///   not complete.
  /// - Complexity: O(bytes read and written / ranks); compressed arrays are inflated once a node, into `$TMPDIR` or /tmp.
  ///   A rank holds one block of rows, as it is stored and as it is written.
  public func write(among world: Communicator) throws -> Summary {
    let topology = try NodeTopology(of: world)
    let world = topology.world
    let converted = try open(topology)
    let files = try world.agree {
      try check()
      return try ConvertedForms.form(for: path)!.files(of: converted)
    }
    for file in files {
      try Activity.perform("writing \(file.path.printable)") { try write(file, topology) }
    }
    let isText = ConvertedForms.form(for: path) is TextForm
    return Summary(
      name: converted.rows.name, rows: converted.rows.rows + (converted.testRows?.rows ?? 0),
      columns: converted.rows.columns, paths: files.map(\.path),
      classNames: isText ? [] : converted.labels?.texts ?? [],
      unnumbered: isText ? nil : converted.rows.arrays.first(where: \.hasRowNumbers)?.name,
      comments: converted.rows.arrays.compactMap { array in
        let count = array.format.passedOver(of: array).comments
        return count > 0 ? (array.name, count) : nil
      })
  }

  /// Finds the arrays, and makes them such that rows are read from any place.
  private func open(_ topology: NodeTopology) throws -> ConvertedData {
    let world = topology.world
    let catalog = try Activity.perform("opening the data") {
      try DataCatalog.open(data, topology: topology)
    }
    let form = ConvertedForms.form(for: path)
    try world.require(
      part != .test || catalog.test != nil, .usage,
      "\(parameter: "part") test: \(catalog.train.name) brings no rows to test on")
    try world.require(
      catalog.test == nil || part != nil || form?.holdsTests != false, .usage,
      "\(parameter: "to") \(path.printable): \(catalog.train.name) brings rows to train and rows to test on; convert to .npz, "
        + "which holds both, or choose with \(parameter: "part") train or test")
    func opened(_ source: ArraySource?) throws -> ArraySource? {
      try source.map {
        try DataCatalog.directlyReadable(try $0.readingNumbers, topology: topology)
      }
    }
    let (rows, labels) =
      part == .test
      ? (catalog.test!, catalog.testTargets) : (catalog.train, catalog.trainTargets)
    let hasTests = part == nil && catalog.test != nil
    return ConvertedData(
      path: path, labelsPath: ownLabelsPath, rows: try opened(rows)!, labels: try opened(labels),
      testRows: try opened(hasTests ? catalog.test : nil),
      testLabels: try opened(hasTests ? catalog.testTargets : nil))
  }

  private func write(_ file: ConvertedFile, _ topology: NodeTopology) throws {
    let world = topology.world
    let output = try world.onRoot { try CountedFile(file.path) }
    var written: [ConvertedFile.Written] = []
    for section in file.sections {
      _ = try world.onRoot { try output!.begin(section) }
      try write(section, to: output, topology)
      _ = try world.onRoot { written.append(try output!.end(section)) }
    }
    _ = try world.onRoot { try output!.finish(file.end(written)) }
  }

  /// Ends a conversion that was asked to stop, so that nothing is left of its files.
  private static func checkRequest() throws(TrainerError) {
    guard let signal = StopRequest.signal else { return }
    throw TrainerError(
      .stopped,
      "stopped on request (\(StopRequest.name(of: signal))), and the file that was begun is removed; start it again"
    )
  }

  /// Writes the rows of a section, in rounds of one block a rank.
  private func write(
    _ section: ConvertedFile.Section, to output: CountedFile?, _ topology: NodeTopology
  ) throws {
    let world = topology.world
    let rows = section.arrays[0].rows
    let rowBytes = section.arrays.reduce(0) { $0 + $1.columns * $1.type.size }
    let blockRows = max(1, Self.blockBytes / rowBytes)
    for round in stride(from: 0, to: rows, by: blockRows * world.size) {
      try world.agree { try Self.checkRequest() }
      Activity.advance(round, of: rows, "row")
      let first = min(rows, round + world.rank * blockRows)
      let own = first..<min(rows, first + blockRows)
      let blocks = try section.arrays.enumerated().map { index, array in
        try array.readStored(
          own, topology: topology, keepsNonFinite: !section.finite.contains(index))
      }
      let bytes = own.isEmpty ? [] : section.encode(blocks, first)
      let counts = try world.allGather(bytes.count)
      guard let output else {
        if !bytes.isEmpty { try bytes.withUnsafeBufferPointer { try world.send($0, to: 0) } }
        try world.agree {}
        continue
      }
      // All messages are received, whatever becomes of the first.
      var outcome = Result { try output.append(bytes) }
      for source in 1..<max(1, world.size) where counts[source] > 0 {
        let part = try [UInt8](unsafeUninitializedCapacity: counts[source]) { buffer, count in
          count = buffer.count
          try world.receive(buffer, from: source)
        }
        outcome = outcome.flatMap { Result { try output.append(part) } }
      }
      try world.agree { try outcome.get() }
    }
  }
}

/// A file that is being written, and what was written of its section.
private final class CountedFile {
  private let file: AtomicFile
  private var count = 0
  private var section = ConvertedFile.Written(start: 0)

  init(_ path: String) throws { file = try AtomicFile(path: path) }

  func begin(_ section: ConvertedFile.Section) throws {
    self.section = ConvertedFile.Written(start: count)
    try put(section.prefix)
    try append(section.head)
  }

  /// Appends content of the section.
  func append(_ bytes: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    section.crc = bytes.withUnsafeBufferPointer {
      UInt32(crc32_z(UInt(section.crc), $0.baseAddress, $0.count))
    }
    section.count += bytes.count
    try put(bytes)
  }

  func end(_ section: ConvertedFile.Section) throws -> ConvertedFile.Written {
    try put(section.suffix(self.section))
    return self.section
  }

  func finish(_ bytes: [UInt8]) throws {
    try put(bytes)
    try file.commit()
  }

  private func put(_ bytes: [UInt8]) throws {
    count += bytes.count
    try bytes.withUnsafeBytes { try file.append($0) }
  }
}
