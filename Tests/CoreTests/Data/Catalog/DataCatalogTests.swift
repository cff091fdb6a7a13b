import DTrainDist
import XCTest

@testable import DTrainData

/// What the options of the command line find, alone and together.
final class DataCatalogTests: XCTestCase {
  private func matrix(_ rows: Int, _ columns: Int, from first: Int = 0) -> [UInt8] {
    Fixture.npy(
      "<f4", [rows, columns],
      payload: (0..<rows * columns).flatMap { Fixture.bytes(Float(first + $0).bitPattern) })
  }

  private func vector(_ values: [Int64]) -> [UInt8] {
    Fixture.npy("<i8", [values.count], payload: values.flatMap { Fixture.bytes($0) })
  }

  func testNumPyDefaultsNeedNoConversion() throws {
    let directory = try FixtureDirectory()
    let x = try directory.write(
      Fixture.npy(
        "<f8", [3, 2], payload: (1...6).flatMap { Fixture.bytes(Double($0).bitPattern) }),
      "X.npy")
    let y = try directory.write(vector([2, 0, 1]), "y.npy")
    let catalog = try open([x], labels: [y], testData: [x], testLabels: [y])
    XCTAssertEqual(catalog.train.storedType, "float64")
    XCTAssertEqual(catalog.train.element, .float32)
    XCTAssertEqual(catalog.train.shape, [3, 2])
    XCTAssertEqual(catalog.trainTargets?.storedType, "int64")
    XCTAssertEqual(try catalog.trainTargets?.readLabels(0..<3, topology: .solo()), [2, 0, 1])
    XCTAssertEqual(try catalog.testTargets?.readValues(1..<3, topology: .solo()), [0, 1])
    XCTAssertEqual(
      try catalog.test?.readRows(1..<2, topology: .solo()).values, [3, 4])
    XCTAssertNil(try open([x]).trainTargets)
    XCTAssertNil(try open([x]).test)
  }

  func testArchivesBringTheirParts() throws {
    let directory = try FixtureDirectory()
    for (rows, targets) in [("x", "y"), ("X", "Y"), ("x_train", "y_train"), ("x", "y_train")] {
      for deflated in [false, true] {
        let path = try directory.write(
          Fixture.zip(
            [
              ("\(rows).npy", matrix(4, 2)), ("\(targets).npy", vector([3, 2, 1, 0])),
              ("x_test.npy", matrix(2, 2, from: 90)), ("y_test.npy", vector([7, 8])),
              ("comment.txt", Array("hello".utf8)),
            ], deflated: deflated), "data.npz")
        let catalog = try open([path])
        XCTAssertEqual(
          try catalog.train.readRows(0..<4, topology: .solo()).values, (0..<8).map(Float.init))
        XCTAssertEqual(
          try catalog.trainTargets?.readLabels(0..<4, topology: .solo()), [3, 2, 1, 0])
        XCTAssertEqual(
          try catalog.test?.readRows(0..<2, topology: .solo()).values, [90, 91, 92, 93])
        XCTAssertEqual(try catalog.testTargets?.readLabels(0..<2, topology: .solo()), [7, 8])
        // An option wins over what the archive brings.
        let other = try directory.write(vector([9, 9, 9, 9]), "other.npy")
        let explicit = try open([path], labels: [other])
        XCTAssertEqual(
          try explicit.trainTargets?.readLabels(0..<4, topology: .solo()), [9, 9, 9, 9])
      }
    }
    // The only member serves under any name.
    let only = try directory.write(Fixture.zip([("arr_0.npy", matrix(4, 2))]), "only.npz")
    let labels = try directory.write(Fixture.zip([("arr_0.npy", vector([1, 2, 3, 4]))]), "l.npz")
    let catalog = try open([only], labels: [labels])
    XCTAssertEqual(catalog.train.rows, 4)
    XCTAssertEqual(try catalog.trainTargets?.readLabels(0..<4, topology: .solo()), [1, 2, 3, 4])
  }

