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
      squaredErrorTargets: { KernelsV3.squaredErrorTargets($0, $1, $2, $3, $4, $5, $6, $7) },
      add: { KernelsV3.add($0, $1, $2, $3) },
      squaredNorm: { KernelsV3.squaredNorm($0, $1) },
      allFinite: { KernelsV3.allFinite($0, $1) },
      sgd: { KernelsV3.sgd($0, $1, $2, $3, $4, $5) },
      momentum: { KernelsV3.momentum($0, $1, $2, $3, $4, $5, $6, $7) },
      nesterov: { KernelsV3.nesterov($0, $1, $2, $3, $4, $5, $6, $7) },
      adamW: { KernelsV3.adamW($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) },
      product: { KernelsV3.product($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      productOfTranspose: {
        KernelsV3.productOfTranspose($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      },
      transpose: { KernelsV3.transpose($0, $1, $2, $3, $4, $5) },
      clustering: ClusteringKernels(
        squaredDistanceFloat: { KernelsV3.squaredDistanceFloat($0, $1, $2) },
        squaredDistanceUInt8: { KernelsV3.squaredDistanceUInt8($0, $1, $2) },
        nearlySquaredDistanceFloat: { KernelsV3.nearlySquaredDistanceFloat($0, $1, $2) },
        nearlySquaredDistanceUInt8: { KernelsV3.nearlySquaredDistanceUInt8($0, $1, $2) },
        tileOfFloats: { KernelsV3.tileOfFloats($0, $1, $2, $3, $4, $5) },
        tileOfBytes: { KernelsV3.tileOfBytes($0, $1, $2, $3, $4, $5) },
        tileOfFloatBytes: { KernelsV3.tileOfFloatBytes($0, $1, $2, $3, $4, $5) },
        tileOfFloatPairs: { KernelsV3.tileOfFloatPairs($0, $1, $2, $3, $4, $5) },
        tileOfBytePairs: { KernelsV3.tileOfBytePairs($0, $1, $2, $3, $4) },
        nearestOfFloats: { KernelsV3.nearestOfFloats($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        nearestOfPairs: {
          KernelsV3.nearestOfPairs($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        },
        centersWithin: { KernelsV3.centersWithin($0, $1, $2, $3) },
        judgeTile: { KernelsV3.judgeTile($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        lowerBounds: { KernelsV3.lowerBounds($0, $1, $2, $3, $4) },
        boundsHold: { KernelsV3.boundsHold($0, $1, $2) },
        rowsToAssign: { KernelsV3.rowsToAssign($0, $1, $2, $3, $4, $5, $6, $7) },
        rowsToAssignOfOneGroup: {
          KernelsV3.rowsToAssignOfOneGroup($0, $1, $2, $3, $4, $5, $6, $7, $8)
        },
        addRowOfBytes: { KernelsV3.addRowOfBytes($0, $1, $2, $3) },
        addRowOfFloats: { KernelsV3.addRowOfFloats($0, $1, $2, $3, $4, $5, $6) }),
      manhattan: ManhattanKernels(
        absoluteDistanceFloat: { KernelsV3.absoluteDistanceFloat($0, $1, $2) },
        absoluteDistanceUInt8: { KernelsV3.absoluteDistanceUInt8($0, $1, $2) },
        sumOfAbsoluteDistances: {
          KernelsV3.sumOfAbsoluteDistances($0, $1, $2, $3, $4, $5, $6, $7)
        },
        byteDistances: {
          KernelsV3.byteDistances($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
        },
        absoluteScoresInTile: {
          KernelsV3.absoluteScoresInTile($0, $1, $2, $3, $4, $5, $6, $7, $8)
        },
        nearestOfAbsolutePairs: {
          KernelsV3.nearestOfAbsolutePairs($0, $1, $2, $3, $4, $5, $6, $7)
        },
        nearestOfByteGroups: {
          KernelsV3.nearestOfByteGroups($0, $1, $2, $3, $4, $5, $6, $7)
        },
        settleTile: {
          KernelsV3.settleTile($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        },
        transposeIntoTile: { KernelsV3.transposeIntoTile($0, $1, $2, $3, $4) },
        absoluteScores: { KernelsV3.absoluteScores($0, $1, $2, $3, $4, $5) },
        tallyBins: { KernelsV3.tallyBins($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
        extremesOfBins: { KernelsV3.extremesOfBins($0, $1, $2, $3, $4, $5, $6, $7) },
        tallyCodes: { KernelsV3.tallyCodes($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
        collectValues: { KernelsV3.collectValues($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        countParts: { KernelsV3.countParts($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
        smallestTwo: { KernelsV3.smallestTwo($0, $1, $2, $3, $4, $5, $6) }))
  }
#endif
