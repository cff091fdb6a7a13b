/// Something that the library keeps open for this process; closed with its last reference.
final class HDF5Object {
  let id: HDF5Functions.ID
  private let close: HDF5Functions.Close

  /// Takes what a call just returned.
  ///
  /// - Throws: ``HDF5Failure`` where the call failed.
  init(
    _ id: HDF5Functions.ID, _ close: @escaping HDF5Functions.Close, _ library: HDF5Library
  ) throws(HDF5Failure) {
    if id < 0 { throw HDF5Failure(reason: library.reason()) }
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }
}

/// A call of the library that failed, and why, as it was known before anything else was called.
struct HDF5Failure: Error {
  let reason: String
}

extension HDF5Library {
  /// Checks what a call just returned.
  func check(_ code: Int32) throws(HDF5Failure) {
    if code < 0 { throw HDF5Failure(reason: reason()) }
  }
}
