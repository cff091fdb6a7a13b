import ArgumentParser
import DTrainCore

/// The program as the argument parser knows it: its commands and the head of its help.
struct DTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dtrain",
    abstract:
      "Train neural networks and cluster rows on all cores of one machine, or of many.",
    usage: """
      mpirun -np N dtrain COMMAND …
      dtrain COMMAND …              (one rank, without mpirun)
      """,
    discussion: """
      A run gives the same bytes for any number of ranks. The first thing to try:

        mpirun -np 2 dtrain mlp --data Datasets/mnist
      """,
    version: VersionText.headline,
    subcommands: [
      MLPCommand.self, KMeansCommand.self, KMediansCommand.self, SweepCommand.self,
      PredictCommand.self, EvaluateCommand.self, ExportCommand.self, ConvertCommand.self,
      InfoCommand.self,
      RunsCommand.self, DiffCommand.self, ReportCommand.self, DoctorCommand.self,
      SuperviseCommand.self, CompletionsCommand.self, ManualCommand.self,
    ])
}
