import CKernels

// Where every kernel is entered. Compiled once per instruction set, as all files of this folder; nothing else of them
// is public. A missing kernel, or one of another signature, does not compile.

// MARK: Families: a line in the type and one in the value are all that a new member needs.

/// Functions of an element with their derivatives.
public typealias Activations = (
  tanh: dtrain_activation,
  sigmoid: dtrain_activation,
  relu: dtrain_activation
)

private func activations() -> Activations {
  (
    tanh: dtrain_activation(forward: tanhForward, backward: tanhBackward),
    sigmoid: dtrain_activation(forward: sigmoidForward, backward: sigmoidBackward),
    relu: dtrain_activation(forward: reluForward, backward: reluBackward)
  )
}

/// Losses of class labels.
public typealias LabelLosses = (
  sigmoidCrossEntropy: dtrain_label_loss,
  softmaxCrossEntropy: dtrain_label_loss
)

private func labelLosses() -> LabelLosses {
  (
    sigmoidCrossEntropy: dtrain_label_loss(run: sigmoidCrossEntropyLabels),
    softmaxCrossEntropy: dtrain_label_loss(run: softmaxCrossEntropyLabels)
  )
}

/// Losses of a matrix of targets.
public typealias TargetLosses = (
  sigmoidCrossEntropy: dtrain_target_loss,
  squaredError: dtrain_target_loss
)

private func targetLosses() -> TargetLosses {
  (
    sigmoidCrossEntropy: dtrain_target_loss(run: sigmoidCrossEntropyTargets),
    squaredError: dtrain_target_loss(run: squaredErrorTargets)
  )
}

/// Updates of optimizers.
public typealias Updates = (
  sgd: dtrain_update,
  momentum: dtrain_update,
  nesterov: dtrain_update,
  adamW: dtrain_update
)

private func updates() -> Updates {
  (
    sgd: dtrain_update(run: sgd),
    momentum: dtrain_update(run: momentum),
    nesterov: dtrain_update(run: nesterov),
    adamW: dtrain_update(run: adamW)
  )
}

// MARK: Kernels that stand alone, in the order of kernels.h

private func kernels() -> dtrain_kernels {
  dtrain_kernels(
    add: add,
    squaredNorm: squaredNorm,
    allFinite: allFinite,
    tallyLanesOfFloats: tallyLanesOfFloats,
    tallyLanesOfBytes: tallyLanesOfBytes,
    tallySquaresOfFloats: tallySquaresOfFloats,
    tallySquaresOfBytes: tallySquaresOfBytes,
    softmaxRows: softmaxRows,
    gatherAffineUInt8: gatherAffineUInt8,
    gatherAffineFloat: gatherAffineFloat,
    product: product,
    productOfTranspose: productOfTranspose,
    transpose: transpose,
    squaredDistanceFloat: squaredDistanceFloat,
    squaredDistanceUInt8: squaredDistanceUInt8,
    nearlySquaredDistanceFloat: nearlySquaredDistanceFloat,
    nearlySquaredDistanceUInt8: nearlySquaredDistanceUInt8,
    absoluteDistanceFloat: absoluteDistanceFloat,
    absoluteDistanceUInt8: absoluteDistanceUInt8,
    sumOfAbsoluteDistances: sumOfAbsoluteDistances,
    byteDistances: byteDistances,
    squaredDistancesInTile: squaredDistancesInTile,
    tileOfFloats: tileOfFloats,
    tileOfBytes: tileOfBytes,
    tileOfFloatBytes: tileOfFloatBytes,
    tileOfFloatPairs: tileOfFloatPairs,
    tileOfBytePairs: tileOfBytePairs,
    tileOfWords: tileOfWords,
    transposeIntoTile: transposeIntoTile,
    distancesInTile: distancesInTile,
    distancesByProducts: distancesByProducts,
    nearestOfFloats: nearestOfFloats,
    nearestOfPairs: nearestOfPairs,
    centersWithin: centersWithin,
    absoluteScoresInTile: absoluteScoresInTile,
    nearestOfAbsolutePairs: nearestOfAbsolutePairs,
    nearestOfByteGroups: nearestOfByteGroups,
    absoluteScores: absoluteScores,
    smallestTwo: smallestTwo,
    scoresOfPairs: scoresOfPairs,
    leastOfScores: leastOfScores,
    siftScores: siftScores,
    judgeTile: judgeTile,
    lowerBounds: lowerBounds,
    boundsHold: boundsHold,
    rowsToAssign: rowsToAssign,
    rowsToAssignOfOneGroup: rowsToAssignOfOneGroup,
    settleTile: settleTile,
    addRowOfBytes: addRowOfBytes,
    addRowOfFloats: addRowOfFloats,
    tallyBins: tallyBins,
    extremesOfBins: extremesOfBins,
    tallyCodes: tallyCodes,
    collectValues: collectValues,
    countParts: countParts
  )
}

// MARK: All of them

/// The kernels of a build.
public typealias Table = (
  activations: Activations, labelLosses: LabelLosses, targetLosses: TargetLosses, updates: Updates,
  kernels: dtrain_kernels
)

/// The kernels of this build.
public func table() -> Table {
  (activations(), labelLosses(), targetLosses(), updates(), kernels())
}
