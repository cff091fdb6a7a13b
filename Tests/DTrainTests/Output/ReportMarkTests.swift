import XCTest

@testable import DTrainExport
@testable import dtrain

/// The marks that reports are drawn with.
final class ReportMarkTests: XCTestCase {
  func testMarkupIsEscaped() {
    XCTAssertEqual(
      Markup.escaped("<a href=\"x\" & 'y'>\n"), "&lt;a href=&quot;x&quot; &amp; &#39;y&#39;&gt; ")
    // What commands a terminal or turns the order of letters round.
    XCTAssertEqual(
      Markup.escaped("a\u{1b}[0m\u{202e}\u{0}\u{e000}é→"),
      "a\u{fffd}[0m\u{fffd}\u{fffd}\u{fffd}é→")
    XCTAssertEqual(
      Markup.element("b", ["title": "\"><script>"], text: "<i>"),
      "<b title=\"&quot;&gt;&lt;script&gt;\">&lt;i&gt;</b>")
  }

  func testTicksAreRound() {
    let linear = Axis([0.03, 0.97])
    XCTAssertEqual(linear.labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    XCTAssertEqual(Axis([1, 6], isCounted: true).labels, ["1", "2", "3", "4", "5", "6"])
    XCTAssertEqual(Axis([4, 4], isCounted: true).labels, ["4"])
    XCTAssertEqual(Axis([3, 10], startsAtZero: true).labels, ["0", "2", "4", "6", "8", "10"])
    XCTAssertEqual(
      Axis([1.5e11, 2.5e11]).labels,
      ["1.4e11", "1.6e11", "1.8e11", "2.0e11", "2.2e11", "2.4e11", "2.6e11"])
    let rates = Axis([1e-5, 1e-2], isLogarithmic: true)
    XCTAssertEqual(
      rates.labels.filter { $0.hasPrefix("1") || $0.hasPrefix("0.01") || $0 == "0.001" }.count, 4)
    XCTAssertTrue(rates.labels.contains("0.001"), "\(rates.labels)")
    XCTAssertEqual(rates.place(1e-5), 0, accuracy: 1e-12)
    XCTAssertEqual(rates.place(1e-2), 1, accuracy: 1e-12)
  }

  /// Whatever the numbers are, ticks rise, lie in the range, have labels that differ, and are not too many.
  func testTicksOfAnyNumbers() {
    var numbers = SeededNumbers(seed: 15)
    var cases: [[Double]] = [
      [], [.nan, .infinity], [0], [-0.0, 0], [5e-324], [1e308, -1e308], [1, 1 + 2e-16], [-3, -3],
      [1e17, 1e17 + 16], [Double.greatestFiniteMagnitude], [-Double.greatestFiniteMagnitude, 1],
      [1e-320, 1e300],
    ]
    for _ in 0..<2000 {
      let scale = pow(10, Double(numbers.below(30) - 15))
      cases.append((0..<3).map { _ in Double(numbers.float()) * scale + Double(numbers.below(3)) })
    }
    for values in cases {
      for (isLogarithmic, startsAtZero, isCounted) in [
        (false, false, false), (true, false, false), (false, true, false), (false, false, true),
      ] {
        let axis = Axis(
          values, isLogarithmic: isLogarithmic, startsAtZero: startsAtZero, isCounted: isCounted)
        let words = "\(values) \(isLogarithmic) \(startsAtZero) \(isCounted): \(axis)"
        XCTAssertFalse(axis.ticks.isEmpty, words)
        XCTAssertLessThanOrEqual(axis.ticks.count, 24, words)
        XCTAssertEqual(axis.ticks.count, axis.labels.count, words)
        XCTAssertEqual(Set(axis.labels).count, axis.labels.count, words)
        XCTAssertTrue(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 }, words)
        for value in values + axis.ticks where axis.shows(value) {
          let place = axis.place(value)
          XCTAssertTrue((-1e-9...1 + 1e-9).contains(place), "\(value) at \(place) of \(words)")
        }
      }
    }
  }

  /// Many points become few, and none of the extremes is lost.
  func testThinningKeepsExtremes() {
    var points = (0..<100_000).map { (x: Double($0), y: Double(($0 * 7919) % 1000)) }
    points[4567].y = 1e6
    points[76543].y = -1e6
    let thinned = LineChart.thinned(points)
    XCTAssertLessThanOrEqual(thinned.count, 1200)
    XCTAssertTrue(thinned.contains { $0.y == 1e6 } && thinned.contains { $0.y == -1e6 })
    XCTAssertTrue(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
    XCTAssertEqual(thinned.first?.x, 0)
    XCTAssertEqual(thinned.last?.x, 99_999)
    XCTAssertEqual(LineChart.thinned(Array(points.prefix(1000))).count, 1000)
  }

  func testImageExtents() throws {
    XCTAssertNil(ImageExtents([]))
    XCTAssertNil(ImageExtents([784]))
    XCTAssertNil(ImageExtents([4, 4, 4]))
    XCTAssertNil(ImageExtents([0, 4]))
    XCTAssertEqual(try XCTUnwrap(ImageExtents([2, 3])).count, 6)
    // The same points, in both orders of channels.
    let planar = try XCTUnwrap(ImageExtents([3, 1, 2]))
    let mixed = try XCTUnwrap(ImageExtents([1, 2, 3]))
    let a = planar.picture([0, 10, 1, 11, 2, 12], range: 0...12, isSigned: false)
    let b = mixed.picture([0, 1, 2, 10, 11, 12], range: 0...12, isSigned: false)
    XCTAssertEqual(a.samples, b.samples)
    XCTAssertEqual(Array(a.samples[..<4]), [0, 21, 43, 255])
    // Equal values have no extent.
    let flat = try XCTUnwrap(ImageExtents([1, 2])).picture([5, 5], range: 5...5, isSigned: false)
    XCTAssertEqual(flat.samples.count, 8)
    let signed = try XCTUnwrap(ImageExtents([1, 3])).picture(
      [-2, 0, 1], range: -2...1, isSigned: true)
    XCTAssertEqual([3, 7, 11].map { signed.samples[$0] }, [255, 0, 128])
  }

  func testTemplate() {
    let template = ReportTemplate(text: "a {{x}} {b} {{y}} }}")
    // What is filled in is not searched.
    XCTAssertEqual(template.filled(["x": "{{y}}", "y": "2"]), "a {{y}} {b} 2 }}")
  }

  /// Cells are labelled all in one form, or none is.
  func testLabelsOfHeatMaps() {
    func labels(_ columns: Int, _ forms: [[String]]) -> [String] {
      let map = HeatMap(
        rowNames: ["a"], columnNames: (0..<columns).map { "\($0)" },
        shades: Array(repeating: 0.5, count: columns), notes: Array(repeating: "", count: columns),
        labels: forms)
      return map.drawing.svg(title: "t").components(separatedBy: "\"number ink\"").dropFirst().map {
        $0.components(separatedBy: ">")[1].components(separatedBy: "<")[0]
      }
    }
    // Cells of about 100, 41 and 20 units; a letter takes 6.3.
    let (long, short) = (["123.4", "1"], ["120", "1"])
    func row(_ form: [String], _ count: Int) -> [String] { (0..<count).map { form[$0 % 2] } }
    XCTAssertEqual(labels(4, [row(long, 4), row(short, 4)]), row(long, 4))
    XCTAssertEqual(labels(16, [row(long, 16), row(short, 16)]), row(short, 16))
    XCTAssertEqual(labels(30, [row(long, 30), row(short, 30)]), [])
  }

}
