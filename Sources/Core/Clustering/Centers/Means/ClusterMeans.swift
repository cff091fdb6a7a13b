/// The centers of k-means: the exact means of the clusters, or of rows that are directions, the directions of these.
final class ClusterMeans: CenterUpdate {
  private var sums: ClusterSums
  private var totals: ClusterSums.Totals?
  /// The summed squared distance of all rows to the middle of the data; nil where costs are not of these rows.
  private let squares: Double?
  /// Has the labels of the rows that were moved.
  private let assigner: any RowAssigner
  /// Whether centers have length 1.
  private let areDirected: Bool
  private(set) var balanced = 0

  /// No rows yet; collective.
  init(
    _ data: ClusterData, clusters: Int, assigner: any RowAssigner, areDirected: Bool = false
  ) throws {
    self.assigner = assigner
    self.areDirected = areDirected
    sums = ClusterSums(data, clusters: clusters)
    squares = data.scaling.kind == .none ? try data.squares() : nil
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
    let objective = squares.map { totals.objective(of: old, $0) } ?? 0
    guard areDirected else {
      return (try totals.means(after: old, labels: assigner.labels), objective)
    }
    let (centers, balanced) = try totals.directions(after: old, labels: assigner.labels)
    self.balanced += balanced
    return (centers, objective)
  }
}
