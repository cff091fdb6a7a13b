extension UpdateRule {
  /// Plain descent.
  public static let sgd = kernel("sgd") { $0.updates.sgd }
}
