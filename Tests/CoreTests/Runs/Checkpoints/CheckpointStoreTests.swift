import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainRuns

final class CheckpointStoreTests: XCTestCase {
  func testSavesAndFindsTheNewest() throws {
    let fixture = try CheckpointFixture()
    XCTAssertEqual(try fixture.save(9), "step-000000000009")
    XCTAssertEqual(try fixture.newest().position, 9)
    try fixture.save(10)
    let found = try fixture.newest()
    XCTAssertEqual(found.position, 10)
    XCTAssertEqual(found.warnings, [])
    XCTAssertEqual(
      try fixture.folder.names(in: "checkpoints/step-000000000010"),
      ["manifest.json", "state.safetensors"])
  }

  func testKeepsTheNewestAndDropsAbandonedOnes() throws {
    let fixture = try CheckpointFixture()
    for position in [5, 100, 1000, 20000] { try fixture.save(position) }
    XCTAssertEqual(try fixture.names(), ["step-000000001000", "step-000000020000"])
    // Resumed from 1000: what was saved behind it belongs to another future.
    try fixture.save(1500, keep: 3)
    XCTAssertEqual(try fixture.names(), ["step-000000001000", "step-000000001500"])
    try fixture.save(1500, keep: 1)
    XCTAssertEqual(try fixture.names(), ["step-000000001500"])
    XCTAssertEqual(try fixture.newest().position, 1500)
  }

  func testLeavesOtherFilesAlone() throws {
    let fixture = try CheckpointFixture()
    let others = ["README", "iteration-000000000001", "step-1", "step-0000000000001x"]
    for name in others { try fixture.folder.write("mine", to: "checkpoints/\(name)") }
    for position in 1...4 { try fixture.save(position, keep: 1) }
    XCTAssertEqual(try fixture.names(), (others + ["step-000000000004"]).sorted())
    XCTAssertEqual(try fixture.newest().position, 4)
  }

  func testDamagedOnesAreNamedAndPassedOver() throws {
    let fixture = try CheckpointFixture()
    for position in 1...3 { try fixture.save(position, keep: 3) }
    try FileManager.default.removeItem(atPath: fixture.path(3, "state.safetensors"))
    XCTAssertEqual(truncate(fixture.path(2, "state.safetensors"), 50), 0)
    let found = try fixture.newest()
    XCTAssertEqual(found.position, 1)
    XCTAssertEqual(found.warnings.count, 2)
    XCTAssertTrue(found.warnings[0].contains("step-000000000003"), found.warnings[0])
    XCTAssertTrue(found.warnings[1].contains("state.safetensors has 50 bytes"), found.warnings[1])
    try Data().write(to: URL(fileURLWithPath: fixture.path(1, "manifest.json")))
    expectNone(fixture, saying: "all 3 are damaged")
  }

  /// One of another version is whole, and newer than what this program could go on from.
  func testOneOfAnotherVersionIsNotPassedOver() throws {
    let fixture = try CheckpointFixture()
    for position in 1...2 { try fixture.save(position, keep: 2) }
    let path = fixture.path(2, "manifest.json")
    let json = try JSON(parsing: try FileContents.read(path, limit: 1 << 20))
    var members = try XCTUnwrap(json.members).dropLast()
    members[0] = .init("format", 99)
    let hash = SHA256.hexadecimal(of: Array(JSON.object(Array(members)).pretty.utf8))
    let changed = JSON.object(members + [.init("sha256", .string(hash))])
    try Data(changed.pretty.utf8).write(to: URL(fileURLWithPath: path))
    expectNone(fixture, saying: "another version of dtrain (its format is 99")
  }

  func testNoneIsAnErrorNotAFreshStart() throws {
    let fixture = try CheckpointFixture()
    expectNone(fixture, saying: "there is no checkpoint")
    try FileManager.default.createDirectory(
      atPath: fixture.store.directory, withIntermediateDirectories: true)
    expectNone(fixture, saying: "there is no checkpoint")
  }

  private func expectNone(_ fixture: CheckpointFixture, saying: String, line: UInt = #line) {
    XCTAssertThrowsError(try fixture.newest(), line: line) {
      XCTAssertEqual(($0 as? TrainerError)?.kind, .noCheckpoint, line: line)
      XCTAssertTrue("\($0)".contains(saying), "\($0)", line: line)
    }
  }

  /// A directory renamed by hand, links that lead elsewhere, and things that are no files.
  func testWhatIsNotAsItWasWritten() throws {
    let fixture = try CheckpointFixture()
    try fixture.save(1, keep: 9)
    let manager = FileManager.default
    let first = fixture.store.path(of: fixture.store.name(at: 1))
    try manager.copyItem(atPath: first, toPath: fixture.store.path(of: fixture.store.name(at: 2)))
    try manager.createSymbolicLink(
      atPath: fixture.store.path(of: fixture.store.name(at: 3)), withDestinationPath: "/dev")
    try manager.copyItem(atPath: first, toPath: fixture.store.path(of: fixture.store.name(at: 4)))
    try manager.removeItem(atPath: fixture.path(4, "state.safetensors"))
    try manager.createSymbolicLink(
      atPath: fixture.path(4, "state.safetensors"),
      withDestinationPath: fixture.path(1, "state.safetensors"))
    try manager.copyItem(atPath: first, toPath: fixture.store.path(of: fixture.store.name(at: 5)))
    try manager.removeItem(atPath: fixture.path(5, "manifest.json"))
    XCTAssertEqual(mkfifo(fixture.path(5, "manifest.json"), 0o600), 0)
    let found = try fixture.newest()
    XCTAssertEqual(found.position, 1)
    XCTAssertEqual(found.warnings.count, 4, "\(found.warnings)")
  }

