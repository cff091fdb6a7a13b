/// LIBSVM's text (svmlight): a row a line, `label index:value …`, where columns that are not named are 0.
///
/// A file brings its rows as the array `x`, float64 `[rows, columns]`, and its labels as `y`, float64 `[rows]`. Rows are
/// kept dense. What one file cannot say, files that are read together do: see ``agreeing(_:with:)``.
struct SparseFormat: ArrayFormat {
  let name: String
  let endings: [String]
  /// The index of the first column; nil to tell by the indices.
  let base: Int?

  static let libsvm = SparseFormat(
    name: "libsvm", endings: [".svm", ".libsvm", ".svmlight"], base: nil)
  /// Those whose indices count from 0, and from 1, by order; content does not tell them.
  static let libsvm0 = SparseFormat(name: "libsvm0", endings: [], base: 0)
  static let libsvm1 = SparseFormat(name: "libsvm1", endings: [], base: 1)

  func matches(_ head: [UInt8]) -> Bool {
    base == nil && SparseLine.begins(head, isWhole: head.count < DataFormat.headCount)
  }

  var isSurveyed: Bool { true }
  var isSparse: Bool { true }

  func survey(
    _ path: String, _ options: DataCatalog.Options, among world: Communicator
  ) throws -> [UInt8] {
    var packer = WirePacker()
    try SparseSurvey(path, among: world).pack(into: &packer)
    return packer.bytes
  }

  func examine(_ file: ExaminedFile) throws -> FileContent {
    let bytes = try file.survey ?? survey(file.path, .init(data: []), among: .solo)
    var unpacker = WireUnpacker(bytes)
    let survey = SparseSurvey(from: &unpacker)
    return .members(
      ["x", "y"].map { member in
        FileContent.Member(name: member, key: member) {
          let index = SparseIndex(survey: survey, holdsLabels: member == "y", base: base ?? 1)
          let array = StoredArray(
            in: file, member: member, format: self, type: .float64,
            shape: index.holdsLabels ? [survey.rows] : [survey.rows, 1], index: index.bytes)
          return agreeing([array], with: [])[0]
        }
      })
  }

  /// Files that are read together count from the same index: from 0 where any of them has that, else from 1. Those that
  /// are read as one have as many columns as their largest index says. Labels that are all -1 or 1 are two classes.
  func agreeing(_ arrays: [StoredArray], with others: [StoredArray]) -> [StoredArray] {
    let indices = arrays.map { SparseIndex($0) }
    let all = (indices + others.map { SparseIndex($0) }).map(\.survey)
    let base = self.base ?? (all.contains { $0.smallest == 0 } ? 0 : 1)
    let columns = max(1, indices.map { ($0.survey.largest ?? base) - base + 1 }.max() ?? 1)
    let areSigns = all.contains { $0.hasMinusOne } && !all.contains { $0.hasOther }
    return zip(arrays, indices).map { array, index in
      index.holdsLabels
        ? array.with(categories: areSigns ? [["-1", "1"]] : [])
        : array.with(
          columns: columns,
          index: SparseIndex(survey: index.survey, holdsLabels: false, base: base).bytes)
    }
  }

  func reader(
    of array: StoredArray, into target: RowTarget?, topology: NodeTopology
  ) throws -> any RowReader {
    try SparseReader(array, target)
  }

  func details(of array: StoredArray) -> [JSON.Member] {
    let index = SparseIndex(array)
    return index.holdsLabels ? [] : [.init("first_index", .integer(index.base))]
  }
}

/// What a reader of a LIBSVM text needs to know beside the array's description.
struct SparseIndex {
  let survey: SparseSurvey
  /// Whether the array is that of the labels.
  let holdsLabels: Bool
  /// The index of the first column.
  let base: Int

  init(survey: SparseSurvey, holdsLabels: Bool, base: Int) {
    self.survey = survey
    self.holdsLabels = holdsLabels
    self.base = base
  }

  init(_ array: StoredArray) {
    var unpacker = WireUnpacker(array.index)
    holdsLabels = unpacker.integer() == 1
    base = unpacker.integer()
    survey = SparseSurvey(from: &unpacker)
  }

  var bytes: [UInt8] {
    var packer = WirePacker()
    packer.pack(holdsLabels ? 1 : 0)
    packer.pack(base)
    survey.pack(into: &packer)
    return packer.bytes
  }
}
