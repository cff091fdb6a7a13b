/// The numbers in the names of several files: of `part2-of-12.npy` 2 and 12.
struct FileNumbers {
  /// Those that number the files: at one place in all names, and different in each. Without leading zeros.
  private let numberings: [[Substring]]

  init(_ arrays: [StoredArray]) { self.init(names: arrays.map(\.path)) }

  init(names: [String]) {
    let numbers = names.map(Self.numbers)
    let places = numbers.map(\.count).min() ?? 0
    // By their places from the end too, since a name may begin with more words.
    let forward = (0..<places).map { place in numbers.map { $0[place] } }
    let backward = (1..<places + 1).map { place in numbers.map { $0[$0.count - place] } }
    numberings = (forward + backward).filter { Set($0).count == $0.count }
  }

  /// Which file of this list goes with one of another number in the other list, although there are files of the same
  /// numbers in both; nil where some numbering is in the same order in both, or none is alike.
  func misplaced(beside other: FileNumbers) -> Int? {
    var place: Int?
    for own in numberings {
      for others in other.numberings where Set(own) == Set(others) {
        guard own != others else { return nil }
        place = place ?? zip(own, others).prefix { $0 == $1 }.count
      }
    }
    return place
  }

  /// The numbers in the last part of a path.
  private static func numbers(in path: String) -> [Substring] {
    let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
    return name.split { !$0.isASCII || !$0.isNumber }.map { $0.drop { $0 == "0" } }
  }
}