  func testSeveralFilesAreOneInTheOrderGiven() throws {
    let directory = try FixtureDirectory()
    let third = try directory.write(Fixture.gzip(matrix(2, 3, from: 9)), "part-3.npy.gz")
    let first = try directory.write(matrix(1, 3), "part-1.npy")
    let second = try directory.write(Fixture.zip([("x.npy", matrix(2, 3, from: 3))]), "part-2.npz")
    _ = try directory.write(matrix(2, 3, from: 3), "part-2.npy")
    let parts: [Range<Float>] = [0..<3, 3..<9, 9..<15].map {
      Float($0.lowerBound)..<Float($0.upperBound)
    }
    for (data, order) in [
      ([third, first, "\(directory.path)/part-2.npy"], [2, 0, 1]),
      (["\(directory.path)/part-*.npy*"], [0, 1, 2]),
      (["\(directory.path)/part-[13].npy*", "\(directory.path)/part-2.npy"], [0, 2, 1]),
    ] {
      let all = order.flatMap {
        Array(stride(from: parts[$0].lowerBound, to: parts[$0].upperBound, by: 1))
      }
      let source = try open(data).train
      XCTAssertEqual(source.rows, 5)
      for low in 0...5 {
        for high in low...5 {
          XCTAssertEqual(
            try source.readRows(low..<high, topology: .solo()).values,
            Array(all[low * 3..<high * 3]))
        }
      }
    }
    assertFails(.badData, ["no file matches"]) { _ = try open(["\(directory.path)/none-*.npy"]) }
    assertFails(.badData, ["archive"]) { _ = try open([first, second]) }
    let wide = try directory.write(matrix(1, 4), "wide.npy")
    assertFails(.badData, ["3 columns", "4 of float32"]) { _ = try open([first, wide]) }
    let bytes = try directory.write(Fixture.npy("|u1", [1, 3], payload: [1, 2, 3]), "bytes.npy")
    assertFails(.badData, ["float32", "uint8"]) { _ = try open([first, bytes]) }
    // A name with a pattern's characters stands for itself.
    let odd = try directory.write(matrix(1, 3), "odd[1]*.npy")
    XCTAssertEqual(try open([odd]).train.rows, 1)
  }

  func testLabelColumn() throws {
    let directory = try FixtureDirectory()
    let path = try directory.write(matrix(2, 3), "data.npy")
    for (text, labels, rest) in [
      ("0", [0, 3], [1, 2, 4, 5]), ("1", [1, 4], [0, 2, 3, 5]), ("-1", [2, 5], [0, 1, 3, 4]),
    ] as [(String, [Int32], [Float])] {
      let catalog = try open([path], testData: [path], target: text)
      for (rows, targets) in [
        (catalog.train, catalog.trainTargets), (catalog.test!, catalog.testTargets),
      ] {
        XCTAssertEqual(rows.columns, 2)
        XCTAssertEqual(try rows.readRows(0..<2, topology: .solo()).values, rest)
        XCTAssertEqual(try targets!.readLabels(0..<2, topology: .solo()), labels)
      }
    }
    assertFails(.usage, ["0 to 2"]) { _ = try open([path], target: "3") }
    assertFails(.usage, ["0 to 2"]) { _ = try open([path], target: "-4") }
    assertFails(.usage, ["names"]) { _ = try open([path], target: "age") }
    assertFails(.usage, ["exclude"]) { _ = try open([path], labels: [path], target: "0") }
    let vector = try directory.write(vector([1, 2]), "vector.npy")
    assertFails(.usage, ["no other column"]) { _ = try open([vector], target: "0") }
    let archive = try directory.write(
      Fixture.zip([("x.npy", matrix(2, 3)), ("y.npy", self.vector([1, 2]))]), "data.npz")
    assertFails(.usage, ["of its own"]) { _ = try open([archive], target: "0") }
  }

  func testPartsThatDoNotFit() throws {
    let directory = try FixtureDirectory()
    let x = try directory.write(matrix(4, 2), "x.npy")
    let wide = try directory.write(matrix(4, 3), "wide.npy")
    let y = try directory.write(vector([1, 2, 3]), "y.npy")
    assertFails(.badData, ["x.npy has 4 rows", "y.npy has 3"]) { _ = try open([x], labels: [y]) }
    assertFails(.badData, ["x.npy has 2 columns", "wide.npy has 3"]) {
      _ = try open([x], testData: [wide])
    }
    assertFails(.badData, ["4 rows", "y.npy has 3"]) {
      _ = try open([x], testData: [x], testLabels: [y])
    }
    assertFails(.usage, ["test_data"]) { _ = try open([x], testLabels: [y]) }
    assertFails(.usage, ["data names no file"]) { _ = try open([]) }
    assertFails(.usage, ["is a directory"]) { _ = try open([x, directory.path]) }
  }

