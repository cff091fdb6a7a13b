import Glibc

/// Files that a script of `Tests/python` makes with the packages of `scripts/setup --tests`.
public enum PythonFiles {
  /// Runs `Tests/python/NAME.py` with these arguments.
  ///
  /// - Parameter timeout: seconds that it may take.
  /// - Throws: ``LaunchFailure`` where Python or a package is missing, or the script fails.
  public static func make(
    _ name: String, _ arguments: [String], timeout: Double = 60
  ) throws(LaunchFailure) {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let python = "\(root)/.build-python/bin/python"
    guard access(python, X_OK) == 0 else {
      throw LaunchFailure(description: "\(python) is missing; run scripts/setup --tests")
    }
    let outcome = try ChildProcess.run(
      [python, "\(root)/Tests/python/\(name).py"] + arguments,
      environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], timeout: timeout)
    guard outcome.exitCode == 0 else {
      throw LaunchFailure(description: "\(name).py: \(outcome.output)\(outcome.errors)")
    }
  }
}