  /// What a kill left half written or half removed is no checkpoint, and goes with the next save.
  func testUnfinishedOnesAreCleared() throws {
    let fixture = try CheckpointFixture()
    try fixture.save(1)
    for name in [CheckpointStore.unfinishedName, ".dtrain-tmp-removed"] {
      try fixture.folder.write("half", to: "checkpoints/\(name)/state.safetensors")
    }
    XCTAssertEqual(try fixture.newest().warnings, [])
    try fixture.save(2)
    XCTAssertEqual(try fixture.names(), ["step-000000000001", "step-000000000002"])
  }

  /// A disk that fills up at any byte of the new checkpoint leaves the old ones.
  func testFullDisk() throws {
    let fixture = try CheckpointFixture()
    try fixture.save(1)
    try fixture.save(2)
    let size = try Data(contentsOf: URL(fileURLWithPath: fixture.path(2, "state.safetensors")))
      .count
    for limit in stride(from: 0, to: size, by: 7) {
      try AtomicFileTests.withFileSizeLimit(limit) {
        XCTAssertThrowsError(try fixture.save(3)) {
          XCTAssertEqual(($0 as? TrainerError)?.kind, .inputOutput)
          XCTAssertTrue("\($0)".contains("step-000000000003"), "\($0)")
        }
      }
      XCTAssertEqual(try fixture.names(), ["step-000000000001", "step-000000000002"])
    }
    XCTAssertEqual(try fixture.newest().position, 2)
  }

  /// Every one of 2,000 changed bits, and every truncation, is found out, and the older one is used.
  func testChangedBitsAndTruncations() throws {
    let fixture = try CheckpointFixture()
    try fixture.save(1)
    try fixture.save(2)
    var generator = PhiloxSequence(Philox(seed: 4, purpose: .shuffle), stream: 0)
    var changes = 0
    for file in ["state.safetensors", "manifest.json"] {
      let url = URL(fileURLWithPath: fixture.path(2, file))
      let good = try Data(contentsOf: url)
      func expectDamage(_ bytes: Data, _ what: String) throws {
        try bytes.write(to: url)
        let found = try fixture.newest()
        XCTAssertEqual(found.position, 1, "\(file), \(what)")
        XCTAssertEqual(found.warnings.count, 1, "\(file), \(what)")
        changes += 1
      }
      for _ in 0..<1000 {
        let bit = Int(generator.next(below: UInt32(good.count * 8)))
        var bad = good
        bad[bit / 8] ^= 1 << UInt8(bit % 8)
        try expectDamage(bad, "bit \(bit)")
      }
      for length in 0..<good.count { try expectDamage(good.prefix(length), "\(length) bytes") }
      try expectDamage(good + [10], "a byte more")
      try good.write(to: url)
    }
    XCTAssertEqual(try fixture.newest().position, 2)
    print("\(changes) changes of a checkpoint, all found")
  }

  /// A checkpoint knows its run: what may not change is compared, whichever side lacks it.
  func testThoseOfOtherRunsAreRefused() throws {
    let fixture = try CheckpointFixture()
    try fixture.save(7)
    let checkpoint = try fixture.store.newest { XCTFail("\($0)") }
    let longer: JSON = ["seed": 0, "epochs": 12, "data_sha256": "ab"]
    XCTAssertNoThrow(try checkpoint.check(isOf: longer, changeable: ["epochs"]))
    let others: [(JSON, String)] = [
      (["seed": 3, "epochs": 9, "data_sha256": "ab"], "seed was 0 when it was saved and is 3"),
      (["seed": 0, "epochs": 9, "data_sha256": "cd"], #"data_sha256 was "ab""#),
      (["seed": 0, "epochs": 9], "and is absent in config.json"),
      (["seed": 0, "epochs": 9, "data_sha256": "ab", "new": true], "new was absent"),
      (longer, "epochs was 9"),
    ]
    for (other, words) in others {
      XCTAssertThrowsError(try checkpoint.check(isOf: other, changeable: [])) {
        XCTAssertEqual(($0 as? TrainerError)?.kind, .noCheckpoint)
        XCTAssertTrue("\($0)".contains("step-000000000007 is not of this run"), "\($0)")
        XCTAssertTrue("\($0)".contains(words), "\($0)")
      }
    }
  }

  func testIntervals() {
    let table: [(String, CheckpointInterval?)] = [
      ("1", .rounds(1)), ("20", .rounds(20)), ("1step", .steps(1)), ("100steps", .steps(100)),
      ("30s", .seconds(30)), ("5m", .seconds(300)), ("2h", .seconds(7200)), ("never", .never),
      ("1.5m", .seconds(90)), ("0.05s", .seconds(0.05)), (".5h", .seconds(1800)),
      ("0", nil), ("", nil), ("-1", nil), ("s", nil), ("1.5", nil), ("1.5steps", nil), ("0s", nil),
      ("0.0001s", nil), ("1..5s", nil), (".s", nil), ("1e3s", nil), ("5 m", nil),
      ("5d", nil), ("٣", nil), ("99999999999999999999", nil),
    ]
    for (text, expected) in table {
      XCTAssertEqual(CheckpointInterval(text), expected, text)
      if let expected { XCTAssertEqual(CheckpointInterval(expected.text), expected) }
    }
  }
}
