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
    let texts = arrays.flatMap { array in array.selectedTexts.map { $0.map { field(of: $0) } } }
    let line = names.map { field(of: $0) }.joined(separator: [delimiter]) + [TextDialect.lineFeed]
    let delimiter = delimiter
    let section = ConvertedFile.Section(head: Array(line), arrays: arrays) { rows, _ in
      var bytes: [UInt8] = []
      for row in 0..<rows[0].count {
        var column = 0
        for array in rows {
          for place in row * array.columns..<(row + 1) * array.columns {
            let number = array.number(place)
            if texts[column].isEmpty {
              number.append(to: &bytes)
            } else {
              bytes += texts[column][number.code]
            }
            column += 1
            bytes.append(column == texts.count ? TextDialect.lineFeed : delimiter)
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

  /// A text as a field: in quotes where it would be another one without.
  private func field(of text: String) -> [UInt8] {
    // Names and texts may hold bytes that are not UTF-8.
    let bytes = text.system.dropLast().map { UInt8(bitPattern: $0) }
    let isPlain =
      !bytes.contains { [TextDialect.quote, delimiter, 0x0a, 0x0d, 0x09].contains($0) }
      && bytes.first != UInt8(ascii: " ") && bytes.last != UInt8(ascii: " ")
      && bytes.first != TextDialect.comment && !bytes.isEmpty
    let quote = [TextDialect.quote]
    return isPlain
      ? bytes
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
    let section = ConvertedFile.Section(arrays: [data.rows, labels]) { rows, first in
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

  /// Of each column that is given, the texts that its numbers stand for; none where it holds numbers.
  var selectedTexts: [[String]] {
    plan.parts.flatMap { part in
      Array(repeating: part.isOneHot ? [] : part.texts, count: part.width)
    }
  }
}
