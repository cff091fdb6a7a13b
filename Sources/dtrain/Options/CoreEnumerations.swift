import ArgumentParser
import DTrainCore

extension Activation: ExpressibleByArgument {}
extension Loss: ExpressibleByArgument {}
extension ColumnScaling.Kind: ExpressibleByArgument {}
extension UpdateRule: ExpressibleByArgument {}
extension LearningRate.Schedule: ExpressibleByArgument {}
extension MLPConfiguration.GradientScale: ExpressibleByArgument {}

extension DataFormat: ExpressibleByArgument {
  /// Those that this version reads.
  public static var allValueStrings: [String] { allCases.filter(\.isSupported).map(\.rawValue) }

  /// The format of that name, if this version reads it.
  public init?(argument: String) {
    guard Self.allValueStrings.contains(argument) else { return nil }
    self.init(rawValue: argument)
  }
}
