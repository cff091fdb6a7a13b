/// Files of tables that cannot be read, told by their first bytes, with what makes tables of them that can.
enum ForeignTable {
  /// What to do, in two lines of Python; nil for other files.
  ///
  /// - Parameters:
  ///   - head: the first bytes of the file, at least 8 where it has them.
  ///   - name: of the file, for messages.
  static func words(for head: [UInt8], name: String) -> String? {
    guard let (_, kind, load) = kinds.first(where: { head.starts(with: $0.0) }) else { return nil }
    let stem = name.split(separator: ".").count > 1 ? name[..<name.lastIndex(of: ".")!] : name[...]
    // What is called a table already must not be replaced by one.
    let table = "\(stem).csv" == name ? "\(stem)-text.csv" : "\(stem).csv"
    return "\(name) is \(kind), which cannot be read; convert it in Python with two lines, "
      + "'import pandas, pyarrow' and '\(load(name)).to_csv(\"\(table)\", index=False)'"
  }

  private static let kinds: [([UInt8], String, @Sendable (String) -> String)] = [
    (Array("PAR1".utf8), "a Parquet file", { "pandas.read_parquet(\"\($0)\")" }),
    (Array("ARROW1".utf8), "an Arrow (Feather) file", { "pandas.read_feather(\"\($0)\")" }),
    (Array("FEA1".utf8), "a Feather file", { "pandas.read_feather(\"\($0)\")" }),
    // The first message of a stream: its schema, behind the mark and a length that is not 0.
    (
      [0xff, 0xff, 0xff, 0xff], "a stream of Arrow",
      { "pyarrow.ipc.open_stream(\"\($0)\").read_pandas()" }
    ),
  ]
}
