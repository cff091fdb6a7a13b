import Foundation
import XCTest

@testable import DTrainCore
@testable import dtrain

/// `dtrain report`.
final class ReportTests: XCTestCase {
  /// Writes a report, and checks what every report must be.
  private func report(
    _ arguments: [String], _ file: String, in folder: RunFolder, line: UInt = #line
  ) throws -> String {
    let result = try run(["report"] + arguments, line: line)
    XCTAssertEqual(result.error, "", line: line)
    let html = String(decoding: try folder.bytes(file), as: UTF8.self)
    try check(html, line)
    return html
  }

  /// Markup that a strict parser reads, and that asks nothing of a network.
  private func check(_ html: String, _ line: UInt) throws {
    let bare = html.replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for word in [
      "http:", "https:", "<script", "@import", "url(", " src=", ">nan<", "\"nan\"", "{{",
    ] {
      XCTAssertFalse(bare.contains(word), "\(word) in the report", line: line)
    }
    for piece in html.components(separatedBy: "<svg").dropFirst() {
      let svg = "<svg" + piece.components(separatedBy: "</svg>")[0] + "</svg>"
      let parser = XMLTags(svg)
      XCTAssertNil(parser.problem, svg.prefix(200) + "…", line: line)
    }
    let names = Self.figures(html)
    XCTAssertEqual(Set(names).count, names.count, "\(names)", line: line)
  }

  /// The names of the figures.
  private static func figures(_ html: String) -> [String] {
    html.components(separatedBy: "<figure id=\"").dropFirst().map {
      String($0.prefix { $0 != "\"" })
    }
  }

  /// The names below a figure, but for its axis.
  private static func legend(_ html: String, _ figure: String) -> [String] {
    let svg = html.components(separatedBy: "<figure id=\"\(figure)\">")[1]
      .components(separatedBy: "</svg>")[0]
    // Samples of lines stand before the names.
    return svg.components(separatedBy: "<line class=\"line ").dropFirst().map { piece in
      let text = piece.components(separatedBy: "<text")[1]
      return text.components(separatedBy: ">")[1].components(separatedBy: "<")[0]
    }
  }

  private func columns(_ folder: RunFolder) throws {
    var text = "height,width & <depth>,weight\n"
    var numbers = SeededNumbers(seed: 4)
    for row in 0..<60 {
      let center = Float(row % 4) * 8
      let cells = (0..<2).map { _ in "\(center + numbers.float())" }
      text += cells.joined(separator: ",") + ",\(center * 3 + numbers.float())\n"
    }
    try folder.write(Array(text.utf8), "t.csv")
  }