  func testDirectoriesNamedLikeMNIST() throws {
    let images = Fixture.idx(8, [3, 2, 2], payload: Array(0..<12))
    let labels = Fixture.idx(8, [3], payload: [2, 1, 0])
    for separator in ["-", "."] {
      for isZipped in [false, true] {
        let directory = try FixtureDirectory()
        func add(_ stem: String, _ bytes: [UInt8]) throws {
          let name = stem.replacingOccurrences(of: "#", with: separator)
          _ = try directory.write(
            isZipped ? Fixture.gzip(bytes) : bytes, name + (isZipped ? ".gz" : ""))
        }
        assertFails(.badData, ["train-images-idx3-ubyte and train-labels-idx1-ubyte"]) {
          _ = try open([directory.path])
        }
        try add("train-images#idx3-ubyte", images)
        assertFails(.badData, ["lacks train-labels-idx1-ubyte "]) { _ = try open([directory.path]) }
        try add("train-labels#idx1-ubyte", labels)
        XCTAssertNil(try open([directory.path]).test)
        try add("t10k-labels#idx1-ubyte", labels)
        assertFails(.badData, ["lacks t10k-images-idx3-ubyte "]) { _ = try open([directory.path]) }
        try add("t10k-images#idx3-ubyte", images)
        let catalog = try open([directory.path])
        XCTAssertEqual(catalog.train.shape, [3, 2, 2])
        XCTAssertEqual(catalog.train.columns, 4)
        XCTAssertEqual(catalog.train.element, .uint8)
        XCTAssertEqual(try catalog.trainTargets?.readLabels(1..<3, topology: .solo()), [1, 0])
        XCTAssertEqual(
          try catalog.test?.readRows(1..<2, topology: .solo()).values, [4, 5, 6, 7])
        XCTAssertEqual(try catalog.testTargets?.readLabels(0..<1, topology: .solo()), [2])
      }
    }
  }

  func testDirectoriesNamedLikeEMNIST() throws {
    let images = Fixture.idx(8, [3, 2, 2], payload: Array(0..<12))
    let labels = Fixture.idx(8, [3], payload: [2, 1, 0])
    let directory = try FixtureDirectory()
    func add(_ set: String) throws {
      for (kind, bytes) in [("images-idx3", images), ("labels-idx1", labels)] {
        for part in ["train", "test"] {
          _ = try directory.write(Fixture.gzip(bytes), "\(set)\(part)-\(kind)-ubyte.gz")
        }
      }
    }
    try add("emnist-letters-")
    let catalog = try open([directory.path])
    XCTAssertEqual(catalog.train.shape, [3, 2, 2])
    XCTAssertEqual(try catalog.testTargets?.readLabels(0..<3, topology: .solo()), [2, 1, 0])
    try add("emnist-digits-")
    assertFails(.badData, ["several sets", "emnist-digits-", "emnist-letters-"]) {
      _ = try open([directory.path])
    }
    // Files without a set's name come first.
    try add("")
    XCTAssertNoThrow(try open([directory.path]))
  }

  func testPartsOfSeveralWidthsOfFloats() throws {
    let directory = try FixtureDirectory()
    let narrow = try directory.write(matrix(2, 2), "a.npy")
    let wide = try directory.write(
      Fixture.npy(
        "<f8", [1, 2], payload: [7.5, 1e9 + 1].flatMap { Fixture.bytes($0.bitPattern) }),
      "b.npy")
    let half = try directory.write(
      Fixture.npy(
        "<f2", [1, 2], payload: Fixture.bytes(UInt16(0x3c00)) + Fixture.bytes(UInt16(0))),
      "c.npy")
    let source = try open([narrow, wide, half]).train
    XCTAssertEqual(source.storedType, "float64")
    XCTAssertTrue(source.isRounded)
    XCTAssertEqual(
      try source.readRows(0..<4, topology: .solo()).values, [0, 1, 2, 3, 7.5, 1e9, 1, 0])
    let integers = try directory.write(
      Fixture.npy("<i8", [1, 2], payload: [1, 2].flatMap { Fixture.bytes(Int64($0)) }), "d.npy")
    assertFails(.badData, ["d.npy"]) { _ = try open([narrow, integers]) }
  }

  func testMessagesShowNoControlCharacters() throws {
    assertFails(.badData, ["a\\x0ab\\x1b[31m"]) { _ = try open(["/nowhere/a\nb\u{1b}[31m"]) }
  }
}
