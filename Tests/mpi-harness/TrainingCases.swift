import DTrainCore
import DTrainDist

/// `mpi-harness train DATA OUT [key=value …]`: temporary driver.
let trainingCases = [Case(name: "train", body: train)]

@Sendable private func train(_ checker: Checker, _ arguments: [String]) throws {
  var configuration = MLPConfiguration()
  var job = MLPJob(data: .init(data: [arguments[0]], labels: [], testData: [], testLabels: [], labelColumn: nil, format: nil))
  for pair in arguments.dropFirst(2) {
    let parts = pair.split(separator: "=").map(String.init)
    switch parts[0] {
    case "epochs": configuration.epochs = Int(parts[1])!
    case "batch": configuration.batch = Int(parts[1])!
    case "shards": configuration.shards = Int(parts[1])!
    case "rate": configuration.learningRate = Double(parts[1])!
    case "decay": configuration.decay = Double(parts[1])!
    case "seed": configuration.seed = UInt64(parts[1])!
    case "measure": job.measuresProducts = true
    case "opt": configuration.optimizer = .init(rawValue: parts[1])!
    case "sched": configuration.schedule = .init(rawValue: parts[1])!
    case "every": configuration.evaluateEvery = Int(parts[1])!
    case "momentum": configuration.momentum = Double(parts[1])!
    default: checker.expect(false, pair)
    }
  }
  job.configuration = configuration
  job.output = arguments[1]
  job.overwrite = true
  try MLPRun.train(job, world: checker.world, observer: nil)
  checker.expect(true, "")
}
