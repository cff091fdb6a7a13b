import Foundation
import XCTest

/// Completions and the man page, which are made of the options themselves.
final class ShellTests: XCTestCase {
  /// What a shell prints; nil where it is not installed.
  private func shell(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: Program.root)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private func script(_ shell: String) throws -> String {
    let result = try Program.run(["completions", shell])
    XCTAssertEqual(result.status, 0, result.error)
    return result.output
  }

  /// What bash offers for the last word.
  private func offered(_ words: [String], _ script: String) throws -> [String] {
    let quoted = words.map { "'\($0)'" }.joined(separator: " ")
    let result = try shell([
      "bash", "--norc", "-c",
      """
      \(script)
      COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
      _dtrain; printf '%s\\n' "${COMPREPLY[@]}"
      """,
    ])
    XCTAssertEqual(result.status, 0, result.output)
    return result.output.split(separator: "\n").map(String.init)
  }

  func testBashOffersCommandsOptionsAndValues() throws {
    let script = try script("bash")
    XCTAssertTrue(try offered(["dtrain", "k"], script) == ["kmeans", "kmedians"])
    XCTAssertTrue(try offered(["dtrain", ""], script).contains("evaluate"))
    XCTAssertEqual(
      try offered(["dtrain", "mlp", "--optimizer", "ada"], script), ["adam", "adamw"])
    XCTAssertEqual(try offered(["dtrain", "mlp", "--loss", "=", "so"], script), ["softmax-ce"])
    XCTAssertEqual(
      try offered(["dtrain", "kmeans", "--init", "k-means-"], script), ["k-means-parallel"])
    XCTAssertEqual(try offered(["dtrain", "mlp", "--learning"], script), ["--learning-rate"])
    // After an option of many values come options, too.
    XCTAssertEqual(
      try offered(["dtrain", "mlp", "--data", "a.npy", "b.npy", "--lab"], script),
      ["--labels", "--label-column"])
    XCTAssertEqual(try offered(["dtrain", "completions", "z"], script), ["zsh"])
    // Directories alone, and nothing for a number.
    XCTAssertEqual(try offered(["dtrain", "mlp", "--out", "Data"], script), ["Datasets"])
    XCTAssertEqual(try offered(["dtrain", "mlp", "--epochs", ""], script), [])
    // Commands of commands.
    XCTAssertEqual(
      try offered(["dtrain", "sweep", ""], script), ["mlp", "kmeans", "kmedians"])
    XCTAssertEqual(
      try offered(["dtrain", "sweep", "mlp", "--gr"], script), ["--group-size", "--gradient"])
    XCTAssertEqual(
      try offered(["dtrain", "sweep", "kmeans", "--init", "ran"], script), ["random"])
    XCTAssertEqual(try offered(["dtrain", "sweep", "--res"], script), ["--resume"])
    // Options of other commands are not offered.
    XCTAssertFalse(try offered(["dtrain", "kmeans", "--"], script).contains("--median"))
  }

  /// Where a file may stand, readline completes files, as a person sees who presses the tabulator.
  func testBashCompletesFiles() throws {
    let script = try script("bash")
    XCTAssertTrue(script.contains("complete -o bashdefault -o default -F _dtrain dtrain"))
    let folder = try RunFolder()
    try folder.write(Array(script.utf8), "script")
    try folder.write([], "rows of mine.npy")
    // A terminal of Python's own: bash edits lines only there.
    try folder.write(
      Array(
        """
        import os, pty, select, sys, time
        child, terminal = pty.fork()
        if child == 0:
          os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        def wait(until):
          text, end = "", time.time() + 10
          while until not in text and time.time() < end:
            if select.select([terminal], [], [], 0.1)[0]:
              text += os.read(terminal, 4096).decode(errors="replace")
          return text
        os.write(terminal, b"PS1='> '; source ./script; echo rea''dy\\n")
        wait("ready")
        for words in sys.argv[1:]:
          # The line is completed, and then emptied.
          os.write(terminal, words.encode() + b"\\t")
          print(wait("mine.npy"))
          os.write(terminal, b"\\x15")
        os.write(terminal, b"exit\\n")

        """.utf8), "press.py")
    for words in [
      "dtrain mlp --data ro", "dtrain info ro", "dtrain mlp --data=ro",
      "dtrain mlp --data x --labels ro", "dtrain mlp --data a.npy ro",
    ] {
      let result = try shell([
        "bash", "-c", "cd \(folder.path) && timeout 30 python3 press.py \"\(words)\"",
      ])
      XCTAssertEqual(result.status, 0, result.output)
      XCTAssertTrue(result.output.contains("rows\\ of\\ mine.npy"), result.output)
    }
  }

