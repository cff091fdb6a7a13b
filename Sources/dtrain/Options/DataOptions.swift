import ArgumentParser
import DTrainCore

/// Where the rows come from.
struct DataOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      A directory with MNIST-named IDX files; or a file (CSV, TSV, LIBSVM, IDX or NPY, also gzipped, or NPZ or HDF5 with x \
      and y); or FILE:MEMBER for one array, such as rows.h5:/group/x; or several files, or quoted patterns such as \
      'part-*.npy', read as one.
      """, valueName: "path"))
  var data: [String] = []

  @OptionGroup var arrays: ArrayOptions

  /// Throws where an option is missing, or there twice over.
  ///
  /// - Parameters:
  ///   - isRecorded: whether a run that is continued or repeated says where its data are.
  ///   - isKept: whether that run keeps what it made of them.
  func check(isRecorded: Bool = false, isKept: Bool = false) throws(TrainerError) {
    try require(
      isRecorded || !data.isEmpty, .usage,
      "--data is missing: name the file or directory that holds the rows")
    try require(
      !isKept || !data.isEmpty || arrays.isEmpty, .usage,
      "--labels, --target, --drop, --member, --format, --header and --delimiter belong to --data: give it too, or none of them"
    )
    try arrays.check()
    try require(
      !(data + arrays.labels).contains(""), .usage,
      "--data and --labels take paths; one of them is empty")
  }

  /// The same for the library.
  var catalog: DataCatalog.Options { arrays.catalog(of: data) }
}

/// Which arrays and columns of some data are rows and which are targets, and in what format they are.
struct ArrayOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Labels or targets, one for each row.", valueName: "path"))
  var labels: [String] = []

  @Option(
    name: [.customLong("target"), .customLong("label-column")], parsing: .unconditional,
    help: ArgumentHelp(
      """
      The column that holds the labels or targets: its name, or its number from 0; -1 is the last. Several columns of numbers have \
      commas between.
      """, valueName: "column"))
  var target: String?

  @OptionGroup var left: DroppedColumns

  @Option(
    help: ArgumentHelp(
      """
      The members of NPZ and HDF5 files: rows, labels, and test rows with theirs (default: x:y, or \
      x_train:y_train:x_test:y_test); :labels where the rows are no archive.
      """, valueName: "rows:labels[:…]"))
  var member: String?

  @Option(help: "The format of all data files (default: by content, then by name).")
  var format: DataFormat?

  @OptionGroup var text: TextOptions

  /// Whether nothing is asked for.
  var isEmpty: Bool {
    labels.isEmpty && target == nil && left.drop.isEmpty && member == nil && format == nil
      && text.isEmpty
  }

  /// Throws for options that exclude each other, and for members that cannot be.
  func check() throws(TrainerError) {
    try require(
      target == nil || labels.isEmpty, .usage,
      "--labels and --target exclude each other: give one of them")
    try require(
      member.map { MemberNames($0) != nil } ?? true, .usage,
      "--member \(member ?? ""): name up to four different members, such as data:target, or :target"
    )
  }

  /// The same for the library.
  ///
  /// - Parameter data: the paths of the rows.
  func catalog(of data: [String]) -> DataCatalog.Options {
    var options = DataCatalog.Options(data: data, labels: labels, target: target, format: format)
    options.columns.dropped = left.drop
    options.member = member
    text.apply(to: &options)
    return options
  }
}

extension DataFormat: ExpressibleByArgument {}

/// What is not to be told of tables in text by looking.
struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Whether the first line of a table in text has the names of the columns (default: by its look).",
      valueName: "yes|no"))
  var header: HeaderChoice?

  @Option(
    help: ArgumentHelp(
      """
      What stands between the fields of a table in text: one character, or tab, space (any number of them), comma, semicolon or \
      bar (default: by its look; of .tsv the tab).
      """, valueName: "character"))
  var delimiter: DelimiterChoice?

  var isEmpty: Bool { header == nil && delimiter == nil }

  func apply(to options: inout DataCatalog.Options) {
    options.hasHeader = header.map { $0 == .yes }
    options.delimiter = delimiter?.byte
  }
}

/// Whether there is a line of names.
enum HeaderChoice: String, CaseIterable, ExpressibleByArgument { case yes, no }

/// A byte between fields, by itself or by its name.
struct DelimiterChoice: ExpressibleByArgument {
  let byte: UInt8

  private static let names: [String: Character] = [
    "tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "bar": "|",
  ]

  init?(argument: String) {
    let character = Self.names[argument] ?? Character(argument.count == 1 ? argument : "\0")
    // What belongs to numbers, names or quotes cannot stand between fields.
    guard let byte = character.asciiValue, byte == 0x09 || (0x20..<0x7f).contains(byte),
      !character.isLetter, !character.isNumber, !"\"#+-._".contains(character)
    else { return nil }
    self.byte = byte
  }
}

/// Columns that no command looks at.
struct DroppedColumns: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Columns to leave out, by name or number.", valueName: "column"))
  var drop: [String] = []
}

/// What training makes of the columns of a table.
struct TableOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The columns of --data to train on, by name or number (default: all but the target).",
      valueName: "column"))
  var columns: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Columns of --data whose numbers are names, such as codes: each different text becomes a column of 0 and 1, as \
      in columns of texts.
      """, valueName: "column"))
  var categories: [String] = []

  @Option(
    help: """
      What becomes of missing values: mean puts the column's mean in their place, in later predictions too; drop \
      leaves their rows out (default: they are refused).
      """)
  var missing: ColumnOptions.Missing?

  /// Puts them into those of the library.
  func apply(to options: inout ColumnOptions) {
    (options.only, options.categories, options.missing) = (columns, categories, missing)
  }

  /// Throws where a run that is continued is told to make something else of the data that it has.
  func check(data: [String], isKept: Bool) throws(TrainerError) {
    try require(
      !isKept || !data.isEmpty || (columns.isEmpty && categories.isEmpty && missing == nil), .usage,
      "--columns, --categories and --missing belong to --data: give it too, or none of them")
  }
}

extension ColumnOptions.Missing: ExpressibleByArgument {}

/// Where the test rows come from, how much training rows count, and how columns are scaled.
struct TestDataOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Rows to test on, besides those that --data brings.", valueName: "path"))
  var testData: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Labels or targets, one for each test row.", valueName: "path"))
  var testLabels: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "How much each training row counts beside the others: one number a row, in one file or several, 0 or more.",
      valueName: "path"))
  var weights: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      How much the rows of each class count: balanced (all classes the same, however many rows they have), or a \
      file of one number a class.
      """, valueName: "balanced|path"))
  var classWeights: String?

  @OptionGroup var columns: DeclaredOptions<MLPOptions.Data>
}
