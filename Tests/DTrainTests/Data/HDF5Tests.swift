import DTrainCore
import Launching
import XCTest

/// Runs on HDF5 files: the bytes of a run on NPY files, and one message where a file or the library is at fault.
final class HDF5Tests: XCTestCase {
  private func files() throws -> RunFolder {
    let folder = try RunFolder()
    try PythonFiles.make("make_hdf5_runs", [folder.path])
    return folder
  }

  func testTheBytesOfRunsOnNPY() throws {
    let folder = try files()
    let options = ["--epochs", "2", "--hidden", "8", "--batch", "40", "--seed", "7"]
    func model(_ ranks: Int, _ data: [String], _ labels: [String], _ weights: String) throws
      -> [UInt8]
    {
      try train(
        ranks,
        ["--data"] + data.map(folder.file)
          + (labels.isEmpty ? [] : ["--labels"] + labels.map(folder.file))
          + ["--weights", folder.file(weights)] + options, in: folder, name: data.joined())
      return try folder.bytes("run/model.safetensors")
    }
    let wanted = try model(1, ["x.npy"], ["y.npy"], "w.npy")
    for (ranks, data, labels) in [
      (1, "whole.h5", []), (2, "whole.h5:/x", ["whole.h5:/y"]), (3, "whole.h5", []),
      (5, "tree.h5:/rows/numbers", ["tree.h5:rows/labels"]),
      (2, "part-*.h5:/set/x", ["part-*.h5:/set/y"]),
    ] as [(Int, String, [String])] {
      XCTAssertEqual(try model(ranks, [data], labels, "weights.h5"), wanted, "N=\(ranks) \(data)")
    }
  }

  func testMembersByOption() throws {
    let folder = try files()
    for member in ["rows/numbers:rows/labels", "/rows/numbers:/rows/labels"] {
      _ = try run([
        "mlp", "--data", folder.file("tree.h5"), "--member", member, "--epochs", "1", "--out",
        folder.file("run"), "--overwrite",
      ])
    }
    let refused = try run(
      ["mlp", "--data", folder.file("tree.h5"), "--out", folder.file("none")], expecting: 3)
    for word in ["has no member x or x_train", "rows/labels, rows/numbers", "--member"] {
      XCTAssert(refused.error.contains(word), refused.error)
    }
    XCTAssertFalse(folder.has("none"))
  }

  func testTrainedModelsReadHDF5Too() throws {
    let folder = try files()
    try train(1, ["--data", folder.file("whole.h5"), "--epochs", "1"], in: folder, name: "whole")
    for (data, output) in [("x.npy", "npy.npy"), ("whole.h5:/x", "h5.npy")] {
      _ = try run([
        "predict", "--model", folder.file("run"), "--data", folder.file(data), "--output",
        folder.file(output),
      ])
    }
    XCTAssertEqual(try folder.bytes("npy.npy"), try folder.bytes("h5.npy"))
    _ = try run(["evaluate", "--model", folder.file("run"), "--data", folder.file("whole.h5")])
    // A dataset's file is read, and so never overwritten.
    let before = try folder.bytes("whole.h5")
    _ = try run(
      [
        "predict", "--model", folder.file("run"), "--data", folder.file("whole.h5:/x"), "--output",
        folder.file("whole.h5"),
      ], expecting: 2)
    XCTAssertEqual(try folder.bytes("whole.h5"), before)
  }

  func testInfoListsDatasets() throws {
    let folder = try files()
    let text = try run(["info", folder.file("whole.h5"), folder.file("tree.h5:/rows/labels")])
    for word in [
      "[401, 6]", "float64", "chunks", "[37, 4]", "shuffle, gzip 4, fletcher32", "notes",
      "contiguous",
    ] {
      XCTAssert(text.output.contains(word), "\(word) is not in \(text.output)")
    }
    let result = try run(["info", "--json", folder.file("tree.h5")])
    let facts = try XCTUnwrap(JSON(parsing: Array(result.output.utf8))[0])
    XCTAssertEqual(facts["rows/numbers"]?["chunks"], [23, 6])
    XCTAssertEqual(facts["rows/numbers"]?["byte_order"], "big-endian")
    XCTAssertEqual(facts["rows/labels"]?["layout"], "contiguous")
    XCTAssertEqual(facts["members_without_numbers"], ["/names"])
  }

  func testFaultsOfFiles() throws {
    for ranks in [1, 3] {
      for (name, data, words) in [
        ("a cut file", "cut.h5", ["cut.h5", "truncated"]),
        ("a damaged chunk", "damaged.h5", ["damaged.h5 ('/x')", "rows", "hecksum"]),
        ("text", "tree.h5:/names", ["tree.h5 ('/names')", "text"]),
        ("no dataset", "whole.h5:/z", ["no dataset '/z'", "x, y"]),
      ] {
        var bad = BadInput(name, 3, words)
        bad.spoil = { try PythonFiles.make("make_hdf5_runs", [$0.path]) }
        bad.arguments = ["--data", data, "--epochs", "1"]
        try check(bad, ranks: ranks)
      }
    }
  }

  /// The library is hidden on one rank by files of its names that hold nothing.
  func testAMissingLibrary() throws {
    for (name, ranks, rank) in [("everywhere", 1, 0), ("on one node", 3, 2)] {
      var bad = BadInput(
        "libhdf5 missing \(name)", 3,
        ["libhdf5 1.10 or later is not found", "apt-get install libhdf5"])
      bad.spoil = { folder in
        try PythonFiles.make("make_hdf5_runs", [folder.path])
        for name in ["libhdf5_serial.so", "libhdf5.so"] {
          for ending in ["", ".320", ".310", ".200", ".103", ".101", ".100"] {
            try folder.write([], "hidden/\(name)\(ending)")
          }
        }
      }
      bad.arguments = ["--data", "whole.h5", "--epochs", "1"]
      bad.preludes = [rank: "export LD_LIBRARY_PATH=$PWD/hidden:$LD_LIBRARY_PATH"]
      try check(bad, ranks: ranks)
    }
    var chosen = BadInput("a library of another name", 3, ["DTRAIN_HDF5", "/no/such.so"])
    chosen.spoil = { try PythonFiles.make("make_hdf5_runs", [$0.path]) }
    chosen.arguments = ["--data", "whole.h5", "--epochs", "1"]
    chosen.environment = ["DTRAIN_HDF5": "/no/such.so"]
    try check(chosen, ranks: 3)
  }
}
