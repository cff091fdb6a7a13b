import DTrainCore
import DTrainDist

let dataCases = [Case(name: "describe-data", body: describe)]

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
