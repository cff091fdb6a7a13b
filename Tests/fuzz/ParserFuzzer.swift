import DTrainDist
import Glibc

@testable import DTrainBase
@testable import DTrainClustering
@testable import DTrainData
@testable import DTrainNetworks
@testable import DTrainRuns

/// Hands bytes to one parser, which `DTRAIN_FUZZ_PARSER` names. It may refuse them; it must not trap, read
/// beyond them, or take memory that they only claim to need.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: count == 0 ? nil : start, count: count))
  do {
    try parse(bytes)
  } catch {
    // Refused, in words that must be there.
    precondition(!"\(error)".isEmpty)
  }
  return 0
}

private let parse: ([UInt8]) throws -> Void = {
  let name = getenv("DTRAIN_FUZZ_PARSER").map { String(cString: $0) } ?? ""
  switch name {
  case "json": return { _ = try JSON(parsing: $0).pretty }
  case "config":
    return { bytes in
      let json = try JSON(parsing: bytes)
      _ = try? MLPConfiguration().recalled(from: json)
      _ = try? ClusterConfiguration(.kmedians, clusters: 1).recalled(from: json)
      _ = try DataCatalog.Options(recorded: json, in: "inputs.json")
    }
  case "manifest": return { _ = try CheckpointManifest(decoding: $0).encoded() }
  case "safetensors":
    return { bytes in
      let length = try TensorLayout.headerCount(bytes.prefix(9), fileSize: bytes.count)
      _ = try TensorLayout(header: Array(bytes[8..<8 + length]), fileSize: bytes.count)
    }
  case "weights":
    return { bytes in _ = try InitialModel.read(memoryFile(bytes).path, among: .solo) }
  case "npy": return { _ = try NPYFormat.parse($0, name: "x") }
  case "idx": return { _ = try IDXFormat.parse($0, name: "x") }
  case "npz":
    return { bytes in
      let file = try memoryFile(bytes)
      let zip = try ZipDirectory(of: file, name: "x")
      for member in zip.members { _ = try zip.range(of: member, in: file, name: "x") }
    }
  case "gzip":
    return { bytes in
      let file = try memoryFile(bytes)
      let stream = try InflateStream(
        file: file, range: 0..<bytes.count, wrapping: .gzip, name: "x")
      try withUnsafeTemporaryAllocation(byteCount: 1 << 12, alignment: 1) { buffer in
        for _ in 0..<64 where try stream.read(into: buffer) < buffer.count { return }
      }
    }
  case "libsvm":
    return { bytes in
      let file = try memoryFile(bytes)
      _ = SparseLine.begins(bytes, isWhole: true)
      let catalog = try DataCatalog.open(
        .init(data: [file.path], format: DataFormat(SparseFormat.libsvm)), topology: .solo())
      for source in [catalog.train, catalog.trainTargets!] where source.columns < 1 << 16 {
        _ = try source.readDoubles(source.rows / 2..<source.rows, topology: .solo())
      }
    }
  case "table":
    return { bytes in
      let file = try memoryFile(bytes)
      var options = DataCatalog.Options(data: [file.path], format: DataFormat(TableFormat.csv))
      // A byte says what is asked of the columns.
      let kind = bytes.last ?? 0
      options.columns.missing = kind % 3 == 0 ? nil : kind % 3 == 1 ? .mean : .drop
      if kind & 4 != 0 { options.columns.target = kind & 128 != 0 ? "-1,0" : "-1" }
      if kind & 8 != 0 { options.hasHeader = kind & 16 != 0 }
      if kind & 32 != 0 { options.delimiter = UInt8(ascii: ";") }
      (options.keepsTexts, options.copiesTexts) = (kind & 64 != 0, kind & 64 != 0)
      let catalog = try DataCatalog.open(options, topology: .solo())
      for source in [catalog.train, catalog.trainTargets].compactMap({ $0 }) {
        _ = try source.readDoubles(source.rows / 2..<source.rows, topology: .solo())
      }
      _ = catalog.schema.flatMap { TableSchema(recorded: $0.json) }
    }
  default: fatalError("DTRAIN_FUZZ_PARSER=\(name) names no parser")
  }
}()

/// A file of these bytes, without a name; one for the whole process.
private func memoryFile(_ bytes: [UInt8]) throws -> DataFile {
  ftruncate(descriptor, 0)
  pwrite(descriptor, bytes, bytes.count, 0)
  return try DataFile(path: "/proc/self/fd/\(descriptor)")
}
private let descriptor: Int32 = {
  var path = Array("/tmp/dtrain-fuzz-XXXXXX".utf8CString)
  let file = mkstemp(&path)
  unlink(path)
  return file
}()
