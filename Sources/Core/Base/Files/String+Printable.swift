extension String {
  /// The text as it may stand in a message: control characters as `\xNN`, long texts shortened, so
  /// that a file's name or content cannot forge lines of output.
  package var printable: String {
    var shown = ""
    for (place, scalar) in unicodeScalars.enumerated() {
      if place == 512 { return shown + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
        shown += scalar.escaped
      default:
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
