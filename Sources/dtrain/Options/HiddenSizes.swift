import ArgumentParser

/// The units of each hidden layer: `200`, `512,256`, or `none`.
struct HiddenSizes: ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    if argument == "none" || argument == "0" {
      sizes = []
      return
    }
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 1 }) else { return nil }
    sizes = numbers
  }
}
