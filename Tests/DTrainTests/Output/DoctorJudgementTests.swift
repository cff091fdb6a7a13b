import XCTest

@testable import DTrainBase
@testable import DTrainDoctor
@testable import dtrain

/// What the doctor makes of machines that are not at hand.
final class DoctorJudgementTests: XCTestCase {
  private func rank(_ number: Int, node: Int = 0, cores: [Int], of machine: Int = 4) -> RankFacts {
    var facts = RankFacts()
    facts.rank = number
    facts.node = node
    facts.host = "node\(node)"
    facts.cores = cores
    facts.machineCores = machine
    facts.kernelClass = "Haswell"
    facts.instructionSet = "v3"
    facts.memoryAvailable = 8 << 30
    facts.sharedSize = 1 << 30
    facts.sharedFree = 1 << 30
    facts.gigaflops = 50
    return facts
  }

  func testFactsSurviveTheJourney() throws {
    var facts = rank(3, node: 1, cores: [0, 2])
    facts.quota = 1.5
    facts.interfaces = ["eth0", "docker0"]
    facts.namesInterfaces = true
    let text = Array(facts.json.compact.utf8)
    XCTAssertEqual(RankFacts(try JSON(parsing: text)), facts)
    facts.quota = nil
    facts.sharedFree = nil
    XCTAssertEqual(RankFacts(facts.json), facts)
  }

  func testBinding() {
    let cases: [([RankFacts], DoctorFinding.Status, String)] = [
      ([rank(0, cores: [0]), rank(1, cores: [1])], .ok, "each bound to its own"),
      ([rank(0, cores: [0, 1, 2, 3]), rank(1, cores: [0, 1, 2, 3])], .ok, "not bound"),
      ([rank(0, cores: [2]), rank(1, cores: [2])], .problem, "ranks 0 and 1"),
      (
        [rank(0, cores: [0, 1]), rank(1, cores: [1]), rank(2, cores: [0, 1])], .problem,
        "ranks 0, 1 and 2"
      ),
      ((0..<6).map { rank($0, cores: [0, 1, 2, 3]) }, .warning, "6 ranks share 4 cores"),
      ((0..<3).map { rank($0, cores: [0], of: 1) }, .warning, "3 ranks share 1 core "),
    ]
    for (ranks, status, words) in cases {
      let findings = DoctorJudgement.processors(ranks)
      XCTAssertEqual(findings.count, 1)
      XCTAssertEqual(findings[0].status, status, findings[0].detail)
      XCTAssert(findings[0].detail.contains(words), findings[0].detail)
    }
  }

  func testEveryNodeIsJudgedByItsOwnRanks() {
    let findings = DoctorJudgement.processors([
      rank(0, node: 0, cores: [0]), rank(1, node: 1, cores: [0]), rank(2, node: 1, cores: [0]),
    ])
    XCTAssertEqual(findings.map(\.status), [.ok, .problem])
    XCTAssert(findings[1].detail.contains("ranks 1 and 2"), findings[1].detail)
  }

  func testQuotaBelowTheRanks() {
    var ranks = [rank(0, cores: [0]), rank(1, cores: [1])]
    ranks[0].quota = 2
    XCTAssertEqual(DoctorJudgement.processors(ranks).map(\.status), [.ok])
    ranks[0].quota = 1.5
    XCTAssertEqual(DoctorJudgement.processors(ranks).map(\.status), [.ok, .warning])
  }

  func testMatrixKernels() {
    var ranks = [rank(0, cores: [0]), rank(1, cores: [1])]
    XCTAssertEqual(DoctorJudgement.matrixKernels(ranks, asked: "haswell").status, .ok)
    XCTAssertEqual(DoctorJudgement.matrixKernels(ranks, asked: "zen").status, .problem)
    ranks[1].kernelClass = "SkylakeX"
    let mixed = DoctorJudgement.matrixKernels(ranks, asked: "haswell")
    XCTAssertEqual(mixed.status, .problem)
    XCTAssert(mixed.advice?.contains("--blas-kernels") ?? false)
    ranks[0].blasThreads = 4
    XCTAssert(
      DoctorJudgement.matrixKernels(ranks, asked: nil).detail.contains("4 threads in rank 0"))
  }

  func testMemory() {
    var ranks = [rank(0, cores: [0]), rank(1, cores: [1])]
    XCTAssertEqual(DoctorJudgement.memory(ranks).map(\.status), [.ok, .ok])
    ranks[0].sharedFree = 8 << 20
    XCTAssertEqual(DoctorJudgement.memory(ranks).map(\.status), [.ok, .warning])
    ranks[0].sharedFree = nil
    XCTAssertEqual(DoctorJudgement.memory(ranks).map(\.status), [.ok, .warning])
    ranks[0].memoryAvailable = 1 << 20
    XCTAssertEqual(DoctorJudgement.memory([ranks[0]]).map(\.status), [.warning])
  }

  func testNetworkOnlyBetweenMachines() throws {
    var ranks = [rank(0, node: 0, cores: [0]), rank(1, node: 1, cores: [0])]
    ranks[0].interfaces = ["docker0", "ens3"]
    ranks[1].interfaces = ["ens3"]
    XCTAssertEqual(DoctorJudgement.network([ranks[0]]), [])
    let findings = DoctorJudgement.network(ranks)
    XCTAssertEqual(findings.map(\.status), [.warning, .ok])
    XCTAssert(try XCTUnwrap(findings[0].advice).contains("btl_tcp_if_include ens3"))
    ranks[0].namesInterfaces = true
    XCTAssertEqual(DoctorJudgement.network(ranks).map(\.status), [.ok, .ok])
  }

  func testSpeedAndLoad() {
    var ranks = [rank(0, cores: [0]), rank(1, cores: [1])]
    XCTAssertEqual(DoctorJudgement.speed(ranks).status, .ok)
    ranks[1].gigaflops = 20
    XCTAssert(DoctorJudgement.speed(ranks).detail.contains("rank 1 on node0 is the slowest"))
    XCTAssertEqual(DoctorJudgement.load(ranks).map(\.status), [.ok])
    ranks[0].load = 3.5
    XCTAssertEqual(DoctorJudgement.load(ranks).map(\.status), [.warning])
    XCTAssertEqual(DoctorJudgement.allReduce(seconds: 1e-4).status, .ok)
    XCTAssertEqual(DoctorJudgement.allReduce(seconds: 0.05).status, .warning)
  }

  func testRanksBoundTogetherAreAProblemOfTheJob() throws {
    // Whatever the launcher does, these ranks may run on one core only.
    let result = try Program.run(
      ["doctor"], ranks: 2, launcher: ["taskset", "-c", "0"], binding: "none")
    XCTAssertEqual(result.status, 1, result.output + result.error)
    XCTAssert(result.output.contains("problem  cores: ranks 0 and 1 are bound"), result.output)
  }
}
