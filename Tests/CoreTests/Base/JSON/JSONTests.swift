import DTrainCore
import XCTest

final class JSONTests: XCTestCase {
  private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

  func testValidTexts() throws {
    let corpus: [(String, JSON)] = [
      ("null", nil), (" true ", true), ("\tfalse\r\n", false), ("0", 0), ("-1", -1),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("0.5", 0.5), ("1e3", 1000.0), ("1E+3", 1000.0), ("25e-1", 2.5), ("1.0", 1.0),
      ("1e-999", 0.0), ("5e-324", .number(.leastNonzeroMagnitude)),
      ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
      ("\"\"", ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
      (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude00""#, "😀"), ("\"é€😀\"", "é€😀"),
      (#""\u0000""#, "\0"), ("\"\u{7F}\"", "\u{7F}"),
      ("[]", []), ("[ ]", []), ("[1,2]", [1, 2]), ("[[],{}]", [[], [:]]),
      ("{}", [:]), ("{ \"a\" : 1 , \"b\":[true,null]}", ["a": 1, "b": [true, nil]]),
      ("{\"b\":1,\"a\":2}", ["b": 1, "a": 2]),
    ]
    for (text, value) in corpus { XCTAssertEqual(try parse(text), value, text) }
    XCTAssertNotEqual(try parse("1.0"), 1, "1.0 is no integer")
    guard case .number(let zero) = try parse("-0") else { return XCTFail("-0 lost its sign") }
    XCTAssertEqual(zero.sign, .minus)
  }

  func testInvalidTextsAreRefusedAtTheirByte() throws {
    let corpus: [(String, Int)] = [
      ("", 0), ("  ", 2), ("nul", 0), ("nulL", 0), ("True", 0), ("NaN", 0), ("Infinity", 0),
      ("-Infinity", 1), ("+1", 0), ("01", 0), ("-01", 1), ("-", 1), ("1.", 2), (".5", 0),
      ("1e", 2), ("1e+", 3), ("0x1", 1), ("1_000", 1), ("9223372036854775808", 0),
      ("-9223372036854775809", 0), ("1e999", 0), ("-1e999", 0), ("1 2", 2), ("[1,]", 3),
      ("[,1]", 1), ("[1 2]", 3), ("[", 1), ("[1", 2), ("]", 0), ("[1}", 2), ("{", 1),
      ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7), ("{a:1}", 1), ("{1:1}", 1),
      ("{'a':1}", 1), ("{\"a\":1,\"a\":1}", 7), ("{\"a\":1,\"\\u0061\":2}", 7), ("{\"a\" 1}", 5),
      ("\"", 1), ("\"a", 2), ("\"\\", 2), ("\"\\x\"", 1), ("\"\\u12\"", 5), ("\"\\u12G4\"", 5),
      ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1), ("\"\\ud800x\"", 1),
      ("\"\n\"", 1), ("\"\0\"", 1), ("null\0", 4), ("// c\n1", 0), ("[1]]", 3), ("\u{FEFF}1", 0),
      ("\u{A0}1", 0),
    ]
    for (text, offset) in corpus {
      XCTAssertThrowsError(try parse(text), text) {
        XCTAssertEqual(($0 as? JSON.ParseError)?.offset, offset, "\(text): \($0)")
      }
    }
  }

  func testInvalidUTF8IsRefusedAtItsByte() {
    let sequences: [[UInt8]] = [
      [0x80], [0xC3], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xFF],
    ]
    for sequence in sequences {
      XCTAssertThrowsError(try JSON(parsing: Array("[\"é".utf8) + sequence + Array("\"]".utf8))) {
        XCTAssertEqual(($0 as? JSON.ParseError)?.offset, 4, "\(sequence)")
      }
      XCTAssertThrowsError(try JSON(parsing: sequence))
    }
  }

  func testDepthIsLimited() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(ascii: "["), count: depth)
        + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }
    XCTAssertNoThrow(try JSON(parsing: nested(64)))
    XCTAssertThrowsError(try JSON(parsing: nested(65)))
    XCTAssertThrowsError(try JSON(parsing: nested(1_000_000)))
    XCTAssertThrowsError(try JSON(parsing: nested(3), maximumDepth: 2))
  }

  private let sample: JSON = [
    "name": "a \"quoted\" \\ \u{1} é😀\n", "none": nil, "flags": [true, false],
    "layers": [784, 200, 10], "rate": 0.1, "nested": [["deep": [[1], []]], [:]], "empty": [],
  ]

  func testEveryTruncationIsRefused() throws {
    let bytes = Array(sample.compact.utf8)
    for count in 0..<bytes.count {
      XCTAssertThrowsError(try JSON(parsing: Array(bytes[..<count])), "\(count) bytes")
    }
  }

  func testEveryBitFlipEndsInAValueOrAnError() throws {
    let bytes = Array(sample.compact.utf8)
    var refused = 0
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      do throws(JSON.ParseError) {
        let value = try JSON(parsing: damaged)
        XCTAssertEqual(try? JSON(parsing: Array(value.compact.utf8)), value)
      } catch {
        refused += 1
        XCTAssertTrue((0...bytes.count).contains(error.offset))
      }
    }
    XCTAssertGreaterThan(refused, bytes.count)
  }

  func testRoundTripKeepsValuesAndBytes() throws {
    XCTAssertEqual(try parse(sample.compact), sample)
    XCTAssertEqual(try parse(sample.pretty), sample)
    XCTAssertEqual(try parse(sample.pretty).pretty, sample.pretty)
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Double(bitPattern: state)
      guard number.isFinite else { continue }
      let read = try parse(JSON.number(number).compact)
      guard case .number(let value) = read else { return XCTFail("\(number) became \(read)") }
      XCTAssertEqual(value.bitPattern, number.bitPattern)
    }
  }

  func testWritersForm() {
    XCTAssertEqual(
      sample.compact,
      #"{"name":"a \"quoted\" \\ \u0001 é😀\n","none":null,"flags":[true,false],"#
        + #""layers":[784,200,10],"rate":0.1,"nested":[{"deep":[[1],[]]},{}],"empty":[]}"#)
    let value: JSON = ["a": 1, "list": [1, 2], "rows": [[1], ["k": nil]], "none": [:]]
    XCTAssertEqual(
      value.pretty,
      """
      {
        "a": 1,
        "list": [1, 2],
        "rows": [
          [1],
          {
            "k": null
          }
        ],
        "none": {}
      }

      """)
    let numbers: JSON = [
      .number(.nan), .number(.infinity), .number(-.infinity), -0.0, 1.0, 1e16, 1e-7, .integer(.min),
    ]
    XCTAssertEqual(numbers.compact, "[null,null,null,-0.0,1.0,1e+16,1e-07,-9223372036854775808]")
  }

  func testAccessors() throws {
    XCTAssertEqual(sample["layers"]?[1]?.int, 200)
    XCTAssertNil(sample["layers"]?[3])
    XCTAssertNil(sample["layers"]?[-1])
    XCTAssertNil(sample["missing"])
    XCTAssertEqual(sample["rate"]?.double, 0.1)
    XCTAssertNil(sample["rate"]?.int)
    XCTAssertEqual(sample["layers"]?[0]?.double, 784)
    XCTAssertEqual(sample["none"]?.isNull, true)
    XCTAssertEqual(sample["flags"]?.items?.compactMap(\.flag), [true, false])
    XCTAssertEqual(sample["name"]?.text?.first, "a")
    XCTAssertEqual(sample.members?.map(\.key).prefix(2), ["name", "none"])
  }
}
