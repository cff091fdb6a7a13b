import KernelTable
import XCTest

/// The optimizers' updates against scalar code, bit for bit: they use rounded + - * / sqrt alone.
final class UpdateKernelTests: KernelTestCase {
  /// One element's parameter, gradient and two state values.
  private struct Element {
    var w: Float
    var g: Float
    var m: Float
    var v: Float
  }

  private func check(
    _ name: String, reference: (inout Element) -> Void,
    kernel: (
      KernelTable, UnsafeMutablePointer<Float>, UnsafePointer<Float>,
      [UnsafeMutablePointer<Float>], Range<Int>
    ) -> Void
  ) {
    var generator = SeededGenerator(seed: 7)
    for count in Self.sizes {
      for (offset, first) in [(0, 0), (1, 0), (7, 5)] {
        let w = generator.floats(count)
        let g = generator.floats(count)
        let m = generator.floats(count)
        let v = generator.floats(count).map { abs($0) }
        let expected = (0..<count).map { i in
          var element = Element(w: w[i], g: g[i], m: m[i], v: v[i])
          reference(&element)
          return element
        }
        for table in builds() {
          func guarded(_ values: [Float]) -> GuardedMatrix {
            GuardedMatrix(values, rows: 1, columns: count, stride: count, offset: offset)
          }
          var (wm, gm, mm, vm) = (guarded(w), guarded(g), guarded(m), guarded(v))
          wm.withPointer { wp in
            gm.withPointer { gp in
              mm.withPointer { mp in
                vm.withPointer {
                  // Elements of longer vectors, whose gradient begins with theirs.
                  kernel(table, wp - first, gp, [mp - first, $0 - first], first..<first + count)
                }
              }
            }
          }
          let message = "\(table.isaName) \(name) \(count)"
          assertSameBits(wm.values, expected.map(\.w), message)
          assertSameBits(gm.values, g, message)
          assertSameBits(mm.values, expected.map(\.m), message)
          assertSameBits(vm.values, expected.map(\.v), message)
          XCTAssertTrue([wm, gm, mm, vm].allSatisfy(\.guardsAreIntact), message)
        }
      }
    }
  }

  private let rate: Float = 0.013
  private let scale: Float = 1 / 48
  private let decay: Float = 0.0007
  private let mu: Float = 0.9

  func testSGD() {
    check("sgd") { [rate, scale, decay] e in
      e.w = e.w - rate * (e.g * scale + decay * e.w)
    } kernel: { [rate, scale, decay] table, w, g, state, elements in
      table.updates.sgd(
        parameters: w, gradient: g, state: state, elements: elements, rate: rate, scale: scale,
        decay: decay, coefficients: [])
    }
    check("plain sgd") { [rate] e in
      e.w = e.w - rate * e.g
    } kernel: { [rate] table, w, g, state, elements in
      table.updates.sgd(
        parameters: w, gradient: g, state: state, elements: elements, rate: rate, scale: 1,
        decay: 0, coefficients: [])
    }
  }

  func testMomentum() {
    check("momentum") { [rate, scale, decay, mu] e in
      e.m = mu * e.m + (e.g * scale + decay * e.w)
      e.w = e.w - rate * e.m
    } kernel: { [rate, scale, decay, mu] table, w, g, state, elements in
      table.updates.momentum(
        parameters: w, gradient: g, state: state, elements: elements, rate: rate, scale: scale,
        decay: decay, coefficients: [mu])
    }
  }

  func testNesterov() {
    check("nesterov") { [rate, scale, decay, mu] e in
      let d = e.g * scale + decay * e.w
      e.m = mu * e.m + d
      e.w = e.w - rate * (d + mu * e.m)
    } kernel: { [rate, scale, decay, mu] table, w, g, state, elements in
      table.updates.nesterov(
        parameters: w, gradient: g, state: state, elements: elements, rate: rate, scale: scale,
        decay: decay, coefficients: [mu])
    }
  }

  func testAdamW() {
    let (beta1, beta2): (Float, Float) = (0.9, 0.999)
    let (one1, one2): (Float, Float) = (0.1, 0.001)
    let (c1, c2): (Float, Float) = (5.263, 500.25)
    check("adamW") { [rate, scale, decay] e in
      let d = e.g * scale
      e.m = beta1 * e.m + one1 * d
      e.v = beta2 * e.v + one2 * (d * d)
      let step = (e.m * c1) / ((e.v * c2).squareRoot() + 1e-8) + decay * e.w
      e.w = e.w - rate * step
    } kernel: { [rate, scale, decay] table, w, g, state, elements in
      table.updates.adamW(
        parameters: w, gradient: g, state: state, elements: elements, rate: rate, scale: scale,
        decay: decay, coefficients: [beta1, beta2, one1, one2, c1, c2, 1e-8])
    }
  }
}
