extension Sequence {
  /// The elements in groups with equal keys: groups in the order of their first elements, and elements in theirs.
  ///
  /// - Complexity: O(elements · groups).
  func grouped<Key: Equatable>(
    by key: (Element) -> Key
  ) -> [(key: Key, elements: [Element])] {
    var groups: [(key: Key, elements: [Element])] = []
    for element in self {
      let own = key(element)
      if let index = groups.firstIndex(where: { $0.key == own }) {
        groups[index].elements.append(element)
      } else {
        groups.append((own, [element]))
      }
    }
    return groups
  }
}
