/// The rectangle of a chart in which its marks stand, between its axes.
struct Frame {
  let left: Double, right: Double, top: Double, bottom: Double

  /// Where a number on the axis to the right is.
  func x(_ value: Double, on axis: Axis) -> Double { left + (right - left) * axis.place(value) }

  /// Where a number on the axis upwards is.
  func y(_ value: Double, on axis: Axis) -> Double { bottom - (bottom - top) * axis.place(value) }
}

extension Drawing {
  /// Lines across a frame at the ticks of the axis upwards, with their labels on its left and a title above.
  mutating func levels(of axis: Axis, in frame: Frame, title: String) {
    text(title, 8, 12)
    for (tick, label) in zip(axis.ticks, axis.labels) {
      let y = frame.y(tick, on: axis)
      line((frame.left, y), (frame.right, y), "grid")
      text(label, frame.left - 6, y + 4, "number", anchor: .end)
    }
  }

  /// The ticks of the axis to the right below a frame, with their labels and a title.
  mutating func ticks(of axis: Axis, in frame: Frame, title: String) {
    for (tick, label) in zip(axis.ticks, axis.labels) {
      let x = frame.x(tick, on: axis)
      line((x, frame.bottom), (x, frame.bottom + 4), "axis")
      text(label, x, frame.bottom + 17, "number", anchor: .middle)
    }
    base(of: frame, title: title)
  }

  /// The lower edge of a frame, with a title below.
  mutating func base(of frame: Frame, title: String) {
    line((frame.left, frame.bottom), (frame.right, frame.bottom), "axis")
    text(title, (frame.left + frame.right) / 2, frame.bottom + 34, anchor: .middle)
  }
}
