import DTrainDist

/// A lottery among the rows of all ranks: each row holds an integer number of tickets, so that a draw does
/// not depend on how rows are divided.
struct RowTickets {
  /// The tickets of all rows.
  let total: Int64

  private let data: ClusterData
  /// Tickets of all rows before each local row, and before the next rank's first.
  private let before: [Int64]

  /// Tickets in proportion to a number of each local row, not negative; collective.
  ///
  /// - Parameter point: how the numbers become integers.
  init(_ numbers: some Sequence<Double>, _ point: FixedPoint, _ data: ClusterData) throws(MPIError)
  {
    self.data = data
    var before: [Int64] = [0]
    before.reserveCapacity(data.rows.count + 1)
    for number in numbers { before.append(before.last! &+ point.parts(number).high) }
    let totals = try data.world.allGather(before.last!)
    let earlier = totals[..<data.world.rank].reduce(0, &+)
    total = totals.reduce(0, &+)
    self.before = before.map { $0 &+ earlier }
  }

  /// Draws rows, each anew; numbers of the whole matrix, on every rank. Collective; some row must hold a
  /// ticket.
  ///
  /// - Complexity: O(count · log rows).
  func draw(_ count: Int, _ sequence: inout PhiloxSequence) throws(MPIError) -> [Int] {
    var rows = [Int](repeating: 0, count: count)
    for index in 0..<count {
      let ticket = Int64(sequence.next(below: Int(total)))
      guard ticket >= before.first!, ticket < before.last! else { continue }
      // The last row with no more tickets before it than this.
      var (low, high) = (0, before.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        if before[middle] <= ticket { low = middle } else { high = middle }
      }
      rows[index] = data.rows.rows.lowerBound + low
    }
    try data.world.allReduce(&rows, .sum)
    return rows
  }
}