  func testNetworksOfImages() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "mnist", train: 300, test: 100)
    let train = [
      "mlp", "--data", folder.file("mnist"), "--hidden", "8", "--epochs", "3", "--quiet",
    ]
    _ = try run(train + ["--out", folder.file("a")], ranks: 2)
    _ = try run(train + ["--learning-rate", "0.1", "--out", folder.file("b b")])
    let one = try report([folder.file("a")], "a/report.html", in: folder)
    XCTAssertEqual(
      Self.figures(one),
      [
        "loss", "accuracy", "learning-rate", "confusion", "confused", "weights", "time",
        "rank-time",
      ])
    // The examples, and a picture of each unit.
    let wrong = try XCTUnwrap(folder.json("a/summary.json")["test_errors"] as? Int)
    XCTAssertEqual(
      one.components(separatedBy: "data:image/png;base64,").count, 1 + min(24, wrong) + 8)
    XCTAssertTrue(one.contains("100 test rows"), "not said which rows")
    XCTAssertTrue(
      one.contains("mpirun -np 2 dtrain mlp --config \(folder.file("a")) --out"), "no command")
    // The report does not change what the directory is to other commands, and is written again.
    XCTAssertEqual(try report([folder.file("a")], "a/report.html", in: folder), one)

    let both = try report(
      [
        folder.file("a"), folder.file("b b"), "--output", folder.file("both.html"), "--svg",
        folder.file("p"),
      ],
      "both.html", in: folder)
    XCTAssertEqual(
      Self.figures(both),
      [
        "loss", "accuracy", "learning-rate", "time", "confusion-a", "confused-a", "weights-a",
        "rank-time-a", "confusion-b-b", "confused-b-b", "weights-b-b",
      ])
    // Each run once, each way of breaking a line once.
    XCTAssertEqual(Self.legend(both, "loss"), ["a", "b b", "training", "test"])
    XCTAssertTrue(both.contains("<th>learning-rate</th>"))
    XCTAssertTrue(both.contains("dtrain mlp --config &#39;\(folder.file("b b"))&#39; --out"))
    let pictures = try folder.files(in: "p")
    XCTAssertEqual(Set(pictures.keys), Set(Self.figures(both).map { "\($0).svg" }))
    for (name, bytes) in pictures {
      let text = String(decoding: bytes, as: UTF8.self)
      XCTAssertNil(XMLTags(text).problem, name)
      XCTAssertTrue(text.contains("<style>") && text.contains("prefers-color-scheme"), name)
    }
    // Each says of which runs it is: in its legend, or in its title.
    for (name, words) in [
      ("loss", [">Loss</text>", ">a</text>", ">b b</text>"]),
      ("learning-rate", [">a</text>", ">b b</text>"]), ("time", [">a</text>", ">b b</text>"]),
      ("confusion-a", [">Confusion matrix: a</text>"]),
      ("weights-b-b", [": b b</text>", "<title>"]),
    ] {
      let text = String(decoding: try folder.bytes("p/\(name).svg"), as: UTF8.self)
      for word in words { XCTAssertTrue(text.contains(word), "\(name): \(word)") }
    }
  }

  /// Names that are alike, or nothing but signs, name no file twice.
  func testNamesOfPictures() throws {
    let folder = try RunFolder()
    let names = ["x/a b", "x/a-b", "x/A_B", "x/é", "x/output-1"]
    for name in names {
      try folder.write(Array(#"{"command": "kmeans"}"#.utf8), "\(name)/config.json")
      try folder.write(Array(#"{"sizes": [3, 4]}"#.utf8), "\(name)/summary.json")
    }
    _ = try run(
      ["report"] + names.map(folder.file)
        + ["--output", folder.file("all.html"), "--svg", folder.file("p"), "--quiet"])
    XCTAssertEqual(
      try Set(folder.files(in: "p").keys),
      [
        "sizes-a-b.svg", "sizes-a-b-2.svg", "sizes-A-B-3.svg", "sizes-run.svg",
        "sizes-run-output-1.svg",
      ])
  }

  /// A directory stands for the runs below it, and a sweep for its points, as in its own report.
  func testSweepsAndDirectoriesOfRuns() throws {
    let folder = try RunFolder()
    try columns(folder)
    let train = ["--data", folder.file("t.csv"), "--target", "weight", "--epochs", "2", "--quiet"]
    _ = try run(["mlp", "--hidden", "3"] + train + ["--out", folder.file("runs/a")])
    _ = try run(["mlp", "--hidden", "4"] + train + ["--out", folder.file("runs/deep/b")])
    _ = try run(
      ["sweep", "mlp", "--hidden", "3;5", "--learning-rate", "0.01,0.001"] + train
        + ["--out", folder.file("sweep")])
    let own = try folder.bytes("sweep/report.html")
    XCTAssertEqual(
      Array(try report([folder.file("sweep")], "sweep/report.html", in: folder).utf8), own)
    let swept = String(decoding: own, as: UTF8.self)
    XCTAssertTrue(swept.contains("<th>learning-rate</th>"))
    XCTAssertTrue(swept.contains("<h1>Sweep sweep: 4 points</h1>"))
    XCTAssertTrue(swept.contains("dtrain mlp over hidden, learning-rate"))
    XCTAssertTrue(
      Self.legend(swept, "learning-rate").contains("point-0003: hidden 5, learning-rate 0.01"),
      "\(Self.legend(swept, "learning-rate"))")
    let below = try report([folder.file("runs")], "runs/report.html", in: folder)
    XCTAssertEqual(Self.legend(below, "learning-rate"), ["a", "b"])
    let all = try report(
      [folder.file("runs/a"), folder.file("sweep"), "--output", folder.file("all.html")],
      "all.html", in: folder)
    XCTAssertEqual(Self.legend(all, "learning-rate").count, 5)
    try folder.write(Array("{".utf8), "torn/sweep.json")
    try folder.write(Array("{}".utf8), "begun/sweep.json")
    for (name, words) in [("torn", "sweep.json"), ("begun", "no point yet")] {
      let refused = try run(["report", folder.file(name)], expecting: 3)
      XCTAssertTrue(refused.error.contains(words), refused.error)
    }
    // A damaged record hides no run, and is damage to every command.
    try folder.write(Array("{".utf8), "sweep/sweep.json")
    let damaged = try report([folder.file("sweep")], "sweep/report.html", in: folder)
    XCTAssertTrue(damaged.contains("The runs below it are shown without their ranking."))
    XCTAssertEqual(Self.legend(damaged, "learning-rate").count, 4)
    let refused = try run(["sweep", "--resume", folder.file("sweep")], expecting: 3)
    XCTAssertTrue(refused.error.contains("sweep.json"), refused.error)
  }

  /// What no report wrote is not replaced unless that is asked for, and what is written is told.
  func testFilesOfOthersAreKept() throws {
    let folder = try RunFolder()
    try folder.write(
      Array(#"{"command": "kmeans"}"#.utf8), "r/config.json")
    try folder.write(Array(#"{"sizes": [3, 4]}"#.utf8), "r/summary.json")
    let mine = Array("<!doctype html><title>mine</title>".utf8)
    let arguments = ["report", folder.file("r"), "--svg", folder.file("p")]
    let cases: [(file: String, arguments: [String], words: String)] = [
      ("r/report.html", [], "name another one with --output, or give --overwrite"),
      (
        "o.html", ["--output", folder.file("o.html")],
        "--output \(folder.file("o.html")): dtrain report"
      ),
      ("p/sizes.svg", [], "--svg \(folder.file("p/sizes.svg")): dtrain report did not write"),
    ]
    for (file, more, words) in cases {
      try folder.write(mine, file)
      let refused = try run(arguments + more, expecting: 2)
      XCTAssertTrue(refused.error.contains(words), refused.error)
      XCTAssertEqual(try folder.bytes(file), mine)
      let replaced = try run(arguments + more + ["--overwrite"])
      XCTAssertTrue(replaced.output.contains("written to "), replaced.output)
      XCTAssertNotEqual(try folder.bytes(file), mine)
      // An earlier one is.
      let again = try run(arguments + more)
      XCTAssertTrue(again.output.contains(", in the place of an earlier one"), again.output)
    }
    let picture = try run(
      ["report", folder.file("r"), "--svg", folder.file("loss.svg")], expecting: 2)
    XCTAssertTrue(picture.error.contains("name a directory"), picture.error)
    XCTAssertFalse(folder.has("loss.svg"))
    let file = try run(["report", folder.file("r"), "--svg", folder.file("o.html")], expecting: 2)
    XCTAssertTrue(file.error.contains("that is a file; name a directory"), file.error)
  }

  func testRegressionAndColumns() throws {
    let folder = try RunFolder()
    try columns(folder)
    _ = try run([
      "mlp", "--data", folder.file("t.csv"), "--target", "weight", "--hidden", "4", "--epochs",
      "30",
      "--validation", "0.2", "--quiet", "--out", folder.file("r"),
    ])
    let html = try report([folder.file("r")], "r/report.html", in: folder)
    XCTAssertEqual(
      Self.figures(html),
      ["loss", "r2", "rmse", "learning-rate", "predicted", "residuals", "weights", "time"])
    XCTAssertTrue(html.contains("Predicted against actual: weight"))
    XCTAssertTrue(html.contains("12 validation rows"))
    let drawn = html.components(separatedBy: "class=\"points c0\" d=\"")[1].prefix { $0 != "\"" }
    XCTAssertEqual(drawn.count { $0 == "M" }, 12)
    XCTAssertTrue(html.contains("width &amp; &lt;depth&gt;"))
    XCTAssertFalse(html.contains("<depth>"))
  }

  func testClusterings() throws {
    let folder = try RunFolder()
    try columns(folder)
    let data = ["--data", folder.file("t.csv"), "--quiet", "--out"]
    _ = try run(["kmeans", "--clusters", "4"] + data + [folder.file("k")])
    _ = try run(["kmedians", "--clusters", "4"] + data + [folder.file("m")])
    _ = try run(["kmeans", "--clusters", "2:6"] + data + [folder.file("range")])
    let expected = [
      "objective", "changed", "movement", "distances-skipped", "sizes", "centers", "time",
    ]
    for name in ["k", "m"] {
      let html = try report([folder.file(name)], "\(name)/report.html", in: folder)
      XCTAssertEqual(Self.figures(html), expected)
      XCTAssertTrue(html.contains("seeding") && !html.contains("starting"), "not as on a terminal")
    }
    let range = try report([folder.file("range")], "range/report.html", in: folder)
    XCTAssertEqual(
      Self.figures(range),
      [
        "range-objective", "range-calinski-harabasz", "range-davies-bouldin", "range-silhouette",
        "time",
      ])
    XCTAssertTrue(range.contains("best with 4 clusters"))
    // All kinds in one.
    let all = try report(
      ["k", "m", "range"].map(folder.file) + ["--output", folder.file("all.html")], "all.html",
      in: folder)
    // Objectives and movements of different commands are on different scales.
    XCTAssertEqual(
      Self.figures(all).filter { $0.hasPrefix("objective") || $0.hasPrefix("movement") },
      ["objective-1", "objective-2", "movement-1", "movement-2"])
    XCTAssertTrue(all.contains("<h3>Objective: kmedians, l1</h3>"))
    XCTAssertEqual(Self.figures(all).count, 7 + 4 + 4)
  }

  /// Classes that are texts, of rows that are no images; and what earlier versions left.
  func testNamedClassesAndEarlierRuns() throws {
    let folder = try RunFolder()
    var text = "a,b,kind\n"
    var numbers = SeededNumbers(seed: 5)
    for row in 0..<90 {
      let kind = ["plain", "<b>bold", "x & y"][row % 3]
      text += "\(Float(row % 3) + numbers.float() * 2),\(numbers.float()),\(kind)\n"
    }
    try folder.write(Array(text.utf8), "t.csv")
    _ = try run([
      "mlp", "--data", folder.file("t.csv"), "--target", "kind", "--hidden", "4", "--epochs",
      "3", "--quiet", "--out", folder.file("r"),
    ])
    let html = try report([folder.file("r")], "r/report.html", in: folder)
    let figures = ["loss", "accuracy", "learning-rate", "confusion", "weights", "time"]
    XCTAssertEqual(Self.figures(html), figures)
    for words in [
      "90 training rows", "&lt;b&gt;bold", "x &amp; y", "Most confused of 90 training rows",
      "Classes of 90 training rows",
    ] { XCTAssertTrue(html.contains(words), words) }
    XCTAssertFalse(html.contains("<b>"))
    // Of what is not as this version writes it nothing is drawn.
    for review in [
      #"{"confusion_matrix": [[1, 2], [3]], "confused": [1, {"row": "x"}], "per_class": 3}"#,
      #"{"rows": -1, "outputs": -7, "sample": 1, "residuals": [{"width": 0, "counts": [1]}]}"#,
      #"{"outputs": 99, "sample": {"actual": [[1], "x"], "predicted": [[]]}, "residuals": [{"width": 1e308, "first": 9, "counts": [9223372036854775807, 9223372036854775807]}, 4]}"#,
      "[]",
    ] {
      try folder.write(Array(review.utf8), "r/evaluation.json")
      let odd = try report([folder.file("r")], "r/report.html", in: folder)
      XCTAssertFalse(Self.figures(odd).contains("confusion"), review)
      XCTAssertFalse(Self.figures(odd).contains("predicted"), review)
    }
    try folder.write(Array("{".utf8), "r/evaluation.json")
    let torn = try report([folder.file("r")], "r/report.html", in: folder)
    XCTAssertTrue(torn.contains("evaluation.json"), "damage is not said")
    try FileManager.default.removeItem(atPath: folder.file("r/evaluation.json"))
    let early = try report([folder.file("r")], "r/report.html", in: folder)
    XCTAssertEqual(Self.figures(early), figures.filter { $0 != "confusion" })
    XCTAssertFalse(early.contains("class=\"note\""), "something is said to be wrong")
  }

  /// Each of 48 runs has a look of its own; that more have not is said.
  func testManyRuns() throws {
    let folder = try RunFolder()
    let lines = (1...3).map {
      #"{"epoch": \#($0), "loss": 0.\#($0), "train_accuracy": 0.5}"# + "\n"
    }
    for index in 0..<49 {
      try folder.write(Array(#"{"command": "mlp"}"#.utf8), "r\(index)/config.json")
      try folder.write(Array(lines.joined().utf8), "r\(index)/metrics.jsonl")
    }
    func page(_ count: Int) throws -> String {
      try report(
        (0..<count).map { folder.file("r\($0)") } + ["--output", folder.file("all.html")],
        "all.html", in: folder)
    }
    let most = try page(48)
    let keys = most.components(separatedBy: "<svg class=\"key\"").dropFirst().map {
      $0.components(separatedBy: "</svg>")[0]
    }
    XCTAssertEqual(keys.count, 48)
    XCTAssertEqual(Set(keys).count, 48)
    XCTAssertFalse(most.contains("look different"))
    XCTAssertTrue(try page(49).contains("Only 48 runs look different"))
  }

  /// Axes follow the runs that did not diverge, and losses of other functions or rows have a picture of their own.
  func testPicturesOfUnlikeRuns() throws {
    let folder = try RunFolder()
    func write(
      _ name: String, loss: String = "softmax-ce", data: String = "/a/t.csv", scale: Double = 1,
      stop: String? = nil
    ) throws {
      let lines = (1...3).map {
        #"{"epoch": \#($0), "loss": \#(scale / Double($0)), "learning_rate": \#(scale / 100)}"#
          + "\n"
      }
      for case (let file, let text?) in [
        ("config.json", #"{"command": "mlp", "loss": "\#(loss)"}"#),
        ("inputs.json", #"{"directory": "/", "data": ["\#(data)"]}"#),
        ("metrics.jsonl", lines.joined()), ("stopped.json", stop),
      ] { try folder.write(Array(text.utf8), "\(name)/\(file)") }
    }
    try write("a")
    try write("b", scale: 0.5)
    try write("away", scale: 1e18, stop: #"{"reason": "diverged"}"#)
    func page(_ names: [String]) throws -> String {
      try report(
        names.map(folder.file) + ["--output", folder.file("all.html")], "all.html", in: folder)
    }
    let alike = try page(["a", "b", "away"])
    XCTAssertEqual(Self.figures(alike), ["loss", "learning-rate"])
    // The labels of its axis would be powers of ten.
    XCTAssertNil(
      alike.firstMatch(of: /<text[^>]*>[0-9.]*e1[0-9]</), "the axis follows the diverged run")
    XCTAssertTrue(alike.contains("Diverged, and shown only within the axis of the others: away."))
    XCTAssertEqual(Self.legend(alike, "learning-rate"), ["a", "b", "away"])
    // Of runs that all diverged there is no other axis.
    let away = try page(["away"])
    XCTAssertNotNil(away.firstMatch(of: /<text[^>]*>[0-9.]*e1[0-9]</))
    try write("squared", loss: "squared")
    try write("other", data: "/b/u.csv")
    let unlike = try page(["a", "squared", "b", "other"])
    XCTAssertEqual(Self.figures(unlike), ["loss-1", "loss-2", "loss-3", "learning-rate"])
    for title in ["softmax-ce, t.csv", "squared, t.csv", "softmax-ce, u.csv"] {
      XCTAssertTrue(unlike.contains("<h3>Loss: \(title)</h3>"), title)
    }
  }

  /// What is damaged, unfinished, or tries to be markup is drawn as far as it can be, with a note.
  func testDamagedAndUnfinishedRuns() throws {
    let folder = try RunFolder()
    let config = #"{"command": "mlp", "learning_rate": 0.1, "hidden": [3], "version": "<b>0"}"#
    let line =
      #"{"epoch": 1, "loss": 0.5, "learning_rate": 0.1, "test_accuracy": 0.25, "seconds_total": 2}"#
      + "\n"
    try folder.write(Array(config.utf8), "killed/config.json")
    try folder.write(Array((line + "{\"epo").utf8), "killed/metrics.jsonl")
    try folder.write(
      Array(#"{"directory": "/", "data": ["/<script>alert(1)</script>.npy"]}"#.utf8),
      "killed/inputs.json")
    let killed = try report([folder.file("killed")], "killed/report.html", in: folder)
    // Where the time went is known at the end alone.
    XCTAssertEqual(Self.figures(killed), ["loss", "accuracy", "learning-rate"])
    XCTAssertTrue(killed.contains("did not finish"))
    XCTAssertTrue(killed.contains("&lt;script&gt;"))

    try folder.write(Array(config.utf8), "torn/config.json")
    try folder.write(Array((line + "{]\n" + line).utf8), "torn/metrics.jsonl")
    try folder.write(Array("{".utf8), "torn/summary.json")
    try folder.write(Array("no model".utf8), "torn/model.safetensors")
    let torn = try report([folder.file("torn")], "torn/report.html", in: folder)
    XCTAssertEqual(Self.figures(torn), ["loss", "accuracy", "learning-rate"])
    for word in ["summary.json", "metrics.jsonl, line 2", "model.safetensors"] {
      XCTAssertTrue(torn.contains(word), word)
    }
    // A damaged line is said once, and an evaluation that says nothing too.
    try folder.write(Array(config.utf8), "line/config.json")
    try folder.write(Array((line + "{]\n").utf8), "line/metrics.jsonl")
    let one = try report([folder.file("line")], "line/report.html", in: folder)
    XCTAssertEqual(one.components(separatedBy: "metrics.jsonl, line 2").count, 2, "not said once")
    try folder.write(Array(line.utf8), "line/metrics.jsonl")
    try folder.write(Array(#"{"a": 1}"#.utf8), "line/evaluation.json")
    let empty = try report([folder.file("line")], "line/report.html", in: folder)
    XCTAssertTrue(empty.contains("evaluation.json does not say which rows"), "not said")
    // Values of other types than any version wrote.
    let odd = """
      {"epoch": "one", "loss": []}
      {"epoch": 2, "loss": 1e308, "test_loss": -1e308, "learning_rate": 0}
      {"epoch": 3, "loss": -1e308, "test_loss": null, "learning_rate": null}
      7

      """
    try folder.write(Array(#"{"command": "kmeans", "columns": 3}"#.utf8), "odd/config.json")
    try folder.write(Array(odd.utf8), "odd/metrics.jsonl")
    try folder.write(
      Array(
        #"{"sizes": ["a", 1e300], "clusterings": [1, {"clusters": null}], "seconds_total": -1, "rows_per_rank": 3}"#
          .utf8), "odd/summary.json")
    _ = try report([folder.file("odd")], "odd/report.html", in: folder)
  }

  func testRefusals() throws {
    let folder = try RunFolder()
    try folder.write(Array(#"{"command": "mlp"}"#.utf8), "r/config.json")
    try folder.write([1], "other/x")
    for (arguments, code, words) in [
      ([folder.file("none")], 3, "there is no such directory"),
      ([folder.file("other")], 3, "holds no run"),
      ([folder.file("r"), "--output", folder.file("x.txt")], 2, "ends in .html"),
      ([folder.file("r"), "--output", folder.file("no/x.html")], 7, "no/x.html"),
      ([folder.file("r"), "--svg", folder.file("no/pictures")], 7, "no/pictures"),
      ([], 2, "run"),
    ] as [([String], Int32, String)] {
      let result = try run(["report"] + arguments, expecting: code)
      XCTAssertTrue(result.error.contains(words), result.error)
    }
  }
}

/// Checks that tags nest and attributes are quoted, as XML asks.
private struct XMLTags {
  private(set) var problem: String?

  init(_ text: String) {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else {
        problem = "a tag without an end"
        return
      }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let name = tag.prefix { $0 != " " }
      if name.hasPrefix("/") {
        guard open.popLast() == name.dropFirst() else {
          problem = "\(name) ends nothing"
          return
        }
      } else {
        open.append(name)
        if tag.filter({ $0 == "\"" }).count % 2 != 0 { problem = "quotes in \(tag.prefix(100))" }
      }
    }
    if !open.isEmpty { problem = "\(open) is not ended" }
  }
}
