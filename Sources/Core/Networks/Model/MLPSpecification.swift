/// All of a trained multilayer perceptron but its parameters.
public struct MLPSpecification {
  /// The shape.
  public let network: Network
  /// What was minimised; decides what the outputs mean.
  public let loss: Loss
  /// What a row's targets are.
  public let targets: TargetKind
  /// How inputs are scaled.
  public let scaling: ColumnScaling
  /// How targets that are numbers are scaled, so that a prediction is output / factor + shift; nil for others.
  public let targetScaling: ColumnScaling?
  /// The names of the classes, in their order; empty where they were numbers.
  public var classNames: [String] = []
  /// What rows were made of, where that was a table; nil for matrices.
  public var schema: TableSchema?
  /// The extents of a row in the files, such as those of an image; empty where there is one alone.
  public var rowShape: [Int] = []
}
