// Everything that a program which embeds dtrain uses, under one name.
@_exported import DTrainBase
@_exported import DTrainClustering
@_exported import DTrainData
@_exported import DTrainDoctor
@_exported import DTrainInspect
@_exported import DTrainNetworks
@_exported import DTrainRuns
