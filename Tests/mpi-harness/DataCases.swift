import DTrainCore
import DTrainDist

let dataCases = [
  Case(name: "describe-data", body: describe), Case(name: "refuse-data", body: refuse),
]

/// `describe-data [uneven] [labels=PATH] [test=PATH] [test-labels=PATH] data=PATH…`: prints what
/// `describeData` says, on one line.
@Sendable private func describe(_ checker: Checker, _ arguments: [String]) throws {
  func values(_ key: String) -> [String] {
    arguments.filter { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
  }
  let options = DataCatalog.Options(
    data: values("data"), labels: values("labels"), testData: values("test"),
    testLabels: values("test-labels"), target: nil, format: nil)
  let text = try describeData(
    options, uneven: arguments.contains("uneven"), among: checker.world)
  checker.expect(!text.isEmpty, "nothing to say")
  let all = try checker.world.allGather(bytes: Array(text.utf8))
  checker.expect(all.allSatisfy { $0 == all[0] }, "the ranks describe the data differently")
  if checker.world.isRoot { print("data: \(text)") }
}

/// `refuse-data PATH…`: opens and reads each file by itself, which all ranks must refuse with exit code 3; prints the one
/// message of each, on one line.
@Sendable private func refuse(_ checker: Checker, _ arguments: [String]) throws {
  let world = checker.world
  for path in arguments {
    do {
      _ = try describeData(.init(data: [path]), uneven: false, among: world)
      checker.expect(false, "\(path) is read")
    } catch let failure as AgreedFailure {
      checker.expect(failure.exitCode == 3, "\(path): exit code \(failure.exitCode)")
      let words = failure.own.map { "\($0)" } ?? ""
      checker.expect(
        try world.allReduce(words.isEmpty ? 0 : 1, .sum) == 1, "\(path): not one message")
      let all = try world.allGather(bytes: Array(words.utf8)).flatMap { $0 }
      if world.isRoot {
        let line = String(decoding: all.map { $0 == 0x0a ? 0x20 : $0 }, as: UTF8.self)
        print("refused \(path): \(line)")
      }
    }
  }
}
