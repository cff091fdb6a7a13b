import Glibc

/// What TensorBoard shows under a tag.
package enum EventValue: Sendable {
  case scalar(Double)
  case histogram(Histogram)
  case image(PNGImage)
}

/// A record of an event file: a message `tensorflow.Event` with the time at which it was made.
///
/// The fields are those of `event.proto` and `summary.proto` of TensorBoard.
package struct Event {
  /// What TensorBoard calls a value, and the value.
  package typealias Member = (tag: String, value: EventValue)

  private enum Content {
    case version
    case start
    case summary([Member])
  }

  private let content: Content
  private let step: Int

  /// The first record of a file.
  package static let version = Event(content: .version, step: 0)

  /// A process goes on at a step: a reader drops what others wrote of this step and later ones.
  package static func start(at step: Int) -> Event { Event(content: .start, step: step) }

  /// The values of a step.
  package static func summary(_ members: [Member], step: Int) -> Event {
    Event(content: .summary(members), step: step)
  }

  /// The message.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, double: Self.wallTime)
    message.set(2, step)
    switch content {
    case .version: message.set(3, "brain.Event:2")
    case .start:
      var log = ProtobufMessage()
      log.set(1, 1)
      message.set(7, log)
    case .summary(let members):
      var summary = ProtobufMessage()
      for member in members { summary.set(1, Self.message(member)) }
      message.set(5, summary)
    }
    return message
  }

  private static func message(_ member: Member) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, member.tag)
    switch member.value {
    case .scalar(let value): message.set(2, float: Float(value))
    case .histogram(let histogram): message.set(5, histogram.message)
    case .image(let image): message.set(4, image.message)
    }
    return message
  }

  /// Seconds since 1970.
  private static var wallTime: Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}

extension Histogram {
  /// A message `HistogramProto`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, double: minimum)
    message.set(2, double: maximum)
    message.set(3, double: Double(counts.reduce(0, +)))
    message.set(4, double: sum)
    message.set(5, double: sumOfSquares)
    message.set(6, doubles: limits)
    message.set(7, doubles: counts.map(Double.init))
    return message
  }
}

extension PNGImage {
  /// A message `Summary.Image`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, height)
    message.set(2, width)
    message.set(3, channels)
    message.set(4, bytes: encoded)
    return message
  }
}
