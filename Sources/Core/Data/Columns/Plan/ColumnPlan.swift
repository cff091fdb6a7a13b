/// What rows are made of the columns of a file: which, in which order, and which numbers stand for texts and missing
/// values.
package struct ColumnPlan: Equatable, Sendable {
  /// Neighbours in the file that are neighbours in rows too; or one column of texts.
  package struct Part: Equatable, Sendable {
    /// The columns in the file.
    package let stored: Range<Int>
    /// The texts of one column, in the order of their numbers, from 0; empty for numbers.
    package var texts: [String] = []
    /// Whether each text has a column of its own, 1 in rows that hold it and 0 in others; else there is one column, of the
    /// texts' numbers.
    package var isOneHot = false
    /// Whether the column holds texts that are passed on as they stand: the numbers in rows count those that were read.
    package var isCopied = false
    /// What stands for a missing value, `[width]`; empty where missing values are refused.
    package var fill: [Double] = []

    /// The columns in rows.
    package var width: Int { isOneHot ? texts.count : stored.count }
    /// Whether numbers go into rows as they are.
    var isPlain: Bool { texts.isEmpty && fill.isEmpty && !isCopied }
  }

  /// In the order of the columns in rows.
  package private(set) var parts: [Part]

  package init(_ parts: [Part]) {
    self.parts = []
    for part in parts where !part.stored.isEmpty {
      if let last = self.parts.last, last.isPlain, part.isPlain,
        last.stored.upperBound == part.stored.lowerBound
      {
        self.parts.removeLast()
        self.parts.append(Part(stored: last.stored.lowerBound..<part.stored.upperBound))
      } else {
        self.parts.append(part)
      }
    }
  }

  /// A plan that takes every column unchanged.
  package static func all(_ columns: Int) -> ColumnPlan { ColumnPlan([Part(stored: 0..<columns)]) }

  /// A plan that takes some columns unchanged.
  package static func only(_ columns: [Int]) -> ColumnPlan {
    ColumnPlan(columns.map { Part(stored: $0..<$0 + 1) })
  }

  /// The columns of rows.
  package var width: Int { parts.reduce(0) { $0 + $1.width } }

  /// Whether the plan takes every column of a file with this number of columns unchanged.
  package func isWhole(of columns: Int) -> Bool {
    parts.count == 1 && parts[0].isPlain && parts[0].stored == 0..<columns
  }

  /// The names of the columns in rows, of a file whose columns have these; none where they have none.
  package func names(of stored: [String]) -> [String] {
    guard !stored.isEmpty else { return [] }
    return parts.flatMap { part in
      part.isOneHot
        ? TableSchema.names(stored[part.stored.lowerBound], part.texts) : Array(stored[part.stored])
    }
  }

  /// The same with other texts.
  ///
  /// - Parameter change: gives those of each column that has some.
  package func changingTexts(_ change: ([String]) -> [String]) -> ColumnPlan {
    var plan = self
    for index in parts.indices where !parts[index].texts.isEmpty {
      plan.parts[index].texts = change(parts[index].texts)
    }
    return plan
  }

  /// The same with values for missing ones.
  ///
  /// - Parameter values: one for each column of rows.
  package func filling(with values: [Double]) -> ColumnPlan {
    precondition(values.count == width, "\(values.count) values for \(width) columns")
    var plan = self
    var place = 0
    for index in parts.indices {
      plan.parts[index].fill = Array(values[place..<place + parts[index].width])
      place += parts[index].width
    }
    return plan
  }
}

extension ColumnPlan {
  func pack(into packer: inout WirePacker) {
    packer.pack(parts) { packer, part in
      packer.pack(part.stored.lowerBound)
      packer.pack(part.stored.upperBound)
      packer.pack(part.texts) { $0.pack($1) }
      packer.pack(part.isOneHot ? 1 : 0)
      packer.pack(part.isCopied ? 1 : 0)
      packer.pack(part.fill) { $0.pack(Int(bitPattern: UInt(truncatingIfNeeded: $1.bitPattern))) }
    }
  }

  init(from unpacker: inout WireUnpacker) {
    parts = unpacker.array { unpacker in
      let start = unpacker.integer()
      let end = unpacker.integer()
      return Part(
        stored: start..<end, texts: unpacker.array { $0.string() },
        isOneHot: unpacker.integer() == 1, isCopied: unpacker.integer() == 1,
        fill: unpacker.array { Double(bitPattern: UInt64(bitPattern: Int64($0.integer()))) })
    }
  }
}

/// The columns of a file in the order in which they are stored: which part of a plan takes each.
struct StoredColumns {
  /// A run of columns that one part takes, beginning at `place` in rows; or that none does.
  struct Run {
    let stored: Range<Int>
    let part: ColumnPlan.Part?
    let place: Int
  }

  let runs: [Run]

  init(_ plan: ColumnPlan, columns: Int) {
    var place = 0
    var taken: [Run] = []
    for part in plan.parts {
      taken.append(Run(stored: part.stored, part: part, place: place))
      place += part.width
    }
    taken.sort { $0.stored.lowerBound < $1.stored.lowerBound }
    var runs: [Run] = []
    var next = 0
    for run in taken {
      if next < run.stored.lowerBound {
        runs.append(Run(stored: next..<run.stored.lowerBound, part: nil, place: 0))
      }
      runs.append(run)
      next = run.stored.upperBound
    }
    if next < columns { runs.append(Run(stored: next..<columns, part: nil, place: 0)) }
    self.runs = runs
  }

  /// The index of the run with a column.
  func index(of column: Int) -> Int {
    var (low, high) = (0, runs.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].stored.lowerBound <= column { low = middle } else { high = middle }
    }
    return low
  }
}
