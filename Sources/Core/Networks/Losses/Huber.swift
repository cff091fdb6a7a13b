extension Loss {
  /// Identity outputs; half the squared error up to a distance from the target, beyond it the line that goes on with
  /// the same slope, so that no outlier pulls harder than that (P. Huber, 1964).
  ///
  /// Errors and `huber_delta` are rounded to Float, the terms of the loss are summed in Double.
  public static let huber = Loss(
    name: "huber", fits: [.numbers], options: { ["huber_delta": $0.huberDelta] }
  ) { z, targets, options, _ in
    let delta = Float(options["huber_delta"]!)
    let slope = Double(delta)
    var loss = 0.0
    for row in 0..<z.rows {
      for output in 0..<z.outputs {
        let logit = z.base + row * z.stride + output
        let error = logit.pointee - targets.values[row * targets.columns + output]
        let distance = Double(abs(error))
        loss += distance <= slope ? distance * distance / 2 : slope * (distance - slope / 2)
        // In this order of the arguments NaN stays NaN.
        logit.pointee = max(min(error, delta), -delta)
      }
    }
    return (loss, 0)
  }
}
