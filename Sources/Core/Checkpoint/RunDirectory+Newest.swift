extension RunDirectory {
  /// The name of the newest checkpoint of the run in a directory, whole or damaged; nil where there is none.
  public static func newestCheckpoint(in path: String) -> String? {
    ["step", "iteration"].lazy.compactMap { unit in
      let store = CheckpointStore(directory: "\(path)/checkpoints", unit: unit)
      return (try? store.positions())?.last.map(store.name)
    }.first
  }
}
