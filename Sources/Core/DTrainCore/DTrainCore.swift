// Everything that a program which embeds dtrain uses, under one name.
@_exported import DTrainDoctor
@_exported import DTrainInspect
