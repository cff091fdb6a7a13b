extension RunDirectory {
  /// The name of the newest checkpoint of the run in a directory, whole or damaged; nil where there is none.
  /// Of a range of clusterings it is that of the largest number of clusters, or its summary, if it was finished
  /// without any.
  public static func newestCheckpoint(in path: String) -> String? {
    let members = "\(path)/\(RunDirectory.membersFolder)"
    let counts = ((try? FileSystem.entries(of: members)) ?? []).compactMap { Int($0) }.sorted(by: >)
    return newestOwnCheckpoint(in: path)
      ?? counts.lazy.compactMap { clusters in
        newestState(ofMember: "\(members)/\(clusters)").map { "\(clusters)/\($0)" }
      }.first
  }

  private static func newestState(ofMember path: String) -> String? {
    newestOwnCheckpoint(in: path)
      ?? (FileSystem.exists("\(path)/summary.json") ? "summary.json" : nil)
  }

  private static func newestOwnCheckpoint(in path: String) -> String? {
    [RunUnit.step, .iteration].lazy.compactMap { unit in
      let store = CheckpointStore(directory: "\(path)/checkpoints", unit: unit)
      return (try? store.positions())?.last.map(store.name)
    }.first
  }
}
