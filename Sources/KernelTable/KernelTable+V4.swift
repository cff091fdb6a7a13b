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
      squaredErrorTargets: { KernelsV4.squaredErrorTargets($0, $1, $2, $3, $4, $5, $6, $7) },
      add: { KernelsV4.add($0, $1, $2, $3) },
      squaredNorm: { KernelsV4.squaredNorm($0, $1) },
      allFinite: { KernelsV4.allFinite($0, $1) },
      sgd: { KernelsV4.sgd($0, $1, $2, $3, $4, $5) },
      momentum: { KernelsV4.momentum($0, $1, $2, $3, $4, $5, $6, $7) },
      nesterov: { KernelsV4.nesterov($0, $1, $2, $3, $4, $5, $6, $7) },
      adamW: { KernelsV4.adamW($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) },
      product: { KernelsV4.product($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      productOfTranspose: {
        KernelsV4.productOfTranspose($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      },
      transpose: { KernelsV4.transpose($0, $1, $2, $3, $4, $5) },
      clustering: ClusteringKernels(
        squaredDistanceFloat: { KernelsV4.squaredDistanceFloat($0, $1, $2) },
        squaredDistanceUInt8: { KernelsV4.squaredDistanceUInt8($0, $1, $2) },
        nearlySquaredDistanceFloat: { KernelsV4.nearlySquaredDistanceFloat($0, $1, $2) },
        nearlySquaredDistanceUInt8: { KernelsV4.nearlySquaredDistanceUInt8($0, $1, $2) },
        tileOfFloats: { KernelsV4.tileOfFloats($0, $1, $2, $3, $4, $5) },
        tileOfBytes: { KernelsV4.tileOfBytes($0, $1, $2, $3, $4, $5) },
        tileOfFloatBytes: { KernelsV4.tileOfFloatBytes($0, $1, $2, $3, $4, $5) },
        tileOfFloatPairs: { KernelsV4.tileOfFloatPairs($0, $1, $2, $3, $4, $5) },
        tileOfBytePairs: { KernelsV4.tileOfBytePairs($0, $1, $2, $3, $4) },
        nearestOfFloats: { KernelsV4.nearestOfFloats($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        nearestOfPairs: {
          KernelsV4.nearestOfPairs($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        },
        centersWithin: { KernelsV4.centersWithin($0, $1, $2, $3) },
        judgeTile: { KernelsV4.judgeTile($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        lowerBounds: { KernelsV4.lowerBounds($0, $1, $2, $3, $4) },
        boundsHold: { KernelsV4.boundsHold($0, $1, $2) },
        rowsToAssign: { KernelsV4.rowsToAssign($0, $1, $2, $3, $4, $5, $6, $7) },
        rowsToAssignOfOneGroup: {
          KernelsV4.rowsToAssignOfOneGroup($0, $1, $2, $3, $4, $5, $6, $7, $8)
        },
        addRowOfBytes: { KernelsV4.addRowOfBytes($0, $1, $2, $3) },
        addRowOfFloats: { KernelsV4.addRowOfFloats($0, $1, $2, $3, $4, $5, $6) }),
      manhattan: ManhattanKernels(
        absoluteDistanceFloat: { KernelsV4.absoluteDistanceFloat($0, $1, $2) },
        absoluteDistanceUInt8: { KernelsV4.absoluteDistanceUInt8($0, $1, $2) },
        sumOfAbsoluteDistances: {
          KernelsV4.sumOfAbsoluteDistances($0, $1, $2, $3, $4, $5, $6, $7)
        },
        byteDistances: {
          KernelsV4.byteDistances($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
        },
        absoluteScoresInTile: {
          KernelsV4.absoluteScoresInTile($0, $1, $2, $3, $4, $5, $6, $7, $8)
        },
        nearestOfAbsolutePairs: {
          KernelsV4.nearestOfAbsolutePairs($0, $1, $2, $3, $4, $5, $6, $7)
        },
        nearestOfByteGroups: {
          KernelsV4.nearestOfByteGroups($0, $1, $2, $3, $4, $5, $6, $7)
        },
        settleTile: {
          KernelsV4.settleTile($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        },
        transposeIntoTile: { KernelsV4.transposeIntoTile($0, $1, $2, $3, $4) },
        absoluteScores: { KernelsV4.absoluteScores($0, $1, $2, $3, $4, $5) },
        tallyBins: { KernelsV4.tallyBins($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
        extremesOfBins: { KernelsV4.extremesOfBins($0, $1, $2, $3, $4, $5, $6, $7) },
        tallyCodes: { KernelsV4.tallyCodes($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
        collectValues: { KernelsV4.collectValues($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        countParts: { KernelsV4.countParts($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
        smallestTwo: { KernelsV4.smallestTwo($0, $1, $2, $3, $4, $5, $6) }))
  }
#endif
