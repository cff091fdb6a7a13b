/// The version of dtrain.
public enum Version {
  /// The semantic version, as files and `--version` state it.
  public static let current = "0.1.0"
}
