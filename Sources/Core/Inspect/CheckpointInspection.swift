/// Describes checkpoints, each of which is verified to the last byte.
enum CheckpointInspection {
  /// What a checkpoint holds.
  ///
  /// - Throws: `TrainerError(.badData)` where it is damaged or cannot be read.
  static func describe(_ path: String) throws(TrainerError) -> JSON {
    do throws(CheckpointFault) {
      let checkpoint = try Checkpoint(path: path, name: path)
      let tensors = checkpoint.tensors.map { ModelInspection.tensor($0.name, $0.type, $0.shape) }
      return [
        "kind": "checkpoint", "position": .integer(checkpoint.manifest.position),
        "bytes": .integer(checkpoint.manifest.files.reduce(0) { $0 + $1.byteCount }),
        "metrics_bytes": .integer(checkpoint.manifest.metrics.byteCount),
        "tensors": .array(tensors), "progress": checkpoint.manifest.state,
      ]
    } catch {
      throw error.obstacle
        ?? TrainerError(
          .badData,
          "\(path.printable) is a damaged checkpoint: \(error.problem); \(parameter: "resume") takes an older one"
        )
    }
  }

  /// The checkpoints in a run directory, oldest first: each with `usable`, and `problem` where it is not.
  static func list(run path: String) throws(TrainerError) -> [JSON] {
    var found: [JSON] = []
    for unit in [RunUnit.step, .iteration] {
      let store = CheckpointStore(directory: "\(path)/checkpoints", unit: unit)
      let positions: [Int]
      do throws(SystemCallFailure) {
        positions = try store.positions()
      } catch {
        throw error.error(.badData)
      }
      for name in positions.map(store.name(at:)) {
        var problem: String?
        do throws(CheckpointFault) {
          _ = try Checkpoint(path: store.path(of: name), name: name)
        } catch {
          problem = error.problem.printable
        }
        found.append([
          "name": .string(name), "usable": .bool(problem == nil),
          "problem": problem.map { .string($0) } ?? .null,
        ])
      }
    }
    return found
  }
}
