/// Orders of layers in which each takes as many numbers as the one before it gives.
enum LayerChain {
  /// A layer: the numbers that a row has before and behind it.
  typealias Link = (inputs: Int, outputs: Int)

  /// How many orders there are.
  enum Orders: Equatable {
    case none
    /// One, as places in the list that was given.
    case one([Int])
    case several
  }

  /// Whether layers follow each other as they are listed.
  static func holds(_ links: [Link]) -> Bool {
    zip(links, links.dropFirst()).allSatisfy { $0.outputs == $1.inputs }
  }

  /// The orders of layers, in each of which all stand once.
  ///
  /// Layers are edges between widths, and an order is a trail over all of them. Fleury's algorithm: a trail goes on by an
  /// edge if all others can be reached behind it, and so it is the only one where there never are two such edges.
  ///
  /// - Complexity: O(layers²).
  static func orders(of links: [Link]) -> Orders {
    var surplus: [Int: Int] = [:]
    for link in links {
      surplus[link.inputs, default: 0] += 1
      surplus[link.outputs, default: 0] -= 1
    }
    let uneven = surplus.filter { $0.value != 0 }
    guard uneven.isEmpty || uneven.values.sorted() == [-1, 1] else { return .none }
    // Nil on a circuit, which may begin anywhere.
    var width = uneven.first { $0.value == 1 }?.key
    var order: [Int] = []
    var rest = Set(links.indices)
    while !rest.isEmpty {
      let next = rest.filter { link in
        (width == nil || links[link].inputs == width)
          && reachesAll(rest.subtracting([link]), of: links, from: links[link].outputs)
      }
      guard let link = next.first else { return .none }
      if next.count > 1 { return .several }
      rest.remove(link)
      order.append(link)
      width = links[link].outputs
    }
    return .one(order)
  }

  /// Whether all of `rest` can be come to from a width, by layers of it.
  private static func reachesAll(_ rest: Set<Int>, of links: [Link], from width: Int) -> Bool {
    let leaving = Dictionary(grouping: rest) { links[$0].inputs }
    var (seen, waiting, reached): (Set<Int>, [Int], Int) = ([width], [width], 0)
    while let width = waiting.popLast() {
      for link in leaving[width] ?? [] {
        reached += 1
        if seen.insert(links[link].outputs).inserted { waiting.append(links[link].outputs) }
      }
    }
    return reached == rest.count
  }
}
