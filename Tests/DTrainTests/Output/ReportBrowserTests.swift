import Foundation
import Launching
import XCTest

/// Reports as a browser shows them.
final class ReportBrowserTests: XCTestCase {
  /// Every figure of every kind of run is seen at the widths of a desktop, a phone and paper, light and dark; the console
  /// stays empty, and nothing is asked of a network.
  func testReportsInABrowser() throws {
    let folder = try RunFolder()
    try RunData.writeMNIST(folder, "mnist", train: 1000, test: 500)
    try RunData.writeRegression(folder, rows: 1001)
    let (mnist, quiet) = (["--data", folder.file("mnist")], ["--quiet", "--out"])
    let numbers = ["--data", folder.file("wild.npy")]
    _ = try run(
      ["mlp", "--hidden", "16", "--epochs", "3"] + mnist + quiet + [folder.file("a")], ranks: 2)
    _ = try run(["mlp", "--hidden", "8", "--epochs", "3"] + mnist + quiet + [folder.file("b")])
    _ = try run(
      ["mlp", "--labels", folder.file("target.npy"), "--validation", "0.2", "--epochs", "9"]
        + numbers + quiet + [folder.file("regression")])
    _ = try run(["kmeans", "--clusters", "10"] + mnist + quiet + [folder.file("kmeans")])
    _ = try run(["kmedians", "--clusters", "4"] + numbers + quiet + [folder.file("kmedians")])
    _ = try run(["kmeans", "--clusters", "2:5"] + numbers + quiet + [folder.file("range")])
    _ = try run(
      ["mlp", "--labels", folder.file("target.npy"), "--epochs", "4", "--schedule", "constant"]
        + numbers + quiet + [folder.file("plain")])
    let curves = ["loss", "accuracy", "learning-rate"]
    let clusters = [
      "objective", "changed", "movement", "distances-skipped", "sizes", "centers", "time",
    ]
    let pages: [(runs: [String], figures: [String])] = [
      (["a"], curves + ["confusion", "confused", "weights", "time", "rank-time"]),
      (
        ["regression"],
        ["loss", "r2", "rmse", "learning-rate", "predicted", "residuals", "weights", "time"]
      ),
      (["kmeans"], clusters), (["kmedians"], clusters),
      (
        ["range"],
        [
          "range-objective", "range-calinski-harabasz", "range-davies-bouldin",
          "range-silhouette", "time",
        ]
      ),
      (
        ["a", "b"],
        curves + ["time", "confusion-a", "confused-a", "weights-a", "rank-time-a"]
          + ["confusion-b", "confused-b", "weights-b"]
      ),
      // They differ in so many options that their table finds no room.
      (
        ["regression", "plain", "b"],
        [
          "loss-1", "loss-2", "accuracy", "r2", "rmse", "learning-rate", "time",
          "predicted-regression", "residuals-regression", "weights-regression", "predicted-plain",
          "residuals-plain", "weights-plain", "confusion-b", "confused-b", "weights-b",
        ]
      ),
    ]
    _ = try run(
      ["sweep", "mlp", "--hidden", "8", "--epochs", "2", "--learning-rate", "0.1,0.3"] + mnist
        + quiet + [folder.file("sweep")], ranks: 2)
    let ranking = try XCTUnwrap(folder.json("sweep/sweep.json")["ranking"] as? [String])
    let swept =
      curves + ["time"] + ["confusion", "confused", "weights"].map { "\($0)-\(ranking[0])" }
    var arguments = [folder.file("sweep/report.html"), swept.joined(separator: ",")]
    for (index, page) in pages.enumerated() {
      let file = folder.file("\(index).html")
      _ = try run(["report"] + page.runs.map(folder.file) + ["--output", file, "--quiet"])
      arguments += [file, page.figures.joined(separator: ",")]
    }
    try PythonFiles.make("check_report", arguments, timeout: 180)
  }
}
