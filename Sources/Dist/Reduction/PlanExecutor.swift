/// Writes the elementwise sum of two vectors of `count` floats to a third, which may be one of them.
public typealias VectorAdd =
  @convention(c) (
    _ destination: UnsafeMutablePointer<Float>, _ left: UnsafePointer<Float>,
    _ right: UnsafePointer<Float>, _ count: Int
  ) -> Void

/// Carries out reduction plans on vectors in memory, block by block so that intermediates stay in cache.
struct PlanExecutor {
  /// Elements in a block: 8 KiB, so that the operands of an addition fit the first-level cache.
  static let blockLength = 2048

  let add: VectorAdd
  private let temporaries = FloatBuffer()

  /// Runs `plan` over the elements `range` of the inputs and passes each block of each output to `body`
  /// as (output, elements, values); an output without any present leaf is not passed. All outputs of
  /// a block are computed before the first is passed on, so `body` may overwrite inputs.
  func run(
    _ plan: ReductionPlan, inputs: [UnsafePointer<Float>], range: Range<Int>,
    _ body: (_ output: Int, _ elements: Range<Int>, _ values: UnsafePointer<Float>) -> Void
  ) {
    temporaries.reserve(plan.temporaryCount * Self.blockLength)
    let temporaries = temporaries.base
    func pointer(_ operand: ReductionPlan.Operand, _ start: Int) -> UnsafePointer<Float> {
      switch operand {
      case .input(let index): inputs[index] + start
      case .temporary(let index): UnsafePointer(temporaries + index * Self.blockLength)
      }
    }
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + Self.blockLength, range.upperBound)
      for addition in plan.additions {
        add(
          temporaries + addition.into * Self.blockLength, pointer(addition.left, start),
          pointer(addition.right, start), end - start)
      }
      for (index, operand) in plan.outputs.enumerated() {
        if let operand { body(index, start..<end, pointer(operand, start)) }
      }
      start = end
    }
  }
}
