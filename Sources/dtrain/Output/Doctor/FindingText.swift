import DTrainCore

/// Findings of the doctor as lines.
struct FindingText {
  let colored: Bool

  /// What was found, and below it what to do.
  func lines(_ finding: DoctorFinding) -> [String] {
    let word = finding.status.rawValue
    let gap = String(repeating: " ", count: 9 - word.count)
    let first = "\(paint(word, finding.status))\(gap)\(finding.subject): \(finding.detail)"
    return [first] + (finding.advice.map { ["         -> \($0)"] } ?? [])
  }

  /// The last line.
  func verdict(_ findings: [DoctorFinding]) -> String {
    let problems = findings.count { $0.status == .problem }
    let warnings = findings.count { $0.status == .warning }
    if problems + warnings == 0 { return "All is well." }
    return [(problems, "problem"), (warnings, "warning")].filter { $0.0 > 0 }
      .map { TrainingText.count($0.0, $0.1) }.joined(separator: ", ")
  }

  private func paint(_ text: String, _ status: DoctorFinding.Status) -> String {
    guard colored else { return text }
    let code =
      switch status {
      case .ok: "32"
      case .warning: "33"
      case .problem: "31"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
