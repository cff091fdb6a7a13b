#if arch(x86_64)
  import KernelsV3

  extension KernelTable {
    /// The kernels built for x86-64-v3 (AVX2, FMA).
    package static let v3 = KernelTable(
      isaName: "v3",
      gatherAffineUInt8: { KernelsV3.gatherAffineUInt8($0, $1, $2, $3, $4, $5, $6, $7) },
      gatherAffineFloat: { KernelsV3.gatherAffineFloat($0, $1, $2, $3, $4, $5, $6, $7) },
      tanhForward: { KernelsV3.tanhForward($0, $1, $2, $3) },
      sigmoidForward: { KernelsV3.sigmoidForward($0, $1, $2, $3) },
      reluForward: { KernelsV3.reluForward($0, $1, $2, $3) },
      softmaxRows: { KernelsV3.softmaxRows($0, $1, $2, $3) },
      tanhBackward: { KernelsV3.tanhBackward($0, $1, $2, $3, $4, $5) },
      sigmoidBackward: { KernelsV3.sigmoidBackward($0, $1, $2, $3, $4, $5) },
      reluBackward: { KernelsV3.reluBackward($0, $1, $2, $3, $4, $5) },
      sigmoidCrossEntropyLabels: {
        KernelsV3.sigmoidCrossEntropyLabels($0, $1, $2, $3, $4, $5, $6)
      },
      sigmoidCrossEntropyTargets: {
        KernelsV3.sigmoidCrossEntropyTargets($0, $1, $2, $3, $4, $5, $6, $7)
      },
      softmaxCrossEntropyLabels: {
        KernelsV3.softmaxCrossEntropyLabels($0, $1, $2, $3, $4, $5, $6)
      },
      squaredErrorLabels: { KernelsV3.squaredErrorLabels($0, $1, $2, $3, $4, $5, $6) },
      squaredErrorTargets: { KernelsV3.squaredErrorTargets($0, $1, $2, $3, $4, $5, $6, $7) },
      add: { KernelsV3.add($0, $1, $2, $3) },
      squaredNorm: { KernelsV3.squaredNorm($0, $1) },
      allFinite: { KernelsV3.allFinite($0, $1) },
      sgd: { KernelsV3.sgd($0, $1, $2, $3, $4, $5) },
      momentum: { KernelsV3.momentum($0, $1, $2, $3, $4, $5, $6, $7) },
      nesterov: { KernelsV3.nesterov($0, $1, $2, $3, $4, $5, $6, $7) },
      adamW: { KernelsV3.adamW($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) },
      product: { KernelsV3.product($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      productOfTranspose: { KernelsV3.productOfTranspose($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
      clustering: ClusteringKernels(
        squaredDistanceFloat: { KernelsV3.squaredDistanceFloat($0, $1, $2) },
        squaredDistanceUInt8: { KernelsV3.squaredDistanceUInt8($0, $1, $2) },
        smallestScores: { KernelsV3.smallestScores($0, $1, $2, $3, $4, $5, $6, $7) },
        nearestInTile: { KernelsV3.nearestInTile($0, $1, $2, $3, $4, $5, $6, $7) },
        boundsHold: { KernelsV3.boundsHold($0, $1, $2) },
        lowerBounds: { KernelsV3.lowerBounds($0, $1, $2, $3) }))
  }
#endif
