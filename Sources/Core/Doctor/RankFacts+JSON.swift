extension RankFacts {
  /// The facts as they travel.
  package var json: JSON {
    [
      "rank": .integer(rank), "node": .integer(node), "host": .string(host),
      "cores": .array(cores.map { .integer($0) }), "machine_cores": .integer(machineCores),
      "quota": quota.map { .number($0) } ?? .null, "kernel_class": .string(kernelClass),
      "blas_threads": .integer(blasThreads), "instruction_set": .string(instructionSet),
      "memory_available": .integer(memoryAvailable),
      "shared_size": sharedSize.map { .integer($0) } ?? .null,
      "shared_free": sharedFree.map { .integer($0) } ?? .null, "load": .number(load),
      "interfaces": .array(interfaces.map { .string($0) }),
      "names_interfaces": .bool(namesInterfaces), "gigaflops": .number(gigaflops),
    ]
  }

  /// The facts that arrived; nil for anything else.
  package init?(_ json: JSON) {
    guard let rank = json["rank"]?.int, let node = json["node"]?.int, let host = json["host"]?.text,
      let kernelClass = json["kernel_class"]?.text, let threads = json["blas_threads"]?.int
    else { return nil }
    self.init()
    self.rank = rank
    self.node = node
    self.host = host
    self.kernelClass = kernelClass
    blasThreads = threads
    cores = json["cores"]?.items?.compactMap(\.int) ?? []
    machineCores = json["machine_cores"]?.int ?? 1
    quota = json["quota"]?.double
    instructionSet = json["instruction_set"]?.text ?? ""
    memoryAvailable = json["memory_available"]?.int ?? 0
    sharedSize = json["shared_size"]?.int
    sharedFree = json["shared_free"]?.int
    load = json["load"]?.double ?? 0
    interfaces = json["interfaces"]?.items?.compactMap(\.text) ?? []
    namesInterfaces = json["names_interfaces"]?.flag ?? false
    gigaflops = json["gigaflops"]?.double ?? 0
  }
}
