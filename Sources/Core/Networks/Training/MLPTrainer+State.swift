extension MLPTrainer {
  /// The vectors that a checkpoint holds, by name: the parameters and what the optimizer remembers.
  var lastingVectors: [(name: String, values: UnsafeMutablePointer<Float>)] {
    [("parameters", placement.replica.parameters)]
      + placement.replica.state.prefix(configuration.optimizer.lastingVectors).enumerated().map {
        ("optimizer.\($0.offset)", $0.element)
      }
  }

  /// The same as tensors, where they stand.
  package var tensors: [TensorView] {
    [TensorView("parameters", UnsafeBufferPointer(parameters))]
      + placement.replica.stateTensors(
        lastingVectors.dropFirst().map(\.name), count: network.parameterCount,
        ranks: placement.topology.node.size)
  }

  /// Takes parameters, optimizer state and step of a checkpoint; collective.
  ///
  /// - Throws: `TrainerError(.noCheckpoint)`, agreed by all ranks, where it is of another network.
  func restore(_ point: ResumePoint, step: Int, seconds: Seconds) throws {
    // One rank of a node writes what the node shares.
    let isWriter = placement.topology.node.isRoot
    for vector in lastingVectors {
      try point.read(
        vector.name, count: network.parameterCount, into: isWriter ? vector.values : nil)
    }
    placement.exchange.synchronize()
    continueFrom(step: step, seconds: seconds)
  }

  /// Checks that what would be saved is worth it; collective.
  ///
  /// - Throws: `TrainerError(.diverged)` where a number is not finite, `TrainerError(.replicasDiffer)`
  ///   where nodes' copies differ; agreed by all ranks.
  /// - Complexity: O(parameters and optimizer state / ranks of the node), with several nodes all of them.
  func verifyState(epoch: Int) throws {
    let topology = placement.topology
    let own = TreeExchange.leaves(
      of: topology.node.rank, ranks: topology.node.size, leaves: network.parameterCount)
    let isFinite = lastingVectors.allSatisfy {
      kernels.allFinite($0.values + own.lowerBound, count: own.count)
    }
    try topology.world.require(
      try topology.world.allReduce(isFinite ? 1 : 0, .minimum) == 1, .diverged,
      "a parameter is not finite after step \(step) (epoch \(epoch)): training diverged; lower "
        + "\(parameter: "learning_rate"), use \(parameter: "warmup"), or scale the columns (\(parameter: "scale") standard)"
    )
    try verifyReplicas(withState: true)
  }

  /// Compares the parameters of all nodes, and on request the optimizer's state; collective.
  ///
  /// - Throws: `TrainerError(.replicasDiffer)`, naming the nodes in the minority.
  func verifyReplicas(withState: Bool = false) throws {
    guard placement.topology.nodeCount > 1 else { return }
    for vector in lastingVectors.prefix(withState ? .max : 1) {
      try ReplicaAgreement.check(
        UnsafeRawBufferPointer(start: vector.values, count: network.parameterCount * 4),
        what: "\(vector.name) after step \(step)", on: placement.topology)
    }
  }
}
