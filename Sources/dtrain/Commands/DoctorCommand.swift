import ArgumentParser
import DTrainCore

/// `dtrain doctor`.
struct DoctorCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine, MPI and the placement of ranks; say how to mend what is wrong.",
    usage: """
      mpirun -np N dtrain doctor
      dtrain doctor
      """,
    discussion: "Start it as you start a training run. The exit code is 1 where there is a problem."
  )

  @OptionGroup(title: "Machine") var machineOptions: MachineOptions
  @Flag(help: "Print JSON: an array of findings.") var json = false

  var machine: MachineOptions? { machineOptions }

  func check() throws(TrainerError) {}

  func execute() -> Int32 {
    var limits = machineOptions.stall.limits
    // Who asks for a diagnosis need not wait for one as long as a run does.
    limits.connection = 12
    return machineOptions.runRanks(limits: limits) { world in
      let findings = DoctorJudgement.findings(
        try Doctor.examine(world), kernels: machineOptions.kernels?.rawValue)
      if world.isRoot { show(findings) }
      return findings.contains { $0.status == .problem } ? 1 : 0
    }
  }

  private func show(_ findings: [DoctorFinding]) {
    if json {
      StandardOutput.say(JSON.array(findings.map(\.json)))
      return
    }
    let text = FindingText(colored: Terminal.wantsColor && Terminal(stream: 1) != nil)
    for line in findings.flatMap(text.lines) { StandardOutput.say(line) }
    StandardOutput.say(text.verdict(findings))
  }
}
