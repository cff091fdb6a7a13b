/// What a row's targets are.
public enum TargetKind: String, CaseIterable, Sendable {
  /// One class of several.
  case oneClass = "class"
  /// Any of several labels, each 0 or 1.
  case labels
  /// Numbers.
  case numbers
}

extension TargetKind: OptionValue {
  package init?(optionText: String) {
    guard let kind = Self.allCases.first(where: { $0.optionText == optionText }) else { return nil }
    self = kind
  }
  package var optionText: String { self == .oneClass ? "classes" : rawValue }
  package static var optionTexts: [String] { allCases.map(\.optionText) }
}

/// What the rows of a block should come out as, in the block's order.
public enum RowTargets: Sendable {
  /// One class a row, in `0..<outputs`.
  case labels([Int32])
  /// Numbers, `[rows, columns]` row-major.
  case values([Float], columns: Int)
}

extension RowTargets {
  /// How numbers are to be scaled, by those of all ranks that count; nil where targets are no numbers; collective.
  ///
  /// - Parameters:
  ///   - offsets: what was subtracted from them.
  ///   - isCounted: whether this rank's rows count; else another rank has them too.
  func scaling(
    _ kind: ColumnScaling.Kind, of targets: TargetKind, less offsets: [Double], isCounted: Bool,
    among world: Communicator
  ) throws -> ColumnScaling? {
    guard targets == .numbers, case .values(let values, let columns) = self else { return nil }
    let rows = isCounted ? values.count / columns : 0
    let block = try RowBlock(
      rows: 0..<rows, columns: columns, element: .float32, name: "the targets")
    if rows > 0 {
      block.memory.copyMemory(from: values, byteCount: rows * columns * MemoryLayout<Float>.stride)
    }
    block.offsets = offsets
    return try ColumnScaling(kind, of: block, among: world)
  }

  /// The targets, scaled.
  func scaled(by scaling: ColumnScaling?) -> RowTargets {
    guard let scaling, case .values(let values, let columns) = self else { return self }
    return .values(scaling.scaled(values), columns: columns)
  }
}

/// The targets of one micro-batch, gathered: one class a row, or numbers.
struct BatchTargets {
  /// `[rows]`; empty where targets are numbers.
  private(set) var classes: [Int32]
  /// `[rows, columns]`, row-major; empty where they are classes.
  private(set) var values: [Float]
  /// How much each row counts, `[rows]`; empty where all count the same.
  private(set) var weights: [Float]
  let columns: Int

  /// Whether each row has one class.
  var areClasses: Bool { columns == 0 }

  init(capacity: Int, like targets: RowTargets, areWeighted: Bool = false) {
    columns =
      switch targets {
      case .labels: 0
      case .values(_, let columns): columns
      }
    classes = [Int32](repeating: 0, count: columns == 0 ? capacity : 0)
    values = [Float](repeating: 0, count: capacity * columns)
    weights = [Float](repeating: 1, count: areWeighted ? capacity : 0)
  }

  /// The targets of one row.
  func row(_ row: Int) -> BatchTargets {
    var one = self
    one.classes = areClasses ? [classes[row]] : []
    one.values = Array(values[(row * columns)...].prefix(columns))
    one.weights = []
    return one
  }

  /// Copies the targets of chosen rows, or of `count` rows from `first` when `rows` is nil, and their weights if there
  /// are some.
  mutating func gather(
    _ targets: RowTargets, weights all: [Float]? = nil, rows: UnsafePointer<Int32>?, first: Int,
    count: Int
  ) {
    if let all {
      for index in 0..<count { weights[index] = all[rows.map { Int($0[index]) } ?? first + index] }
    }
    switch targets {
    case .labels(let all):
      for index in 0..<count { classes[index] = all[rows.map { Int($0[index]) } ?? first + index] }
    case .values(let all, let columns):
      for index in 0..<count {
        let row = rows.map { Int($0[index]) } ?? first + index
        for column in 0..<columns {
          values[index * columns + column] = all[row * columns + column]
        }
      }
    }
  }
}
