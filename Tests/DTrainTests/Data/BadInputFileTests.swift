import XCTest

/// Data files that are missing, cut, wrong or lie, on three ranks.
final class BadInputFileTests: XCTestCase {
  func testSoundFilesTrain() throws {
    let folder = try RunFolder()
    try BadInput.soundFiles(in: folder)
    for arguments in [BadInput.images, BadInput.floats, BadInput.labelled] {
      let paths = arguments.map { folder.has($0) ? folder.file($0) : $0 }
      try train(3, paths, in: folder, name: "sound files")
      XCTAssertTrue(folder.has("run/summary.json"))
    }
  }

  func testMissingFiles() throws {
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-labels-idx1"] {
      var bad = BadInput(
        "missing \(name)", 3, ["images", "t10k-labels-idx1" == name ? "t10k" : name])
      bad.spoil = { try? FileManager.default.removeItem(atPath: $0.file("images/\(name)-ubyte")) }
      try check(bad)
    }
    try check(.options("missing npy", ["--data", "none.npy"], ["none.npy"], code: 3))
    try check(
      .options(
        "missing labels", ["--data", "x.npy", "--labels", "none.npy"], ["none.npy"], code: 3))
  }

  func testImageFiles() throws {
    let images = "images/train-images-idx3-ubyte"
    let labels = "images/train-labels-idx1-ubyte"
    let testLabels = "images/t10k-labels-idx1-ubyte"
    let name = ["train-images-idx3-ubyte"]
    for bad: BadInput in [
      .file("truncated-idx", images, name) { $0.dropLast(7) },
      .file("truncated-idx-header", images, name) { Array($0.prefix(9)) },
      .file("empty-idx", images, name) { _ in [] },
      .file("over-long-idx", images, name) { $0 + [1, 2, 3] },
      .file("unknown-type-idx", images, name) {
        RunFile.idx([300, 4, 4], Array($0[16...]), type: 10)
      },
      .file("wrongly-typed-idx", images, name) {
        RunFile.idx([300, 4, 4], Array($0[16...]), type: 13)
      },
      .file("rows-that-lie-idx", images, name) { RunFile.idx([301, 4, 4], Array($0[16...])) },
      .file("overflow-idx", images, name) {
        RunFile.idx([0xffff_ffff, 0xffff_ffff, 0xffff_ffff], Array($0[16...]))
      },
      .file("other-columns-in-test", "images/t10k-images-idx3-ubyte", ["t10k-images"]) {
        RunFile.idx([60, 2, 8 / 2], Array($0[16..<16 + 480]))
      },
      .file("labels-shorter", labels, ["299", "300"]) { RunFile.idx([299], Array($0[8..<307])) },
      .file("labels-longer", labels, ["301", "300"]) { RunFile.idx([301], Array($0[8...]) + [0]) },
      .file("test-labels-shorter", testLabels, ["59", "60"]) {
        RunFile.idx([59], Array($0[8..<67]))
      },
      .file("label-outside", testLabels, ["t10k-labels", "label 3", "row 59"]) {
        $0.dropLast() + [3]
      },
    ] { try check(bad) }
  }

  func testGzippedFiles() throws {
    let path = "images/train-images-idx3-ubyte"
    for bad: BadInput in [
      .file("gzip-cut", path, ["train-images"]) { try RunFile.gzip($0).dropLast(100) },
      .file("gzip-without-its-end", path, ["train-images"]) { try RunFile.gzip($0).dropLast(4) },
      .file("gzip-corrupt", path, ["train-images"]) {
        var bytes = try RunFile.gzip($0)
        bytes[bytes.count / 2] ^= 0x55
        return bytes
      },
      .file("gzip-wrong-checksum", path, ["train-images"]) {
        var bytes = try RunFile.gzip($0)
        bytes[bytes.count - 6] ^= 1
        return bytes
      },
      .file("gzip-past-its-size", path, ["train-images"]) {
        try RunFile.gzip($0 + [UInt8](repeating: 7, count: 5_000_000))
      },
      .file("gzip-below-its-size", path, ["train-images"]) {
        try RunFile.gzip(RunFile.idx([3000, 4, 4], Array($0[16...])))
      },
      .file("gzip-with-a-tail", path, ["train-images"]) { try RunFile.gzip($0) + [1, 2, 3] },
    ] { try check(bad) }
  }

  func testNPYHeadersThatLie() throws {
    func header(_ shape: String, _ type: String = "<f4") -> String {
      "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    }
    for (name, text, word) in [
      ("overflow", header("(4294967296, 4294967296)"), "shape"),
      ("huge", header("(99999999999999999999, 5)"), "64 bits"),
      ("negative", header("(-600, 5)"), "negative"), ("object", header("(600, 5)", "|O"), "object"),
      ("too-many-rows", header("(601, 5)"), "cut off"),
      ("trailing-bytes", header("(599, 5)"), "too long"),
      ("no-shape", "{'descr': '<f4'}", "missing"),
      ("code", "__import__('os').abort()", "{"), ("text", header("(600, 5)", "<U1"), "<U1"),
    ] {
      try check(
        .file("npy-\(name)", "x.npy", ["x.npy", word], BadInput.floats) {
          RunFile.npy(header: text, Array($0.suffix(12_000)))
        })
    }
    try check(
      .file("npy-truncated", "x.npy", ["x.npy"], BadInput.floats) { $0.dropLast(1) })
    try check(.file("npy-over-long", "x.npy", ["x.npy"], BadInput.floats) { $0 + [0] })
  }

  /// Values that one rank alone reads: the first, a middle and the last one's rows.
  func testValuesOnOneRank() throws {
    let header = 12_000
    for (row, column) in [(0, 0), (299, 3), (599, 4)] {
      for (word, bits) in [("NaN", Float.nan.bitPattern), ("infinite", Float.infinity.bitPattern)] {
        try check(
          .file(
            "\(word) in row \(row)", "x.npy", ["x.npy", "row \(row), column \(column)", word],
            BadInput.floats
          ) { bytes in
            var bytes = bytes
            let place = bytes.count - header + (row * 5 + column) * 4
            for index in 0..<4 { bytes[place + index] = UInt8(bits >> (8 * index) & 255) }
            return bytes
          })
      }
      try check(
        .file(
          "negative label in row \(row)", "y.npy", ["y.npy", "label -1", "row \(row) "],
          BadInput.floats
        ) { _ in RunFile.integers((0..<600).map { $0 == row ? -1 : $0 % 3 }) })
      try check(
        .file(
          "test label outside in row \(row)", "t.npy", ["t.npy", "label 7", "row \(row) "],
          BadInput.labelled
        ) { _ in RunFile.integers((0..<600).map { $0 == row ? 7 : $0 % 3 }) })
    }
    try check(
      .file("labels of another length", "y.npy", ["599", "600"], BadInput.floats) { _ in
        RunFile.integers([Int](repeating: 1, count: 599))
      })
    try check(
      .file(
        "labels that are a matrix", "y.npy", ["y.npy", "row 0", "2 ones"],
        BadInput.floats + ["--loss", "softmax-ce"]
      ) { _ in RunFile.floats([600, 2], [Float](repeating: 1, count: 1200)) })
  }

  /// A fault near the beginning of a large file ends the reading there, on the ranks that read on too: 1.8 GB
  /// of float32, nearly all of them holes of the file system, and 600 MB gzipped.
  func testFaultInALargeFile() throws {
    for (name, rows, isGzipped) in [("plain", 900_000, false), ("gzipped", 300_000, true)] {
      let file = isGzipped ? "large.npy.gz" : "large.npy"
      var bad = BadInput("NaN in row 0, \(name)", 3, [file, "row 0, column 3", "NaN"])
      bad.arguments = ["--data", file, "--labels", "classes.npy", "--epochs", "1"]
      bad.spoil = { folder in
        let header = RunFile.npy("<f4", [rows, 500], [])
        try folder.write(
          header + [UInt8](repeating: 0, count: 12) + [0, 0, 0xc0, 0x7f], "large.npy")
        let handle = try XCTUnwrap(FileHandle(forWritingAtPath: folder.file("large.npy")))
        try handle.truncate(atOffset: UInt64(header.count + rows * 2000))
        try handle.close()
        if isGzipped { try RunFile.gzip(file: folder.file("large.npy")) }
        try folder.write(
          RunFile.npy("|u1", [rows], (0..<rows).map { UInt8($0 % 2) }), "classes.npy")
      }
      try check(bad)
    }
  }

  /// A fault in the labels is known before the rows are read.
  func testLabelsAreReadFirst() throws {
    var bad = BadInput("both", 3, ["y.npy", "label -1"])
    bad.arguments = BadInput.floats
    bad.spoil = { folder in
      try folder.write(RunFile.integers((0..<600).map { $0 == 5 ? -1 : 0 }), "y.npy")
      try folder.write(RunFile.floats([600, 5], [Float](repeating: .nan, count: 3000)), "x.npy")
    }
    try check(bad)
  }

  /// Files that one rank finds otherwise than the rest: another folder there, on nodes of their own.
  func testFilesThatDifferOnOneRank() throws {
    for rank in 0..<3 {
      for (name, change) in [
        ("missing", "rm x.npy"), ("cut", "truncate -s 5000 x.npy"),
        ("unreadable", "rm x.npy; mkdir x.npy"),
      ] {
        var bad = BadInput("\(name) on rank \(rank) alone", 3, ["x.npy", "rank \(rank) of 3"])
        bad.arguments = BadInput.floats
        bad.preludes[rank] =
          "mkdir -p other; cp x.npy y.npy other; cd other; \(change)"
        bad.environment["DTRAIN_PRETEND_NODES"] = "0,1,2"
        // The run directory lies where rank 0 stands.
        bad.arguments += ["--out", "run"]
        try check(bad)
      }
    }
  }
}
