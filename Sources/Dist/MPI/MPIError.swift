internal import CMPI

/// An error code returned by a function of the MPI library.
///
/// After an MPI error the state of the library is undefined: the only safe continuation is to let
/// the error escape to ``MPIRuntime/run(program:limits:advice:_:)``, which ends the job.
public struct MPIError: Error, Equatable, CustomStringConvertible {
  /// The code as returned by the library.
  public let code: Int32
  /// The name of the C function that failed, for example `MPI_Allreduce`.
  public let operation: String
  /// The library's own words for the code.
  public let message: String

  /// The function, the words and the code.
  public var description: String { "\(operation) failed: \(message) (code \(code))" }
}

/// Calls an MPI function and turns its return code into a typed error: the only place that does. The
/// watchdog sees where the rank waits.
@inline(__always)
func check(_ operation: StaticString, _ call: @autoclosure () -> Int32) throws(MPIError) {
  let span = Span(.exchange)
  let code = Progress.waiting(in: operation, call)
  CommunicationTime.seconds += span.end()
  if code != MPI_SUCCESS { throw describe(code, operation) }
}

/// Words for an MPI code. The corresponding C function is `MPI_Error_string`.
private func describe(_ code: Int32, _ operation: StaticString) -> MPIError {
  var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
  var length: Int32 = 0
  MPI_Error_string(code, &text, &length)
  let message = String(
    decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  return MPIError(code: code, operation: "\(operation)", message: message)
}
