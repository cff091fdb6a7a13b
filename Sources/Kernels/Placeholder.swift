public func placeholderKernel(_ x: UnsafeMutablePointer<Float>) { x[0] += 1 }
