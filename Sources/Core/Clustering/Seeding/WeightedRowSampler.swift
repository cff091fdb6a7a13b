/// A lottery among the rows of all ranks: each row holds an integer number of tickets, so that a draw does
/// not depend on how rows are divided. Nor does it depend on the unit of the tickets, but for their rounding: the same
/// random number falls on the same part of the total.
struct WeightedRowSampler {
  /// The tickets of all rows.
  let total: Int64

  private let data: ClusterData
  private let tickets: (_ row: Int) -> Int64
  /// Tickets of all rows before each block of this rank's rows, and before the next rank's first.
  private let before: [Int64]

  static let blockRows = 1024

  /// Collective.
  ///
  /// - Parameter tickets: of a local row, not negative; the same whenever it is asked.
  /// - Complexity: O(own rows).
  init(_ data: ClusterData, _ tickets: @escaping (_ row: Int) -> Int64) throws(MPIError) {
    let sums = Self.sums(data, tickets)
    try self.init(data, sums: sums, tickets)
  }

  /// Collective.
  ///
  /// - Parameter sums: of the tickets of each ``blockRows`` local rows.
  /// - Complexity: O(own rows / ``blockRows``).
  init(
    _ data: ClusterData, sums: [Int64], _ tickets: @escaping (_ row: Int) -> Int64
  ) throws(MPIError) {
    self.data = data
    self.tickets = tickets
    var before: [Int64] = [0]
    for sum in sums { before.append(before.last! &+ sum) }
    let totals = try data.world.allGather(before.last!)
    let earlier = totals[..<data.world.rank].reduce(0, &+)
    total = totals.reduce(0, &+)
    self.before = before.map { $0 &+ earlier }
  }

  /// The tickets of each ``blockRows`` local rows.
  static func sums(_ data: ClusterData, _ tickets: (_ row: Int) -> Int64) -> [Int64] {
    stride(from: 0, to: data.rows.count, by: blockRows).map { first in
      Progress.beat()
      return (first..<min(first + blockRows, data.rows.count)).reduce(0) { $0 &+ tickets($1) }
    }
  }

  /// Draws rows, each anew; numbers of the whole matrix, on every rank. Collective; some row must hold a
  /// ticket.
  ///
  /// - Complexity: O(count · log rows).
  func draw(_ count: Int, _ sequence: inout PhiloxSequence) throws(MPIError) -> [Int] {
    var rows = [Int](repeating: 0, count: count)
    for index in 0..<count {
      let ticket = Int64(sequence.next(in: Int(total)))
      guard ticket >= before.first!, ticket < before.last! else { continue }
      // The last block with no more tickets before it than this, and the row in it.
      var (low, high) = (0, before.count - 1)
      while high - low > 1 {
        let middle = (low + high) / 2
        if before[middle] <= ticket { low = middle } else { high = middle }
      }
      var row = low * Self.blockRows
      var sum = before[low] &+ tickets(row)
      while sum <= ticket {
        row += 1
        sum &+= tickets(row)
      }
      rows[index] = data.rows.rows.lowerBound + row
    }
    try data.world.allReduce(&rows, .sum)
    return rows
  }
}