  /// The scripts of the other shells are well formed, and have files and values where they belong.
  func testZshAndFish() throws {
    let zsh = try script("zsh")
    XCTAssertTrue(zsh.hasPrefix("#compdef dtrain\n"))
    XCTAssertTrue(zsh.contains("'*--data[A directory with MNIST-named IDX files]:path:_files'"))
    XCTAssertTrue(zsh.contains("(sgd momentum nesterov adam adamw lars)"))
    XCTAssertTrue(zsh.contains("--out[The run directory]:directory:_files -/"))
    let fish = try script("fish")
    XCTAssertTrue(
      fish.contains("complete -c dtrain -n '__fish_seen_subcommand_from mlp' -l data -r -F -d "))
    XCTAssertTrue(fish.contains("-l loss -x -a 'sigmoid-ce softmax-ce squared huber'"))
    let folder = try RunFolder()
    for (name, text) in [("zsh", zsh), ("fish", fish)] {
      guard try shell(["which", name]).status == 0 else { continue }
      try folder.write(Array(text.utf8), name)
      let checked = try shell([name, "-n", folder.file(name)])
      XCTAssertEqual(checked.status, 0, checked.output)
    }
    // The option of the parser gives the same.
    XCTAssertEqual(try Program.run(["--generate-completion-script", "fish"]).output, fish)
    XCTAssertEqual(try Program.run(["completions", "tcsh"]).status, 2)
  }

  /// What fish offers for the end of a line, in a folder with two files and a directory.
  func testFishCompletes() throws {
    try XCTSkipIf(
      try shell(["which", "fish"]).status != 0, "there is no fish; run scripts/setup --tests")
    let folder = try RunFolder()
    try folder.write(Array(script("fish").utf8), "script.fish")
    for file in ["houses.csv", "names.csv", "hours/x"] { try folder.write([1], file) }
    func offered(_ line: String) throws -> [String] {
      let result = try shell([
        "fish", "--no-config", "-c",
        "cd \(folder.path); source script.fish; complete -C '\(line)'",
      ])
      XCTAssertEqual(result.status, 0, result.output)
      return result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }.sorted()
    }
    // The first value of an option, the second, and those of all commands with such options.
    for command in ["mlp", "kmeans", "predict", "evaluate", "sweep mlp"] {
      for values in ["", "a.csv ", "a.csv b.csv "] {
        let line = "dtrain \(command) --data \(values)hou"
        XCTAssertEqual(try offered(line), ["hours/", "houses.csv"], line)
      }
    }
    XCTAssertEqual(try offered("dtrain info hou"), ["hours/", "houses.csv"])
    XCTAssertEqual(try offered("dtrain mlp --out ho"), ["hours/"])
    XCTAssertEqual(try offered("dtrain mlp --optimizer ada"), ["adam", "adamw"])
    XCTAssertEqual(try offered("dtrain k"), ["kmeans", "kmedians"])
    XCTAssertEqual(try offered("dtrain mlp --learning"), ["--learning-rate"])
  }

  func testManualHasEachCommandAndOption() throws {
    let page = try Program.run(["manual"]).output
    let text = page.split(separator: "\n").map {
      String($0).replacing("\\-", with: "-")
    }
    for word in [
      ".SH DTRAIN MLP", ".SH DTRAIN KMEDIANS", ".SH DTRAIN SWEEP MLP", ".SH EXIT STATUS",
    ] {
      XCTAssertTrue(text.contains(word), word)
    }
    for option in ["--learning-rate", "--trace", "--sort", "--max-restarts"] {
      XCTAssertTrue(text.contains { $0.contains("\\fB\(option)\\fR") }, option)
    }
    // Nothing begins like a command of roff but the commands.
    let macros: Set = [".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I", ".BR", ".br", ".\\\""]
    for line in text where line.hasPrefix(".") || line.hasPrefix("'") {
      XCTAssertTrue(macros.contains(String(line.prefix { $0 != " " })), line)
    }
    guard try shell(["which", "groff"]).status == 0 else { return }
    let folder = try RunFolder()
    try folder.write(Array(page.utf8), "dtrain.1")
    let formatted = try shell(["groff", "-man", "-Tutf8", "-ww", "-z", folder.file("dtrain.1")])
    XCTAssertEqual(formatted.output, "")
  }
}
