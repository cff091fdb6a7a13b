/// The centres of k-means: the exact means of the clusters.
final class ClusterMeans: CenterRule {
  private let data: ClusterData
  private var sums: ClusterSums
  private var totals: ClusterSums.Totals?

  /// No rows yet; collective.
  init(_ data: ClusterData, clusters: Int) throws {
    self.data = data
    sums = try ClusterSums(data, clusters: clusters)
  }

  func move(_ changes: UnsafeBufferPointer<LabelChange>) {
    for change in changes {
      if change.old >= 0 { sums.add(row: Int(change.row), to: Int(change.old), sign: -1) }
      sums.add(row: Int(change.row), to: Int(change.new), sign: 1)
    }
  }

  func combine(
    with counters: [Int], around centers: [Float]
  ) throws -> (sizes: [Int], counters: [Int]) {
    let (totals, counters) = try sums.combined(with: counters)
    self.totals = totals
    return (totals.sizes, counters)
  }

  func centers(after old: [Float]) throws -> (best: [Float], objective: Double) {
    guard let totals else { preconditionFailure("nothing was combined yet") }
    let columns = data.columns
    var next = old
    do throws(TrainerError) {
      for cluster in 0..<sums.clusters {
        guard let mean = try totals.mean(of: cluster) else { continue }
        next.replaceSubrange(cluster * columns..<(cluster + 1) * columns, with: mean)
      }
    } catch {
      // All ranks have the same sums, and so the same error.
      throw data.world.unanimous(error)
    }
    return (next, totals.objective(of: old))
  }
}
