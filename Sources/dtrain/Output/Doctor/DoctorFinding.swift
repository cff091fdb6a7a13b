import DTrainCore

/// One thing that the doctor looked at.
struct DoctorFinding: Equatable, Sendable {
  /// How it is.
  enum Status: String, Sendable {
    /// As it should be; works, but could be better; wrong or much slower than it need be.
    case ok, warning, problem
  }

  /// How it is.
  let status: Status
  /// What was looked at, in a word or two.
  let subject: String
  /// What was seen.
  let detail: String
  /// What to do; nil where there is nothing to do.
  let advice: String?

  init(_ status: Status, _ subject: String, _ detail: String, advice: String? = nil) {
    self.status = status
    self.subject = subject
    self.detail = detail
    self.advice = advice
  }

  /// The same as an object.
  var json: JSON {
    [
      "status": .string(status.rawValue), "subject": .string(subject), "detail": .string(detail),
      "advice": advice.map { .string($0) } ?? .null,
    ]
  }
}
