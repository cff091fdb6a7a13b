import ArgumentParser
import DTrainCore

extension Activation: ExpressibleByArgument {}
extension LossFunction: ExpressibleByArgument {}
extension ColumnScaling.Kind: ExpressibleByArgument {}
extension MLPConfiguration.Optimizer: ExpressibleByArgument {}
extension MLPConfiguration.Schedule: ExpressibleByArgument {}
extension MLPConfiguration.GradientScale: ExpressibleByArgument {}
extension DataFormat: ExpressibleByArgument {}
