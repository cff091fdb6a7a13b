import DTrainCore
import DTrainDist
import Glibc

/// Reads a data set on several ranks and describes it: for any number of ranks, on any nodes, the
/// description of the same files is the same text.
///
/// - Parameter uneven: gives the first rank nothing and the last one half of the rows, instead of equal
///   parts.
func describeData(
  _ options: DataCatalog.Options, uneven: Bool, among group: Communicator
) throws -> String {
  let topology = try NodeTopology(of: group)
  let world = topology.world
  let started = now()
  func own(_ rows: Int) -> Range<Int> {
    func bound(_ rank: Int) -> Int {
      if rank == world.size { return rows }
      guard uneven, world.size > 1 else { return rows * rank / world.size }
      return rank <= 1 ? 0 : rows / 2 * (rank - 1) / (world.size - 1)
    }
    return bound(world.rank)..<bound(world.rank + 1)
  }
  let catalog = try DataCatalog.open(options, topology: topology)
  let opened = now()
  var parts: [DataFingerprint.Part] = []
  let arrays: [(String, ArraySource?, ArraySource?)] = [
    ("train", catalog.train, catalog.trainTargets), ("test", catalog.test, catalog.testTargets),
  ]
  for (tag, rows, targets) in arrays {
    guard let rows else { continue }
    let range = own(rows.rows)
    let block = try rows.readRows(range, topology: topology)
    var values = DataFingerprint.Targets.none
    if let targets {
      values =
        targets.columns == 1
        ? .labels(try targets.readLabels(range, topology: topology))
        : .values(try targets.readValues(range, topology: topology), columns: targets.columns)
    }
    parts.append(DataFingerprint.Part(tag: tag, rows: block, targets: values))
  }
  let read = now()
  let print = try DataFingerprint(of: parts, among: world)
  let hashed = now()
  var text = "\(print.hex)"
  for kind in ColumnScaling.Kind.allCases {
    let scaling = try ColumnScaling(kind, of: parts[0].rows, among: world)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in scaling.shift + scaling.factor {
      hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
    }
    text += " \(kind)=\(String(hash, radix: 16))"
  }
  let scaled = now()
  if world.isRoot {
    MPIRuntime.writeError(
      "N=\(world.size) nodes=\(topology.nodeCount): opened in \(milliseconds(opened - started)), read in "
        + "\(milliseconds(read - opened)), hashed in \(milliseconds(hashed - read)), scaled in "
        + "\(milliseconds(scaled - hashed)) ms\n")
  }
  return text
}

private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
