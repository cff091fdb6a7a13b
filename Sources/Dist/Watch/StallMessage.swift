/// What a watchdog says when a job stands still.
struct StallMessage {
  let report: StallReport
  let advice: StallAdvice
  /// Other nodes whose watchdogs say nothing.
  let silent: [WatchdogDatagrams.SilentNode]
  let stage: Watchdog.Stage
  /// Seconds for which nothing moved.
  let seconds: Double
  /// After how many seconds the job is ended; nil in the message that ends it.
  let end: Double?

  /// The message: one line that begins with the program's name, and indented ones below it.
  func text(program: String) -> String {
    let lines =
      stage == .connecting
      ? connectionLines
      : report.lines + silentLines + (silent.isEmpty ? [report.remedy(advice)] : [])
    return (["\(program): \(headline)"] + lines.map { "  \($0)" } + [""])
      .joined(separator: "\n")
  }

  private var headline: String {
    let what =
      stage == .connecting
      ? "the ranks on \(report.host) wait for the other nodes" : "no progress on \(report.host)"
    let time = "for \(Self.words(seconds))"
    guard end != nil || stage == .done else {
      return "\(what) \(time): the job ends (exit code \(StallLimits.exitCode))"
    }
    return "\(what) \(time)" + (end.map { "; after \(Self.words($0)) the job ends" } ?? "")
  }

  /// Where to look first: a node that waits says so.
  private var silentLines: [String] {
    guard silent.count <= 3 else {
      return [
        "\(silent.count) other nodes say nothing, among them \(silent[0].host) "
          + "(\(StallReport.name(silent[0].ranks))): the network between the nodes may be at fault"
      ]
    }
    return silent.map {
      "\(StallReport.name($0.ranks)) on \($0.host) says nothing: stopped, dead or cut off "
        + "(or at work, where no datagrams pass); look there first"
    }
  }

  /// The networks of this host: those that lead nowhere are what most often keeps ranks apart.
  private var connectionLines: [String] {
    let interfaces = NetworkInterface.all
    let suspects = interfaces.filter(\.isVirtual)
    let shown =
      interfaces.isEmpty ? "no network" : interfaces.map(\.description).joined(separator: ", ")
    var lines = ["\(report.host) has \(shown)"]
    if !suspects.isEmpty {
      lines.append(
        "\(suspects.map(\.name).joined(separator: ", ")) leads to containers or virtual machines of this "
          + "host only")
    }
    let network = interfaces.first { !$0.isVirtual }?.network ?? "NETWORK/BITS"
    lines.append(
      "name the network that joins the nodes: mpirun --mca btl_tcp_if_include \(network) "
        + "--mca oob_tcp_if_include \(network)")
    if suspects.isEmpty { lines.append("or open the firewall between the nodes for all TCP ports") }
    return lines
  }

  private static func words(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\((seconds * 10).rounded() / 10) s"
  }
}
