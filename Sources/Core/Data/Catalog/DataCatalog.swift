/// The arrays that a run trains and tests on, found by rank 0 and known to every rank.
public struct DataCatalog {
  /// What the command line says of data.
  public struct Options: Sendable {
    /// A directory with files named as MNIST's; or a file; or several files or patterns read as one.
    public var data: [String]
    /// Files of labels or targets; instead of those that `data` brings.
    public var labels: [String]
    /// Files of test rows; instead of those that `data` brings.
    public var testData: [String]
    /// Files of test labels; instead of those that `data` or `testData` brings.
    public var testLabels: [String]
    /// The column of `data` (and `testData`) that holds the targets, counting from 0; -1 is the last.
    public var labelColumn: String?
    /// The format of all files; nil to tell by content and name.
    public var format: DataFormat?
    /// The names of the arrays in archives: `ROWS`, `ROWS:LABELS`, `ROWS:LABELS:TEST_ROWS:TEST_LABELS`; nil for those
    /// that are usual.
    public var member: String?
    /// The same; nil also for what cannot be read.
    package var memberNames: MemberNames? { member.flatMap { MemberNames($0) } }
    /// The formats among which that of a file is told.
    package var formats = DataFormat.allCases
    /// Whether columns of texts are left as they are, instead of being refused.
    package var keepsTexts = false
    /// A file of one weight a row of `data`; nil where all rows count the same.
    public var weights: String?
    /// A file of one weight a class, or ``balanced``; nil where all classes count the same.
    public var classWeights: String?
    /// Class weights by which all classes count the same, however many rows they have.
    public static let balanced = "balanced"

    /// Options as named; only `data` is needed.
    public init(
      data: [String], labels: [String] = [], testData: [String] = [], testLabels: [String] = [],
      labelColumn: String? = nil, format: DataFormat? = nil
    ) {
      self.data = data
      self.labels = labels
      self.testData = testData
      self.testLabels = testLabels
      self.labelColumn = labelColumn
      self.format = format
    }
  }

  /// The rows to train on.
  public let train: ArraySource
  /// One label or vector of targets for each row of ``train``.
  public let trainTargets: ArraySource?
  /// Rows to test on, with the columns of ``train``.
  public let test: ArraySource?
  /// One label or vector of targets for each row of ``test``.
  public let testTargets: ArraySource?

  /// Finds and examines the files on rank 0, and tells every rank; collective over `topology.world`.
  ///
  /// Pipes are copied and gzipped texts inflated first, and texts are scanned for their rows; of other files headers alone are read.
  /// Throws `TrainerError` (bad data, usage), agreed by all ranks, for files that are missing, malformed or do not fit
  /// together.
  public static func open(_ options: Options, topology: NodeTopology) throws -> DataCatalog {
    try spoolPipes(of: options, topology: topology)
    try inflateTexts(of: options, topology: topology)
    let surveys = try survey(options, topology: topology)
    let bytes = try topology.world.fromRoot {
      let catalog = try DataCatalog(examining: options, surveys)
      var packer = WirePacker()
      let sources = [catalog.train, catalog.trainTargets, catalog.test, catalog.testTargets]
      packer.pack(sources) { packer, source in
        packer.pack(source == nil ? 0 : 1)
        source?.pack(into: &packer)
      }
      return packer.bytes
    }
    var unpacker = WireUnpacker(bytes)
    let sources = try unpacker.array { unpacker in
      unpacker.integer() == 0 ? nil : try ArraySource(from: &unpacker, formats: options.formats)
    }
    return DataCatalog(
      train: sources[0]!, trainTargets: sources[1], test: sources[2], testTargets: sources[3])
  }
}
