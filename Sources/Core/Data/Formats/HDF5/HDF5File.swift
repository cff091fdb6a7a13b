/// An HDF5 file that is open for reading, without locks: who writes it elsewhere is not disturbed, nor waited for.
struct HDF5File {
  let library: HDF5Library
  /// The file in a message.
  let name: String
  /// The file in the system, which for a pipe is its copy.
  private let path: String
  private let file: HDF5Object

  /// Links that are followed in search of data sets.
  static let mostLinks = 1 << 16

  /// Opens a file.
  ///
  /// - Throws: `TrainerError` (bad data) where the library is missing, or says that the file is damaged.
  init(path: String) throws(TrainerError) {
    library = try HDF5Library.loaded()
    let functions = library.functions
    name = path.printable
    let copy = SpooledFiles.path(of: path)
    self.path = copy ?? path
    let readOnly: UInt32 = 0
    do throws(HDF5Failure) {
      let access = try HDF5Object(
        functions.createList(library.fileAccess), functions.closeList, library)
      if let lock = functions.setFileLocking { try library.check(lock(access.id, false, true)) }
      // The usual driver looks for the name that a link leads to; a pipe's copy has none.
      if copy != nil { try library.check(functions.useStreams(access.id)) }
      file = try HDF5Object(
        functions.openFile(self.path.system, readOnly, access.id), functions.closeFile, library)
    } catch {
      throw TrainerError(
        .badData,
        "\(name) cannot be opened as an HDF5 file: \(error.reason); let whatever writes it finish, copy or download it "
          + "again, or use a newer libhdf5 than \(library.version.map(String.init).joined(separator: "."))"
      )
    }
  }

  /// Opens a data set by its path in the file.
  ///
  /// - Throws: `TrainerError` (bad data) where there is none, or where it lies in another file.
  func dataset(_ member: String) throws(TrainerError) -> HDF5Dataset {
    guard let found = try? object(member) else {
      let all = try datasets().map { String($0.dropFirst()) }
      throw TrainerError(
        .badData,
        "\(name) has no dataset '\(member.printable)' (it has: \(MemberNames.listed(all))); name one of these, as "
          + "FILE:/\(all.first?.printable ?? "DATASET")")
    }
    guard kind(of: found) == .dataset else {
      let inner = try datasets().filter {
        $0.hasPrefix(member.hasSuffix("/") ? member : "\(member)/")
      }
      throw TrainerError(
        .badData,
        "\(name): '\(member.printable)' is a group or a type, not a dataset; name a dataset"
          + (inner.isEmpty ? "" : " in it: \(MemberNames.listed(inner))"))
    }
    let holder = fileName(of: found)
    guard holder == path else {
      throw TrainerError(
        .badData,
        "\(name): '\(member.printable)' is a link to the file \(holder.printable); name that file itself"
      )
    }
    return try describe(member)
  }

  /// What is said of something that is known to be a data set.
  func describe(_ dataset: String) throws(TrainerError) -> HDF5Dataset {
    try HDF5Dataset(dataset, in: self)
  }

  /// The paths of all data sets, those at the top first, then by depth and name. Links to other files are not followed,
  /// nor are groups that hold themselves; beyond ``mostLinks`` links the rest is left out.
  ///
  /// - Throws: `TrainerError` (bad data) for a group that is damaged.
  /// - Complexity: O(links)
  func datasets() throws(TrainerError) -> [String] {
    var found: [String] = []
    // Groups still to be searched, with the places of those that they lie in.
    var groups: [(path: String, places: [[UInt8]])] = [("/", [])]
    var next = 0
    var links = 0
    while next < groups.count, links < Self.mostLinks {
      let (path, places) = groups[next]
      next += 1
      let contents: (place: [UInt8], links: [HDF5Link])
      do throws(HDF5Failure) {
        let group = try object(path)
        contents = (try place(of: group), try self.links(of: group))
      } catch {
        throw damaged(path, error)
      }
      if places.contains(contents.place) { continue }
      for link in contents.links where links < Self.mostLinks {
        links += 1
        let inner = path == "/" ? "/\(link.name)" : "\(path)/\(link.name)"
        let object: HDF5Object
        do throws(HDF5Failure) { object = try self.object(inner) } catch {
          // A soft link may lead nowhere.
          if link.isHard { throw damaged(inner, error) }
          continue
        }
        switch kind(of: object) {
        case .dataset: found.append(inner)
        case .group: groups.append((inner, places + [contents.place]))
        case nil: continue
        }
      }
    }
    return found
  }

  /// Opens what stands at a path.
  private func object(_ path: String) throws(HDF5Failure) -> HDF5Object {
    try HDF5Object(
      library.functions.openObject(file.id, path.system, 0), library.functions.closeObject, library)
  }

  /// Opens what is known to be a data set, as `access` says.
  func open(
    _ dataset: String, _ access: HDF5Functions.ID = 0
  ) throws(HDF5Failure) -> HDF5Object {
    try HDF5Object(
      library.functions.openDataset(file.id, dataset.system, access),
      library.functions.closeDataset, library)
  }

  private enum Kind: Int32 { case group = 2, dataset = 5 }

  private func kind(of object: HDF5Object) -> Kind? {
    Kind(rawValue: library.functions.objectType(object.id))
  }

  /// What tells a group from all others of its file.
  private func place(of group: HDF5Object) throws(HDF5Failure) -> [UInt8] {
    // More than any version writes; before the place stands the number of the file.
    var info = [UInt8](repeating: 0, count: 1024)
    let code = info.withUnsafeMutableBytes {
      library.functions.objectInfo(group.id, $0.baseAddress!)
    }
    try library.check(code)
    return Array(info[8..<16])
  }

  /// The name of the file that holds an object, as it was opened.
  private func fileName(of object: HDF5Object) -> String {
    let count = max(0, library.functions.fileName(object.id, nil, 0))
    var bytes = [CChar](repeating: 0, count: count + 1)
    _ = library.functions.fileName(object.id, &bytes, bytes.count)
    return String(system: bytes)
  }

  /// The links of a group by name, but for those to other files.
  private func links(of group: HDF5Object) throws(HDF5Failure) -> [HDF5Link] {
    var links: [HDF5Link] = []
    let (byName, increasing): (Int32, Int32) = (0, 0)
    let code = withUnsafeMutablePointer(to: &links) { links in
      library.functions.iterateLinks(group.id, byName, increasing, nil, noteLink, links)
    }
    try library.check(code)
    return links
  }

  /// The error of a group or data set whose description cannot be read.
  func damaged(_ path: String, _ failure: HDF5Failure) -> TrainerError {
    TrainerError(
      .badData,
      "\(name) ('\(path.printable)') cannot be read: \(failure.reason); the file is damaged, or newer than libhdf5 "
        + "\(library.version.map(String.init).joined(separator: ".")) here: copy or download it again, or write it with "
        + "libver=('v110', 'v110')")
  }
}

/// A name in a group.
private struct HDF5Link {
  let name: String
  /// Whether it is what it names, rather than a path to that.
  let isHard: Bool
}

/// Adds a link within the file to the list to which `links` points.
private func noteLink(
  _ group: HDF5Functions.ID, _ name: UnsafePointer<CChar>?, _ link: UnsafeRawPointer?,
  _ links: UnsafeMutableRawPointer?
) -> Int32 {
  // Hard links are 0, soft ones 1, those to other files and others more.
  guard let name, let kind = link?.load(as: Int32.self), kind <= 1 else { return 0 }
  links!.assumingMemoryBound(to: [HDF5Link].self).pointee
    .append(HDF5Link(name: String(system: name), isHard: kind == 0))
  return 0
}
