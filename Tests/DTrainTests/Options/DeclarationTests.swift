import Foundation
import XCTest

@testable import DTrainBase
@testable import DTrainClustering
@testable import DTrainDist
@testable import DTrainNetworks
@testable import DTrainRuns
@testable import dtrain

/// What stands in one place alone: options of a run in their declarations, variables of the environment and
/// exit codes on their pages.
final class DeclarationTests: XCTestCase {
  /// The sources of the package by their paths, without comments.
  private func sources(in name: String = "Sources") throws -> [String: String] {
    var found: [String: String] = [:]
    let folder = URL(fileURLWithPath: Program.root).appendingPathComponent(name)
    let files = try XCTUnwrap(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      found[String(file.path.dropFirst(folder.path.count + 1))] = lines.filter {
        !$0.drop { $0 == " " }.hasPrefix("//")
      }.joined(separator: "\n")
    }
    XCTAssertGreaterThan(found.count, name == "Sources" ? 200 : 5)
    return found
  }

  private var names: Set<String> {
    Set(
      MLPConfiguration.table.options.map(\.name) + ClusterConfiguration.table.options.map(\.name))
  }

  private func camel(_ name: String) -> String {
    let words = name.split(separator: "_")
    return words[0] + words.dropFirst().map(\.capitalized).joined()
  }

  /// An option is declared once for networks and once for clusterings at most, and no other list of options names it:
  /// neither as a flag, nor as a property of the command line, nor beside a reader or writer of `config.json`.
  func testAnOptionIsListedInItsDeclarationAlone() throws {
    // Centers of a file that no run describes are used by commands that make no runs.
    let tables = [
      "MLPConfiguration.swift", "ClusterConfiguration+Options.swift", "CenterMetric.swift",
    ]
    for options in [
      MLPConfiguration.table.options.map(\.name), ClusterConfiguration.table.options.map(\.name),
    ] {
      XCTAssertEqual(options.count, Set(options).count, "declared twice")
    }
    for (path, text) in try sources() {
      let file = path.split(separator: "/").last.map(String.init) ?? path
      for name in names where !tables.contains(file) {
        let flag = "--" + name.split(separator: "_").joined(separator: "-")
        XCTAssertFalse(text.contains("\"\(flag)\""), "\(path) lists \(flag)")
        XCTAssertFalse(
          text.contains("customLong(\"\(flag.dropFirst(2))\""), "\(path) declares \(flag)")
        XCTAssertFalse(text.contains("RunOption(\n      \"\(name)\""), "\(path) declares \(name)")
        XCTAssertFalse(text.contains("RunOption(\"\(name)\""), "\(path) declares \(name)")
        for attribute in ["Option", "Flag"] {
          let property = "@\(attribute)\\b[^\n]*(\n[^@]*)?\n? *var `?\(camel(name))`?\\b"
          XCTAssertNil(
            text.range(of: property, options: .regularExpression),
            "\(path) has a property for \(flag)")
        }
        // What reads or writes config.json takes its members from the table.
        if text.contains("blas_kernels\"") || text.contains("\"data_sha256\"") {
          XCTAssertFalse(
            text.contains(".init(\"\(name)\""), "\(path) writes \(name) into config.json")
        }
      }
    }
  }

  /// What the declarations make: a flag in the help of the command, and a member of the configuration that is read back.
  func testEachDeclarationWorks() throws {
    try check(MLPConfiguration(), command: "mlp")
    try check(ClusterConfiguration(.kmeans, clusters: 3), command: "kmeans")
    try check(ClusterConfiguration(.kmedians, clusters: 3), command: "kmedians")
  }

  private func check<C: RunConfiguration>(_ configuration: C, command: String) throws {
    let help = try Program.run(["help", command]).output
    var members = configuration.members
    for option in C.table.options where option.applies(configuration) {
      let flag = "--" + option.name.split(separator: "_").joined(separator: "-")
      var isShown = false
      for end in [" ", "\n", ","] where help.contains(flag + end) { isShown = true }
      XCTAssertTrue(isShown, "\(command) \(flag)")
      for alias in option.aliases {
        let spelled = alias.split(separator: "_").joined(separator: "-")
        XCTAssertTrue(help.contains("--\(spelled)"), alias)
      }
      XCTAssertTrue(members.contains { $0.key == option.record(configuration).key }, option.name)
    }
    if command == "mlp" {
      // What is only known with the data.
      members += [.init("layers", [3, 200, 2])]
      members = members.map {
        switch $0.key {
        case "init_scale": .init("init_scale", [0.01, 0.02])
        default: $0
        }
      }
    }
    var expected = configuration
    if let network = configuration as? MLPConfiguration {
      var network = network
      network.shards = network.resolvedShards
      // What was recorded is not open any more.
      network.open = []
      expected = network as! C
    }
    XCTAssertEqual(try configuration.recalled(from: .object(members)), expected, command)
  }

  /// Every variable that a source, a test or an example reads has a line in docs/ENVIRONMENT.md, and every line one of
  /// these.
  func testVariablesOfTheEnvironmentAreDocumented() throws {
    let page = try String(
      contentsOf: URL(fileURLWithPath: Program.root).appendingPathComponent("docs/ENVIRONMENT.md"),
      encoding: .utf8)
    let pattern = /`([A-Z]+(?:_[A-Za-z0-9]+)*)`/
    let documented = Set(page.matches(of: pattern).map { String($0.1) })
    let quoted = /"((?:DTRAIN|OMPI|PMIX|PMI|SLURM|OPENBLAS|OMP)_[A-Za-z0-9_]+)"/
    let asked = /getenv\("([A-Za-z_]+)"\)/
    let own = /\b(DTRAIN_[A-Z0-9_]+[A-Z0-9])\b/
    // Scripts hand it to each other.
    var read: Set<String> = ["DTRAIN_INSIDE"]
    for text in try ["Tests", "Examples"].flatMap({ try sources(in: $0).values }) {
      read.formUnion(text.matches(of: own).map { String($0.1) })
    }
    for text in try sources().values {
      read.formUnion(text.matches(of: quoted).map { String($0.1) })
      read.formUnion(text.matches(of: asked).map { String($0.1) })
    }
    XCTAssertEqual(read, documented)
  }
  /// docs/EXIT-CODES.md lists the codes of the man page, in its words; and those are the codes that the sources define.
  func testExitCodesAreDocumented() throws {
    let page = try String(
      contentsOf: URL(fileURLWithPath: Program.root).appendingPathComponent("docs/EXIT-CODES.md"),
      encoding: .utf8)
    let rows = page.matches(of: /(?m)^\| (\d+) \| ([^|]+) \|/).map { "\($0.1) \($0.2)" }
    XCTAssertEqual(rows, ExitCodes.all.map { "\($0.code) \($0.meaning)" })
    // 0 and 1 are what a command returns that went well or, if it is the doctor, did not.
    var defined: Set<Int32> = [0, 1]
    defined.formUnion(TrainerError.Kind.allCases.map(\.rawValue))
    let written = /exitCode: Int32 (?:= |\{ )(\d+)/
    for text in try sources().values {
      defined.formUnion(text.matches(of: written).compactMap { Int32($0.1) })
    }
    XCTAssertTrue(defined.isSuperset(of: [StallLimits.exitCode, 70]))
    XCTAssertEqual(Set(ExitCodes.all.map(\.code)), defined)
    XCTAssertEqual(ExitCodes.all.map(\.code), defined.sorted())
  }
}
