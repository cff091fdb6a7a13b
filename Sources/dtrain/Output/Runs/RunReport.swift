import DTrainCore

/// What rank 0 prints while a run is made, and at its end.
protocol RunReport: AnyObject {
  init(_ output: OutputOptions)
  /// Says how the run ended.
  func ended(_ end: RunEnd)
  /// Leaves the terminal to the message of a run that failed.
  func abandon()
}

extension RunReport {
  /// Makes a run, and reports it on rank 0.
  ///
  /// - Parameter make: makes the run, watched by the report that it is given; collective.
  /// - Returns: the exit code.
  static func of(
    _ output: OutputOptions, among world: Communicator, make: (Self?) throws -> RunEnd
  ) throws -> Int32 {
    output.expectBar()
    let report = world.isRoot ? Self(output) : nil
    do {
      let end = try make(report)
      report?.ended(end)
      return end.exitCode
    } catch {
      report?.abandon()
      throw error
    }
  }
}
