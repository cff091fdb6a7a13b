/// Tables in text: a line of column names, then a line a row; labels are the last columns.
struct TextForm: ConvertedForm {
  let endings: [String]
  let delimiter: UInt8
  let isOneArray = false
  let holdsTests = false

  static let csv = TextForm(endings: [".csv"], delimiter: UInt8(ascii: ","))
  static let tsv = TextForm(endings: [".tsv", ".tab"], delimiter: UInt8(ascii: "\t"))

  func files(of data: ConvertedData) throws -> [ConvertedFile] {
    let arrays = [data.rows] + [data.labels].compactMap { $0 }
    var names = data.rows.selectedNames ?? WrittenColumns.numbered("column", data.rows.columns)
    if let labels = data.labels {
      for name in labels.selectedNames
        ?? WrittenColumns.numbered("label", labels.columns, isVector: labels.columns == 1)
      {
        names.append(Self.unused(name, among: names))
      }
    }
    let columns = arrays.flatMap(\.writtenColumns)
    let isLone = columns.count == 1
    let fields = columns.map { column -> [[UInt8]] in
      guard case .texts(let texts) = column else { return [] }
      return texts.map { field(of: $0) }
    }
    let line = names.map { field(of: $0) }.joined(separator: [delimiter]) + [TextDialect.lineFeed]
    let delimiter = delimiter
    let section = ConvertedFile.Section(head: Array(line), arrays: arrays) { rows, _ in
      var bytes: [UInt8] = []
      for row in 0..<rows[0].count {
        var column = 0
        for array in rows {
          for place in row * array.columns..<(row + 1) * array.columns {
            let number = array.number(place)
            switch columns[column] {
            case .numbers: number.append(to: &bytes)
            case .texts: bytes += number.code.map { fields[column][$0] } ?? noText(isLone)
            case .copied:
              let text = array.texts[number.code!]
              bytes += text.isEmpty ? noText(isLone) : field(of: text)
            }
            column += 1
            bytes.append(column == columns.count ? TextDialect.lineFeed : delimiter)
          }
        }
      }
      return bytes
    }
    return [ConvertedFile(path: data.path, sections: [section])]
  }

  /// A name that no other column has.
  private static func unused(_ name: String, among names: [String]) -> String {
    var name = name
    while names.contains(name) { name += "_" }
    return name
  }

  /// The field of a text that is missing; alone in its line it must not look like no line.
  private func noText(_ isLone: Bool) -> [UInt8] {
    isLone ? [TextDialect.quote, TextDialect.quote] : []
  }

  private func field(of text: String) -> [UInt8] {
    // Names of files may hold bytes that are not UTF-8.
    field(of: text.system.dropLast().map { UInt8(bitPattern: $0) })
  }

  /// A text as a field: in quotes where it would be another one without.
  private func field(of bytes: some BidirectionalCollection<UInt8>) -> [UInt8] {
    let isPlain =
      !bytes.contains { [TextDialect.quote, delimiter, 0x0a, 0x0d, 0x09].contains($0) }
      && bytes.first != UInt8(ascii: " ") && bytes.last != UInt8(ascii: " ")
      && bytes.first != TextDialect.comment && !bytes.isEmpty
    let quote = [TextDialect.quote]
    return isPlain
      ? Array(bytes)
      : quote + bytes.flatMap { $0 == TextDialect.quote ? quote + quote : [$0] } + quote
  }
}

/// LIBSVM's text: `label index:value …` of what is not 0, with indices from 1.
///
/// The first row names its last column in any case, so that the number of columns is read back.
struct SparseForm: ConvertedForm {
  let endings = SparseFormat.libsvm.endings
  let isOneArray = false
  let holdsTests = false

  func files(of data: ConvertedData) throws -> [ConvertedFile] {
    try data.checkNumbers()
    guard let labels = data.labels, labels.columns == 1 else {
      throw TrainerError(
        .usage,
        "\(parameter: "to") \(data.path.printable): each line of LIBSVM begins with one label, but "
          + (data.labels.map { "\($0.name) has \($0.columns) a row" }
            ?? "\(data.rows.name) has none: name \(parameter: "labels") or \(parameter: "target")")
      )
    }
    // A line needs a label that is a number.
    let section = ConvertedFile.Section(arrays: [data.rows, labels], finite: [1]) { rows, first in
      var bytes: [UInt8] = []
      for row in 0..<rows[0].count {
        rows[1].number(row).append(to: &bytes)
        let columns = rows[0].columns
        for column in 0..<columns {
          let number = rows[0].number(row * columns + column)
          guard !number.isZero || (first + row == 0 && column == columns - 1) else { continue }
          bytes.append(UInt8(ascii: " "))
          StoredNumber.integer(Int64(column + 1)).append(to: &bytes)
          bytes.append(UInt8(ascii: ":"))
          number.append(to: &bytes)
        }
        bytes.append(TextDialect.lineFeed)
      }
      return bytes
    }
    return [ConvertedFile(path: data.path, sections: [section])]
  }
}

extension ArraySource {
  /// The names of the columns that are given; nil where they have none.
  fileprivate var selectedNames: [String]? {
    columnNames.isEmpty ? nil : columnNames
  }

  /// What is written of each column that is given.
  fileprivate var writtenColumns: [WrittenColumn] {
    plan.parts.flatMap { part in
      Array(
        repeating: part.isCopied
          ? .copied : part.isOneHot || part.texts.isEmpty ? .numbers : .texts(part.texts),
        count: part.width)
    }
  }
}

/// What the numbers of a column stand for.
private enum WrittenColumn {
  case numbers
  /// These texts, in the order of their numbers.
  case texts([String])
  /// Texts of the rows that are read with them.
  case copied
}
