/// Finds the nearest center among scaled rows of centers that are not scaled.
final class ScaledAssigner: RowAssigner {
  private let base: any RowAssigner
  private let scaling: ColumnScaling

  /// - Parameter base: of the scaled rows.
  init(_ base: any RowAssigner, _ scaling: ColumnScaling) {
    self.base = base
    self.scaling = scaling
  }

  var state: AssignedRows { base.state }

  func assign(to newCenters: [Float], changed: (UnsafeBufferPointer<LabelChange>) -> Void) {
    base.assign(to: scaling.scaled(newCenters), changed: changed)
  }

  func cost(row: Int, center: Int) -> Double { base.cost(row: row, center: center) }

  func cost(row: Int, to point: UnsafePointer<Float>) -> Double {
    let point = scaling.scaled(
      Array(UnsafeBufferPointer(start: point, count: scaling.shift.count)))
    return point.withUnsafeBufferPointer { base.cost(row: row, to: $0.baseAddress!) }
  }

  func forEachNearer(
    _ nearest: UnsafeBufferPointer<Double>, at points: [Float], among rows: RowChoice?,
    _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) { base.forEachNearer(nearest, at: scaling.scaled(points), among: rows, body) }

  func forEachNearest(
    _ nearest: UnsafeBufferPointer<Double>, of owners: UnsafePointer<Int32>, centers: [Float],
    at points: [Float], _ body: (_ row: Int, _ point: Int, _ cost: Double) -> Void
  ) {
    base.forEachNearest(
      nearest, of: owners, centers: scaling.scaled(centers), at: scaling.scaled(points), body)
  }

  func costs(of points: [Float], at others: [Float]) -> [Double] {
    base.costs(of: scaling.scaled(points), at: scaling.scaled(others))
  }
}
