import Glibc

/// A shared library that was loaded while the program runs; it stays loaded.
struct LoadedLibrary: Sendable {
  private nonisolated(unsafe) let handle: UnsafeMutableRawPointer

  /// Loads a library by its name, which the system looks for, or by its path.
  ///
  /// - Throws: ``Failure``.
  init(_ name: String) throws(Failure) {
    guard let handle = dlopen(name.system, RTLD_NOW | RTLD_LOCAL) else {
      throw Failure(words: dlerror().map { String(system: $0) } ?? "it cannot be loaded")
    }
    self.handle = handle
  }

  /// The address of a function or a variable; nil for one that the library lacks.
  func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

  /// Why a library was not loaded, in the system's words.
  struct Failure: Error {
    let words: String
  }
}
