import DTrainCore

extension DoctorJudgement {
  /// Whether each rank has a core of its own: a finding for each node.
  static func processors(_ all: [RankFacts]) -> [DoctorFinding] {
    nodes(all).flatMap { ranks in
      [binding(ranks)] + (quota(ranks).map { [$0] } ?? [])
    }
  }

  private static func binding(_ ranks: [RankFacts]) -> DoctorFinding {
    let subject = "cores"
    let host = ranks[0].host
    let usable = Set(ranks.flatMap(\.cores)).count
    // Ranks that may run only on some cores, more of them than cores: bound onto each other.
    for one in ranks where one.cores.count < ranks[0].machineCores {
      let rivals = ranks.filter { Set($0.cores).isSubset(of: one.cores) }
      guard rivals.count > one.cores.count, ranks.count <= ranks[0].machineCores else { continue }
      let noun = one.cores.count == 1 ? "core" : "cores"
      return DoctorFinding(
        .problem, subject,
        "ranks \(list(rivals.map(\.rank))) are bound to the same \(noun) "
          + "\(list(one.cores)) of \(host), which has \(ranks[0].machineCores)",
        advice: "start with mpirun --map-by core --bind-to core")
    }
    if ranks.count > usable {
      return DoctorFinding(
        .warning, subject,
        "\(TrainingText.count(ranks.count, "rank")) share \(TrainingText.count(usable, "core")) of \(host)",
        advice: "start at most \(usable) there: more are slower")
    }
    let isBound = ranks.allSatisfy { $0.cores.count < ranks[0].machineCores }
    let how =
      ranks[0].machineCores == 1 ? "" : isBound ? ", each bound to its own" : ", not bound"
    return DoctorFinding(
      .ok, subject,
      "\(TrainingText.count(ranks.count, "rank")) on \(TrainingText.count(ranks[0].machineCores, "core")) of \(host)\(how)"
    )
  }

  private static func quota(_ ranks: [RankFacts]) -> DoctorFinding? {
    guard let quota = ranks[0].quota, quota < Double(ranks.count) else { return nil }
    return DoctorFinding(
      .warning, "processor time",
      "the container on \(ranks[0].host) is granted \(NumberFormat.fixed(quota, 1)) processors for "
        + TrainingText.count(ranks.count, "rank"),
      advice: "raise its limit (docker run --cpus), or start fewer ranks")
  }

  /// Memory that can be had, and what Open MPI needs of /dev/shm.
  static func memory(_ all: [RankFacts]) -> [DoctorFinding] {
    nodes(all).flatMap { ranks -> [DoctorFinding] in
      let host = ranks[0].host
      let available = ranks[0].memoryAvailable
      var findings = [
        available < 256 << 20
          ? DoctorFinding(
            .warning, "memory", "only \(mebibytes(available)) free on \(host)",
            advice: "end what else uses memory there, or use another machine")
          : DoctorFinding(.ok, "memory", "\(mebibytes(available)) free on \(host)")
      ]
      guard ranks.count > 1 else { return findings }
      // Open MPI keeps a few MiB a rank there.
      let needed = ranks.count * (16 << 20)
      if let free = ranks[0].sharedFree, free >= needed {
        findings.append(
          DoctorFinding(
            .ok, "/dev/shm",
            "\(mebibytes(free)) of \(mebibytes(ranks[0].sharedSize ?? 0)) free on \(host)"))
      } else {
        findings.append(
          DoctorFinding(
            .warning, "/dev/shm",
            ranks[0].sharedFree.map { "only \(mebibytes($0)) free on \(host)" }
              ?? "there is none on \(host)",
            advice: "Open MPI wants some \(mebibytes(needed)) there: start a container with "
              + "--shm-size=1g, or set OMPI_MCA_btl_vader_backing_directory to a local directory"))
      }
      return findings
    }
  }

  /// Interfaces between nodes. Open MPI tries all of them, and those that lead nowhere make it hang.
  static func network(_ all: [RankFacts]) -> [DoctorFinding] {
    let nodes = nodes(all)
    guard Set(all.map(\.host)).count > 1 else { return [] }
    return nodes.map { ranks in
      let host = ranks[0].host
      let interfaces = ranks[0].interfaces
      let suspects = interfaces.filter(NetworkInterface.isVirtual)
      let shown = interfaces.isEmpty ? "none" : interfaces.joined(separator: ", ")
      if suspects.isEmpty || ranks[0].namesInterfaces {
        return DoctorFinding(
          interfaces.isEmpty ? .warning : .ok, "network", "\(shown) up on \(host)",
          advice: interfaces.isEmpty ? "bring an interface up that the other nodes reach" : nil)
      }
      let real = interfaces.first { !suspects.contains($0) } ?? "eth0"
      return DoctorFinding(
        .warning, "network",
        "\(shown) up on \(host): \(suspects.joined(separator: ", ")) reach no other node",
        advice: "name the interface to use: mpirun --mca btl_tcp_if_include \(real) "
          + "--mca oob_tcp_if_include \(real)")
    }
  }

  /// Bytes in MiB, or GiB from ten of them.
  static func mebibytes(_ bytes: Int) -> String {
    bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
  }
}
