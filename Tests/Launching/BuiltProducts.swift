import Glibc

/// The executables that were built together with the running test bundle.
public enum BuiltProducts {
  /// The folder of the test bundle.
  public static let directory: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let length = max(0, readlink("/proc/self/exe", &path, path.count - 1))
    let text = String(decoding: path[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return String(text[..<(text.lastIndex(of: "/") ?? text.startIndex)])
  }()

  /// The path of an executable.
  ///
  /// - Throws: ``LaunchFailure`` if it was not built.
  public static func executable(_ name: String) throws(LaunchFailure) -> String {
    let path = "\(directory)/\(name)"
    guard access(path, X_OK) == 0 else {
      throw LaunchFailure(description: "\(path) is missing: build it with 'swift build'")
    }
    return path
  }
}
