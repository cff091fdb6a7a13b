import XCTest

@testable import DTrainNetworks

/// Orders of layers, compared with all permutations.
final class LayerChainTests: XCTestCase {
  private func permutations(_ items: [Int]) -> [[Int]] {
    items.isEmpty
      ? [[]]
      : items.flatMap { first in permutations(items.filter { $0 != first }).map { [first] + $0 } }
  }

  private func expected(_ links: [LayerChain.Link]) -> LayerChain.Orders {
    let orders = permutations(Array(links.indices)).filter { order in
      LayerChain.holds(order.map { links[$0] })
    }
    return orders.count > 1 ? .several : orders.first.map { .one($0) } ?? .none
  }

  /// Every list of up to four layers between three widths, and five between two.
  func testAllSmallLists() {
    var found = (none: 0, one: 0, several: 0)
    for (widths, most) in [(3, 4), (2, 5)] {
      let kinds = (0..<widths * widths).map { ($0 / widths, $0 % widths) }
      var lists: [[LayerChain.Link]] = [[]]
      for _ in 0..<most {
        lists = lists.flatMap { list in kinds.map { list + [$0] } }
        for links in lists {
          let orders = LayerChain.orders(of: links)
          XCTAssertEqual(orders, expected(links), "\(links)")
          switch orders {
          case .none: found.none += 1
          case .one: found.one += 1
          case .several: found.several += 1
          }
        }
      }
    }
    XCTAssertTrue(found.none > 100 && found.one > 100 && found.several > 100, "\(found)")
  }

  /// What a search through all orders would not end with.
  func testManyLayers() {
    let chain = (0..<200).map { ($0, $0 + 1) }
    XCTAssertEqual(LayerChain.orders(of: chain.reversed()), .one((0..<200).reversed()))
    let square = [(inputs: Int, outputs: Int)](repeating: (64, 64), count: 200)
    XCTAssertEqual(LayerChain.orders(of: square), .several)
    XCTAssertEqual(LayerChain.orders(of: square + [(3, 4)]), .none)
    XCTAssertEqual(LayerChain.orders(of: [(64, 10)] + square + [(5, 64)]), .several)
  }
}
