import ArgumentParser

/// Where the run is written.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The run directory (default: runs/COMMAND-DATE-TIME).", valueName: "directory"))
  var out: String?

  @Flag(help: "Replace the run that --out holds.")
  var overwrite = false
}
