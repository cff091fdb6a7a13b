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
      squaredErrorTargets: { Kernels.squaredErrorTargets($0, $1, $2, $3, $4, $5, $6, $7) },
      add: { Kernels.add($0, $1, $2, $3) },
      squaredNorm: { Kernels.squaredNorm($0, $1) },
      allFinite: { Kernels.allFinite($0, $1) },
      sgd: { Kernels.sgd($0, $1, $2, $3, $4, $5) },
      momentum: { Kernels.momentum($0, $1, $2, $3, $4, $5, $6, $7) },
      nesterov: { Kernels.nesterov($0, $1, $2, $3, $4, $5, $6, $7) },
      adamW: { Kernels.adamW($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) },
      product: { Kernels.product($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      productOfTranspose: {
        Kernels.productOfTranspose($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      },
      transpose: { Kernels.transpose($0, $1, $2, $3, $4, $5) },
      clustering: ClusteringKernels(
        squaredDistanceFloat: { Kernels.squaredDistanceFloat($0, $1, $2) },
        squaredDistanceUInt8: { Kernels.squaredDistanceUInt8($0, $1, $2) },
        nearlySquaredDistanceFloat: { Kernels.nearlySquaredDistanceFloat($0, $1, $2) },
        nearlySquaredDistanceUInt8: { Kernels.nearlySquaredDistanceUInt8($0, $1, $2) },
        tileOfFloats: { Kernels.tileOfFloats($0, $1, $2, $3, $4, $5) },
        tileOfBytes: { Kernels.tileOfBytes($0, $1, $2, $3, $4, $5) },
        tileOfFloatBytes: { Kernels.tileOfFloatBytes($0, $1, $2, $3, $4, $5) },
        tileOfFloatPairs: { Kernels.tileOfFloatPairs($0, $1, $2, $3, $4, $5) },
        tileOfBytePairs: { Kernels.tileOfBytePairs($0, $1, $2, $3, $4) },
        nearestOfFloats: { Kernels.nearestOfFloats($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        nearestOfPairs: {
          Kernels.nearestOfPairs($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        },
        centersWithin: { Kernels.centersWithin($0, $1, $2, $3) },
        judgeTile: { Kernels.judgeTile($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        lowerBounds: { Kernels.lowerBounds($0, $1, $2, $3, $4) },
        boundsHold: { Kernels.boundsHold($0, $1, $2) },
        rowsToAssign: { Kernels.rowsToAssign($0, $1, $2, $3, $4, $5, $6, $7) },
        rowsToAssignOfOneGroup: {
          Kernels.rowsToAssignOfOneGroup($0, $1, $2, $3, $4, $5, $6, $7, $8)
        },
        addRowOfBytes: { Kernels.addRowOfBytes($0, $1, $2, $3) },
        addRowOfFloats: { Kernels.addRowOfFloats($0, $1, $2, $3, $4, $5, $6) }),
      manhattan: ManhattanKernels(
        absoluteDistanceFloat: { Kernels.absoluteDistanceFloat($0, $1, $2) },
        absoluteDistanceUInt8: { Kernels.absoluteDistanceUInt8($0, $1, $2) },
        sumOfAbsoluteDistances: {
          Kernels.sumOfAbsoluteDistances($0, $1, $2, $3, $4, $5, $6, $7)
        },
        byteDistances: {
          Kernels.byteDistances($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
        },
        absoluteScoresInTile: { Kernels.absoluteScoresInTile($0, $1, $2, $3, $4, $5, $6, $7, $8) },
        nearestOfAbsolutePairs: {
          Kernels.nearestOfAbsolutePairs($0, $1, $2, $3, $4, $5, $6, $7)
        },
        nearestOfByteGroups: {
          Kernels.nearestOfByteGroups($0, $1, $2, $3, $4, $5, $6, $7)
        },
        settleTile: {
          Kernels.settleTile($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        },
        transposeIntoTile: { Kernels.transposeIntoTile($0, $1, $2, $3, $4) },
        absoluteScores: { Kernels.absoluteScores($0, $1, $2, $3, $4, $5) },
        tallyBins: { Kernels.tallyBins($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
        extremesOfBins: { Kernels.extremesOfBins($0, $1, $2, $3, $4, $5, $6, $7) },
        tallyCodes: { Kernels.tallyCodes($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
        collectValues: { Kernels.collectValues($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
        countParts: { Kernels.countParts($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) },
        smallestTwo: { Kernels.smallestTwo($0, $1, $2, $3, $4, $5, $6) }))
  }
#endif
