import ArgumentParser
import DTrainCore

extension DataFormat: ExpressibleByArgument {}
