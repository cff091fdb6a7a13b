/// The arrays that a run trains and tests on, found by rank 0 and known to every rank.
public struct DataCatalog: Sendable {
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
    /// What is made of the columns of `data`, and of `testData`.
    public var columns: ColumnOptions
    /// What the rows that a model was trained on were made of; nil where nothing is known of it.
    package var schema: TableSchema?
    /// The format of all files; nil to tell by content and name.
    public var format: DataFormat?
    /// Whether the first row of tables in text has the names of their columns; nil to tell by looking.
    public var hasHeader: Bool?
    /// The byte between the fields of tables in text, a space for any number of blanks; nil to tell by looking.
    public var delimiter: UInt8?
    /// The names of the arrays in archives: `ROWS`, `ROWS:LABELS`, `ROWS:LABELS:TEST_ROWS:TEST_LABELS`; nil for those
    /// that are usual.
    public var member: String?
    /// The same; nil also for what cannot be read.
    package var memberNames: MemberNames? { member.flatMap { MemberNames($0) } }
    /// The formats among which that of a file is told.
    package var formats = DataFormat.allCases
    /// Whether columns of texts are left as they are, instead of being spread.
    package var keepsTexts = false
    /// Whether they are passed on as they stand, so that a column may have any number of texts.
    package var copiesTexts = false
    /// What is not told of tables in text by looking.
    package var textHints: TextHints { TextHints(hasHeader: hasHeader, delimiter: delimiter) }
    /// The same for files of targets alone, all columns of which are wanted.
    var ofTargets: Options {
      var options = Options(data: [])
      (options.hasHeader, options.delimiter) = (hasHeader, delimiter)
      options.copiesTexts = copiesTexts
      return options
    }
    /// Files of one weight a row of `data`; none where all rows count the same.
    public var weights: [String] = []
    /// A file of one weight a class, or ``balanced``; nil where all classes count the same.
    public var classWeights: String?
    /// What is in memory already and need not be read; nil for nothing.
    package var held: HeldData?
    /// Class weights by which all classes count the same, however many rows they have.
    public static let balanced = "balanced"

    /// Options as named; only `data` is needed.
    public init(
      data: [String], labels: [String] = [], testData: [String] = [], testLabels: [String] = [],
      target: String? = nil, format: DataFormat? = nil
    ) {
      self.data = data
      self.labels = labels
      self.testData = testData
      self.testLabels = testLabels
      columns = ColumnOptions(target: target)
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
  /// What names the rows of ``train``, one column; nil unless it is asked for.
  package let ids: ArraySource?
  /// The names of all members, where the rows are one of an archive.
  package let memberNames: [String]
  /// What the rows of ``train`` are made of; nil where they are all columns of a matrix of numbers.
  public let schema: TableSchema?

  /// Finds and examines the files on rank 0, and tells every rank; collective over `topology.world`.
  ///
  /// Pipes are copied and gzipped texts inflated first, and texts are scanned for their rows; of other files headers alone are read.
  /// Throws `TrainerError` (bad data, usage), agreed by all ranks, for files that are missing, malformed or do not fit
  /// together.
  public static func open(_ options: Options, topology: NodeTopology) throws -> DataCatalog {
    if let catalog = options.held?.catalog(of: options.data) { return catalog }
    try spoolPipes(of: options, topology: topology)
    let surveys = try survey(options, topology: topology)
    let bytes = try topology.world.fromRoot {
      let catalog = try DataCatalog(examining: options, surveys)
      var packer = WirePacker()
      let sources = [
        catalog.train, catalog.trainTargets, catalog.test, catalog.testTargets, catalog.ids,
      ]
      packer.pack(sources) { packer, source in
        packer.pack(source == nil ? 0 : 1)
        source?.pack(into: &packer)
      }
      packer.pack(catalog.memberNames) { $0.pack($1) }
      return packer.bytes
    }
    var unpacker = WireUnpacker(bytes)
    let sources = try unpacker.array { unpacker in
      unpacker.integer() == 0 ? nil : try ArraySource(from: &unpacker, formats: options.formats)
    }
    let memberNames = unpacker.array { $0.string() }
    var (train, test) = (sources[0]!, sources[2])
    let world = topology.world
    let own = options.keepsTexts ? 1 : (train.rows + world.size - 1) / world.size
    try world.agree { try train.checkMemory(ofRows: own, ranks: topology.node.size) }
    if options.columns.missing == .mean {
      let means = try Activity.perform("reading the means of \(train.name)") {
        try train.readMeans(topology: topology)
      }
      train = try train.planned(train.plan.filling(with: means))
      test = try test.map { try $0.planned($0.plan.filling(with: means)) }
    }
    let catalog = DataCatalog(
      train: train, trainTargets: sources[1], test: test, testTargets: sources[3], ids: sources[4],
      memberNames: memberNames, schema: options.schema ?? train.schema(options.columns))
    if options.schema == nil, !options.keepsTexts {
      try topology.world.agree { if topology.world.isRoot { try catalog.checkNames() } }
    }
    return catalog
  }

  /// The most bytes that names and texts may take in a model, whose header has more in it.
  private static let mostNames = TensorFile.headerLimit - (4 << 20)

  /// Refuses columns and classes whose names a model has no room for, before one is trained.
  private func checkNames() throws {
    let columns = JSON.string(schema?.json.compact ?? "").compact.utf8.count
    let classes = JSON.array((trainTargets?.texts ?? []).map { .string($0) })
    let count = columns + JSON.string(classes.compact).compact.utf8.count
    try require(
      count <= Self.mostNames, .badData,
      "\(train.name): the names of columns and classes, and the texts of columns, take \(count) bytes, but a model has room "
        + "for \(Self.mostNames); shorten the texts, or leave columns out with \(parameter: "drop")"
    )
  }

  /// How a user says where labels are, behind `name them with`.
  package var waysToNameLabels: String {
    guard memberNames.count > 1 else {
      return "\(parameter: "labels") PATH or \(parameter: "target") COLUMN"
    }
    return "\(parameter: "labels") PATH or \(parameter: "member") ROWS:LABELS; its members are "
      + MemberNames.listed(memberNames)
  }
}
