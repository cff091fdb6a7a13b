/// The arguments of a command, as one who continues a run has to look at them.
enum ResumedArguments {
  /// The names of the options that are given, such as `--batch`.
  ///
  /// - Parameter arguments: all of them, already understood: what begins with two dashes is the name of an
  ///   option.
  static func names(_ arguments: [String]) -> Set<String> {
    Set(
      arguments.filter { $0.hasPrefix("--") && $0.utf8.count > 2 }.map {
        String($0.prefix { $0 != "=" })
      })
  }
}
