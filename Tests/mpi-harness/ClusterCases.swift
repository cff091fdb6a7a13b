import DTrainCore
import DTrainDist

/// temporary driver
let clusterCases = [Case(name: "kmeans", body: kmeans)]

@Sendable private func kmeans(_ checker: Checker, _ arguments: [String]) throws {
  var configuration = ClusterConfiguration(clusters: Int(arguments[2])!)
  configuration.maximumIterations = Int(arguments[3])!
  configuration.seeding = arguments[4] == "random" ? .random : arguments[4] == "++" ? .plusPlus : .file(arguments[4])
  configuration.tolerance = 0
  configuration.savesLabels = true
  var job = ClusterJob(data: .init(data: [arguments[0]]), configuration: configuration)
  if arguments.count > 5 { job.pruning = arguments[5] == "on" }
  job.output = arguments[1]
  job.overwrite = true
  try ClusterRun.cluster(job, world: checker.world)
  checker.expect(true, "")
}
