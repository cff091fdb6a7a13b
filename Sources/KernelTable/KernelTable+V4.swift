#if arch(x86_64)
  import KernelsV4

  extension KernelTable {
    /// The kernels built for x86-64-v4 (AVX-512).
    package static let v4 = KernelTable(
      isaName: "v4",
      gatherAffineUInt8: { KernelsV4.gatherAffineUInt8($0, $1, $2, $3, $4, $5, $6, $7) },
      gatherAffineFloat: { KernelsV4.gatherAffineFloat($0, $1, $2, $3, $4, $5, $6, $7) },
      tanhForward: { KernelsV4.tanhForward($0, $1, $2, $3) },
      sigmoidForward: { KernelsV4.sigmoidForward($0, $1, $2, $3) },
      reluForward: { KernelsV4.reluForward($0, $1, $2, $3) },
      softmaxRows: { KernelsV4.softmaxRows($0, $1, $2, $3) },
      tanhBackward: { KernelsV4.tanhBackward($0, $1, $2, $3, $4, $5) },
      sigmoidBackward: { KernelsV4.sigmoidBackward($0, $1, $2, $3, $4, $5) },
      reluBackward: { KernelsV4.reluBackward($0, $1, $2, $3, $4, $5) },
      sigmoidCrossEntropyLabels: {
        KernelsV4.sigmoidCrossEntropyLabels($0, $1, $2, $3, $4, $5, $6)
      },
      sigmoidCrossEntropyTargets: {
        KernelsV4.sigmoidCrossEntropyTargets($0, $1, $2, $3, $4, $5, $6, $7)
      },
      softmaxCrossEntropyLabels: {
        KernelsV4.softmaxCrossEntropyLabels($0, $1, $2, $3, $4, $5, $6)
      },
      squaredErrorLabels: { KernelsV4.squaredErrorLabels($0, $1, $2, $3, $4, $5, $6) },
      squaredErrorTargets: { KernelsV4.squaredErrorTargets($0, $1, $2, $3, $4, $5, $6, $7) },
      add: { KernelsV4.add($0, $1, $2, $3) },
      squaredNorm: { KernelsV4.squaredNorm($0, $1) },
      allFinite: { KernelsV4.allFinite($0, $1) },
      sgd: { KernelsV4.sgd($0, $1, $2, $3, $4, $5) },
      momentum: { KernelsV4.momentum($0, $1, $2, $3, $4, $5, $6, $7) },
      nesterov: { KernelsV4.nesterov($0, $1, $2, $3, $4, $5, $6, $7) },
      adamW: { KernelsV4.adamW($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) },
      product: { KernelsV4.product($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      productOfTranspose: { KernelsV4.productOfTranspose($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
      clustering: ClusteringKernels(
        squaredDistanceFloat: { KernelsV4.squaredDistanceFloat($0, $1, $2) },
        squaredDistanceUInt8: { KernelsV4.squaredDistanceUInt8($0, $1, $2) },
        smallestScores: { KernelsV4.smallestScores($0, $1, $2, $3, $4, $5, $6, $7) },
        nearestInTile: { KernelsV4.nearestInTile($0, $1, $2, $3, $4, $5, $6, $7) },
        boundsHold: { KernelsV4.boundsHold($0, $1, $2) },
        lowerBounds: { KernelsV4.lowerBounds($0, $1, $2, $3) }))
  }
#endif
