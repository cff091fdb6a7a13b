import DTrainBase

/// How a data file is encoded.
public enum DataFormat: String, CaseIterable, Sendable {
  /// The format of the MNIST files: a typed array of any number of dimensions.
  case idx
  /// One NumPy array.
  case npy
  /// A zip archive of NumPy arrays.
  case npz
  /// Text with a separator between columns.
  case csv, tsv
  /// Text with `label index:value …`.
  case libsvm

  /// Tells the format of a file by its first bytes, then by its name.
  ///
  /// - Parameters:
  ///   - head: the first bytes of the file, inflated if it is gzipped.
  ///   - path: for the name's ending and for messages.
  /// Throws `TrainerError` (bad data) when neither says.
  static func detect(head: [UInt8], path: String) throws -> DataFormat {
    if head.isEmpty { throw TrainerError(.badData, "\(path.printable) is empty") }
    if NPYHeader.matches(head) { return .npy }
    if ZipDirectory.matches(head) { return .npz }
    if IDXHeader.matches(head) { return .idx }
    for (magic, what) in foreign where head.starts(with: magic) {
      throw TrainerError(
        .badData, "\(path.printable) is \(what), which cannot be read; convert it to NPY or NPZ")
    }
    var name = path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    for (ending, format) in endings where name.hasSuffix(ending) { return format }
    throw TrainerError(
      .badData,
      "\(path.printable) is neither IDX, NPY nor NPZ by its first bytes; "
        + "convert it to NPY (numpy.save), or name its format with --format")
  }

  /// Whether this version reads the format.
  public var isSupported: Bool { [.idx, .npy, .npz].contains(self) }

  private static let endings: [(String, DataFormat)] = [
    (".npy", .npy), (".npz", .npz), ("ubyte", .idx), (".idx", .idx), (".csv", .csv), (".tsv", .tsv),
    (".svm", .libsvm), (".libsvm", .libsvm), (".svmlight", .libsvm),
  ]

  private static let foreign: [([UInt8], String)] = [
    (Array("BZh".utf8), "compressed with bzip2"), ([0xfd, 0x37, 0x7a, 0x58], "compressed with xz"),
    ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd"), ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
    (Array("PAR1".utf8), "a Parquet file"), ([0x80, 0x04, 0x95], "a Python pickle"),
  ]
}
