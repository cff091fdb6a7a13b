import Glibc

/// libhdf5, found when the first HDF5 file is read: a program that reads none does not need it.
///
/// The library may be built without locks of its own. All calls come from the one thread that reads data.
struct HDF5Library: Sendable {
  let functions: HDF5Functions
  /// The class of lists that say how files are opened, and of those that say how data sets are.
  let fileAccess: HDF5Functions.ID
  let datasetAccess: HDF5Functions.ID
  /// The three numbers of its version.
  let version: [UInt32]

  /// The names under which systems have the library, in the order in which they are tried: Debian's serial build and the
  /// plain one, newer binary interfaces first.
  static let names = ["libhdf5_serial.so", "libhdf5.so"].flatMap { name in
    ["320", "310", "200", "103", "101", "100"].map { "\(name).\($0)" } + [name]
  }
  /// The environment variable that names a file to load instead.
  static let variable = "DTRAIN_HDF5"

  private static let shared = Result { () throws(TrainerError) in
    try HDF5Library(chosen: getenv(variable).map { String(system: $0) } ?? "")
  }

  /// The library, loaded once in a process.
  ///
  /// - Throws: `TrainerError(.badData)` that says what to install.
  static func loaded() throws(TrainerError) -> HDF5Library { try shared.get() }

  /// Loads the first library that serves.
  ///
  /// - Parameters:
  ///   - chosen: the file or name that is loaded instead of `names`; empty for none.
  ///   - names: those that are tried.
  init(chosen: String, names: [String] = HDF5Library.names) throws(TrainerError) {
    var refusals: [(name: String, words: String)] = []
    for name in chosen.isEmpty ? names : [chosen] {
      do throws(LoadedLibrary.Failure) {
        self = try HDF5Library(LoadedLibrary(name))
        return
      } catch {
        refusals.append((name, error.words))
      }
    }
    guard chosen.isEmpty else {
      throw TrainerError(
        .badData,
        "reading HDF5: \(Self.variable) names \(chosen.printable), which cannot be used: "
          + "\(refusals[0].words.printable); name the file of libhdf5 1.10 or later, or unset \(Self.variable)"
      )
    }
    // What does not exist is no reason; what exists and cannot be used is.
    let reason = refusals.first { name, words in
      !(words.hasPrefix("\(name): ") && words.hasSuffix("No such file or directory"))
    }
    throw TrainerError(
      .badData,
      "reading HDF5: libhdf5 1.10 or later is not found on this node"
        + (reason.map { " (\($0.words.printable))" } ?? "")
        + "; install it (Debian: apt-get install libhdf5-103-1, Ubuntu: libhdf5-103-1t64, Fedora: hdf5), or name "
        + "its file with \(Self.variable); or convert the data to NPY")
  }

  private init(_ library: LoadedLibrary) throws(LoadedLibrary.Failure) {
    typealias Version =
      @convention(c) (
        UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>
      ) -> Int32
    guard let getVersion = library.symbol("H5get_libversion"), let open = library.symbol("H5open")
    else { throw LoadedLibrary.Failure(words: "it is not libhdf5") }
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    guard unsafeBitCast(getVersion, to: Version.self)(&major, &minor, &release) >= 0,
      (major, minor) >= (1, 10)
    else {
      throw LoadedLibrary.Failure(words: "libhdf5 is version \(major).\(minor).\(release)")
    }
    version = [major, minor, release]
    do throws(HDF5Functions.Missing) { functions = try HDF5Functions(in: library) } catch {
      throw LoadedLibrary.Failure(words: "libhdf5 lacks the function \(error.name)")
    }
    // Older libraries take this word alone, and only as they start.
    if functions.setFileLocking == nil { setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0) }
    guard unsafeBitCast(open, to: (@convention(c) () -> Int32).self)() >= 0,
      let file = library.symbol("H5P_CLS_FILE_ACCESS_ID_g"),
      let dataset = library.symbol("H5P_CLS_DATASET_ACCESS_ID_g")
    else { throw LoadedLibrary.Failure(words: "libhdf5 does not start") }
    fileAccess = file.load(as: HDF5Functions.ID.self)
    datasetAccess = dataset.load(as: HDF5Functions.ID.self)
    _ = functions.setErrorPrinting(0, nil, nil)
  }

  /// Why the call just made failed, in the library's words: those of the innermost of its functions. The next call forgets
  /// it.
  func reason() -> String {
    var words = ""
    _ = withUnsafeMutablePointer(to: &words) { functions.walkErrors(0, 0, noteError, $0) }
    _ = functions.clearErrors(0)
    return words.isEmpty ? "the library does not say why" : words
  }
}

/// Keeps the description of the first error that has one in the text to which `words` points.
private func noteError(
  _ place: UInt32, _ error: UnsafeRawPointer?, _ words: UnsafeMutableRawPointer?
) -> Int32 {
  // Behind three identifiers, a line, and the names of a function and its file.
  let description = error?.load(fromByteOffset: 48, as: UnsafePointer<CChar>?.self)
  let words = words!.assumingMemoryBound(to: String.self)
  if words.pointee.isEmpty, let description {
    words.pointee = String(system: description).printable
  }
  return 0
}
