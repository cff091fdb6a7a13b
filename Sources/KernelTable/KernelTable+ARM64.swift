#if !arch(x86_64)
  import Kernels

  extension KernelTable {
    /// The kernels of a processor with one build of them.
    package static let arm64 = KernelTable(
      isaName: "arm64",
      gatherAffineUInt8: { Kernels.gatherAffineUInt8($0, $1, $2, $3, $4, $5, $6, $7) },
      gatherAffineFloat: { Kernels.gatherAffineFloat($0, $1, $2, $3, $4, $5, $6, $7) },
      tanhForward: { Kernels.tanhForward($0, $1, $2, $3) },
      sigmoidForward: { Kernels.sigmoidForward($0, $1, $2, $3) },
      reluForward: { Kernels.reluForward($0, $1, $2, $3) },
      softmaxRows: { Kernels.softmaxRows($0, $1, $2, $3) },
      tanhBackward: { Kernels.tanhBackward($0, $1, $2, $3, $4, $5) },
      sigmoidBackward: { Kernels.sigmoidBackward($0, $1, $2, $3, $4, $5) },
      reluBackward: { Kernels.reluBackward($0, $1, $2, $3, $4, $5) },
      sigmoidCrossEntropyLabels: { Kernels.sigmoidCrossEntropyLabels($0, $1, $2, $3, $4, $5, $6) },
      sigmoidCrossEntropyTargets: {
        Kernels.sigmoidCrossEntropyTargets($0, $1, $2, $3, $4, $5, $6, $7)
      },
      softmaxCrossEntropyLabels: { Kernels.softmaxCrossEntropyLabels($0, $1, $2, $3, $4, $5, $6) },
      squaredErrorLabels: { Kernels.squaredErrorLabels($0, $1, $2, $3, $4, $5, $6) },
      squaredErrorTargets: { Kernels.squaredErrorTargets($0, $1, $2, $3, $4, $5, $6, $7) },
      add: { Kernels.add($0, $1, $2, $3) },
      squaredNorm: { Kernels.squaredNorm($0, $1) },
      allFinite: { Kernels.allFinite($0, $1) },
      sgd: { Kernels.sgd($0, $1, $2, $3, $4, $5) },
      momentum: { Kernels.momentum($0, $1, $2, $3, $4, $5, $6, $7) },
      nesterov: { Kernels.nesterov($0, $1, $2, $3, $4, $5, $6, $7) },
      adamW: { Kernels.adamW($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) },
      product: { Kernels.product($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      productOfTranspose: { Kernels.productOfTranspose($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
      clustering: ClusteringKernels(
        squaredDistanceFloat: { Kernels.squaredDistanceFloat($0, $1, $2) },
        squaredDistanceUInt8: { Kernels.squaredDistanceUInt8($0, $1, $2) },
        smallestScores: { Kernels.smallestScores($0, $1, $2, $3, $4, $5, $6, $7) },
        nearestInTile: { Kernels.nearestInTile($0, $1, $2, $3, $4, $5, $6, $7) },
        boundsHold: { Kernels.boundsHold($0, $1, $2) },
        lowerBounds: { Kernels.lowerBounds($0, $1, $2, $3) }))
  }
#endif
