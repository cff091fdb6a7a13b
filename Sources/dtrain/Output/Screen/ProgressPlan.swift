import DTrainCore

/// How a command shows that it gets on: decided once, by the options and by where its streams end.
struct ProgressPlan {
  /// The lines of epochs and iterations are said, each of which stays.
  let hasLines: Bool
  /// The bar; nil for none.
  let bar: Bar?
  /// Whether a bar is asked for that would not arrive as one.
  let lacksBar: Bool

  /// Where a bar is drawn.
  struct Bar {
    /// 1 for standard output, 2 for standard error.
    let stream: Int32
    /// The terminal; nil where nobody knows its width, since the bar was asked for by option.
    let terminal: Terminal?
    /// Whether standard output and standard error end where the bar is, so that what is said there goes the bar's way:
    /// a launcher forwards the two streams by two pipes, in any order.
    let takesOutput: Bool, takesErrors: Bool
  }

  /// The plan of this process.
  init(_ style: ProgressStyle, isQuiet: Bool) {
    self.init(
      style, isQuiet: isQuiet, output: StreamEnd(of: 1), errors: StreamEnd(of: 2),
      takesCommands: Terminal.takesCommands, keepsPartsOfLines: Launcher.keepsPartsOfLines)
  }

  /// Lets messages of this process erase the bar that rank 0 may draw where they appear.
  func expectBar() {
    if let bar, bar.terminal != nil, bar.takesErrors, Terminal.takesCommands {
      MPIRuntime.barErasure = ProgressBar.erasure
    }
  }

  /// - Parameters:
  ///   - output, errors: where the streams end.
  ///   - takesCommands: whether terminals erase lines.
  ///   - keepsPartsOfLines: whether what ends no line is passed on late where no terminal is found.
  init(
    _ style: ProgressStyle, isQuiet: Bool, output: StreamEnd, errors: StreamEnd,
    takesCommands: Bool, keepsPartsOfLines: Bool = false
  ) {
    hasLines = !isQuiet && style != .none
    // What another program reads it may well show on the same terminal, in the middle of the bar.
    let isWatched = takesCommands && !output.isPipe && !errors.isPipe
    lacksBar =
      !isQuiet && style == .bar && keepsPartsOfLines && errors.terminal == nil
      && output.terminal == nil
    switch style {
    case _ where isQuiet || lacksBar: bar = nil
    case .none, .lines: bar = nil
    case .auto where !isWatched: bar = nil
    case .auto, .bar:
      if let terminal = errors.terminal {
        bar = Bar(
          stream: 2, terminal: terminal,
          takesOutput: output.terminal.map { $0.isSame(as: terminal) } ?? false, takesErrors: true)
      } else if let terminal = output.terminal {
        bar = Bar(stream: 1, terminal: terminal, takesOutput: true, takesErrors: false)
      } else if style == .bar {
        bar = Bar(stream: 2, terminal: nil, takesOutput: false, takesErrors: true)
      } else {
        bar = nil
      }
    }
  }
}
