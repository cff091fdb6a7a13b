import Glibc

/// The settings of Open MPI that are shipped with the program, as variables for a job's environment.
public enum ShippedParameters {
  /// Reads `hostfiles/mca-params.conf`.
  public static func environment() throws(LaunchFailure) -> [String: String] {
    let path = "\(root)/hostfiles/mca-params.conf"
    guard let file = fopen(path, "re") else {
      throw LaunchFailure(description: "\(path) is missing")
    }
    defer { fclose(file) }
    var settings: [String: String] = [:]
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.count == 3, words[1] == "=", words[0].first != "#" else { continue }
      settings["OMPI_MCA_\(words[0])"] = String(words[2])
    }
    return settings
  }

  /// The folder of the project.
  private static let root: String = {
    var path = Substring("\(#filePath)")
    for _ in 0..<3 { path = path[..<path.lastIndex(of: "/")!] }
    return String(path)
  }()
}
