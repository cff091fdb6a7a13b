import DTrainCore
import DTrainDist
import Glibc

/// Prints what a run reports; told of it on rank 0 alone.
final class Printer: MLPObserver {
  func advise(_ advice: any Advice) { print("to know: \(advice)") }
  func started(_ start: MLPStart) { print("\(start.trainingRows) rows, \(start.network.sizes)") }
  func stepped(_ progress: @autoclosure () -> MLPProgress) {}
  func finishedEpoch(_ epoch: MLPEpoch) {
    print("epoch \(epoch.epoch): loss \(epoch.loss), \(epoch.test?.wrong ?? 0) test rows wrong")
  }
  func finished(_ summary: JSON, directory: String) {
    print("model \(summary["model_sha256"]?.text ?? "")")
  }
}

/// `embedding DATA RUN_DIRECTORY`, alone or under mpirun.
@main
enum Embedding {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else {
      MPIRuntime.writeError("usage: embedding DATA RUN_DIRECTORY\n")
      exit(2)
    }
    exit(
      MPIRuntime.run(program: "embedding") { world in
        // Collectives are blocking calls on arrays and numbers; every rank gets the same sum.
        let ranks = try world.allReduce(1, .sum)
        precondition(ranks == world.size)

        var job = MLPJob(data: DataCatalog.Options(data: [arguments[1]]))
        job.configuration.hidden = [64]
        job.configuration.activation = .relu
        job.configuration.loss = .softmaxCrossEntropy
        job.configuration.epochs = 2
        job.output = arguments[2]
        try MLPRun.train(job, world: world, observer: Printer())
        return 0
      })
  }
}
