#ifndef DTRAIN_CKERNELS_KERNELS_H
#define DTRAIN_CKERNELS_KERNELS_H

// The signatures of the vector kernels. These types stand in C because a Swift type's metadata in a module built
// for newer CPUs would be run on older ones; C types have none.
//
// A kernel is written in Sources/Kernels and entered in Sources/Kernels/Table.swift. One that is like others only
// needs a line there, in the list of its family; one that stands alone is also a member of `dtrain_kernels` here, and
// has a wrapper with labels, which documents it, in Sources/KernelTable.
//
// Matrices are row-major, `[rows, columns]`, with strides in elements; pointers need no alignment.

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Families: kernels that are called alike.

// A function of each element, in place, and its derivative.
typedef struct {
  // x = f(x)
  void (*forward)(float *x, long stride, long rows, long columns);
  // delta *= f'(z), from a = f(z)
  void (*backward)(float *delta, long delta_stride, const float *a, long a_stride, long rows, long columns);
} dtrain_activation;

// A loss of class labels.
typedef struct {
  void (*run)(float *z, long stride, long rows, long columns, const int32_t *labels, const float *coefficients,
              double *loss, long *wrong);
} dtrain_label_loss;

// A loss of a matrix of targets.
typedef struct {
  void (*run)(float *z, long stride, long rows, long columns, const float *targets, long target_stride,
              const float *coefficients, double *loss, long *wrong);
} dtrain_target_loss;

// The update of some parameters w by an optimizer, from their gradient g.
typedef struct {
  void (*run)(float *w, const float *g, float *_Nonnull const *_Nonnull state, long first, long count, float rate,
              float scale, float decay, const float *coefficients);
} dtrain_update;

// Kernels that stand alone.
typedef struct {
  // Streams and rows (Sums.swift, ColumnTallies.swift, Gather.swift, SoftmaxLoss.swift)
  void (*add)(float *destination, const float *a, const float *b, long count);
  double (*squaredNorm)(const float *x, long count);
  bool (*allFinite)(const float *x, long count);
  void (*tallyLanesOfFloats)(const float *x, long step, long count, long lanes, float *extents, double *sums);
  void (*tallyLanesOfBytes)(const uint8_t *x, long step, long count, long lanes, float *extents, double *sums);
  bool (*tallySquaresOfFloats)(const float *x, long step, long count, const double *points, double *sums);
  bool (*tallySquaresOfBytes)(const uint8_t *x, long step, long count, const double *points, double *sums);
  void (*softmaxRows)(float *z, long stride, long rows, long columns);
  void (*gatherAffineUInt8)(float *destination, long stride, const uint8_t *source, long columns,
                            const int32_t *_Nullable rows, long count, const float *shift, const float *factor);
  void (*gatherAffineFloat)(float *destination, long stride, const float *source, long columns,
                            const int32_t *_Nullable rows, long count, const float *shift, const float *factor);

  // Products (Products.swift)
  void (*product)(const float *a, long a_stride, const float *b, long b_stride, float *c, long c_stride, long rows,
                  long columns, long inner);
  void (*productOfTranspose)(const float *a, long a_stride, const float *b, long b_stride, float *c, long c_stride,
                             long rows, long columns, long inner, bool accumulate, const float *_Nullable next);
  void (*transpose)(const float *a, long a_stride, float *b, long b_stride, long rows, long columns);

  // Distances (Distances.swift, AbsoluteDistances.swift)
  double (*squaredDistanceFloat)(const float *x, const float *c, long columns);
  double (*squaredDistanceUInt8)(const uint8_t *x, const float *c, long columns);
  float (*nearlySquaredDistanceFloat)(const float *x, const float *c, long columns);
  float (*nearlySquaredDistanceUInt8)(const uint8_t *x, const float *c, long columns);
  double (*absoluteDistanceFloat)(const float *x, const float *c, long columns);
  double (*absoluteDistanceUInt8)(const uint8_t *x, const float *c, long columns);
  void (*sumOfAbsoluteDistances)(const float *rows, long count, long columns, const int32_t *labels,
                                 const double *centers, long stride, double scale, int64_t *sums);
  void (*byteDistances)(const uint8_t *x, long columns, const uint8_t *planes, long stride, long plane_count,
                        uint32_t *sums, const int32_t *first, const int32_t *second, long clusters, float *scores);
  void (*squaredDistancesInTile)(const float *tile, long columns, const double *points, double *distances);

  // Tiles of sixteen rows (Tiles.swift, AbsoluteScores.swift, DistanceTiles.swift)
  void (*tileOfFloats)(float *tile, const float *source, long columns, const int32_t *rows, const float *shift,
                       const float *factor);
  void (*tileOfBytes)(float *tile, const uint8_t *source, long columns, const int32_t *rows, const float *shift,
                      const float *factor);
  void (*tileOfFloatBytes)(uint64_t *tile, const float *source, long columns, const int32_t *rows,
                           const float *shift, const float *factor);
  void (*tileOfFloatPairs)(int32_t *tile, const float *source, long columns, const int32_t *rows,
                           const float *shift, const float *factor);
  void (*tileOfBytePairs)(int32_t *tile, const uint8_t *source, long columns, const int32_t *rows,
                          const int16_t *shift);
  void (*tileOfWords)(int32_t *tile, const int32_t *source, long words, const int32_t *rows);
  void (*transposeIntoTile)(const float *rows, long columns, const int32_t *chosen, long count, float *tile);
  void (*distancesInTile)(const float *tile, long columns, long rows, const double *centers, long count,
                          long form, float *distances, float *room);
  long (*distancesByProducts)(const float *tile, long columns, long rows, const double *shift, const double *centers,
                              const double *squares, long count, double slack, bool is_halved, float *distances,
                              int32_t *undecided, double *shifted, float *room);

  // Scores of centers (Nearest.swift, AbsoluteScores.swift)
  void (*nearestOfFloats)(const float *tile, long columns, const float *centers, const float *h, long count,
                          long group_size, int32_t *nearest, float *best, float *runner_up, float *scores,
                          float *_Nullable groups);
  void (*nearestOfPairs)(const int32_t *tile, long words, const int32_t *centers, const int32_t *h, float unit,
                         long count, long group_size, int32_t *nearest, float *best, float *runner_up,
                         float *scores, float *_Nullable groups);
  long (*centersWithin)(const float *scores, long count, const float *limits, int32_t *chosen);
  void (*absoluteScoresInTile)(const float *tile, long columns, const float *centers, long count, long padding,
                               float *scores, int32_t *nearest, float *best, float *runner_up);
  void (*nearestOfAbsolutePairs)(const int32_t *tile, long words, const int32_t *centers, long count, long padding,
                                 int32_t *nearest, int32_t *best, int32_t *runner_up);
  void (*nearestOfByteGroups)(const uint64_t *tile, long groups, const uint64_t *centers, long count, long padding,
                              int32_t *nearest, int32_t *best, int32_t *runner_up);
  void (*absoluteScores)(const float *x, long columns, const float *centers, long stride, long count,
                         float *scores);
  void (*smallestTwo)(const float *scores, long stride, long rows, long vectors, int32_t *nearest, float *best,
                      float *runner_up);

  // Which centers may be the nearest (Sieve.swift)
  void (*scoresOfPairs)(const int32_t *tile, long words, const int32_t *centers, const int32_t *h, long count,
                        int32_t *scores);
  void (*leastOfScores)(const int32_t *scores, long count, int32_t *nearest);
  long (*siftScores)(const int32_t *scores, long count, long group_size, float unit, const int32_t *limits,
                     int32_t *chosen, int32_t *rows, float *_Nullable groups);

  // Bounds of distances (DistanceBounds.swift)
  bool (*judgeTile)(const float *norms, const float *best, const float *runner_up, float slope, float constant,
                    float roundoff, float largest, int32_t *undecided, float *errors, float *upper, float *lower);
  void (*lowerBounds)(float *bounds, const float *scores, float squared, float error, const float *drift);
  bool (*boundsHold)(const float *lower, const float *drift, float limit);
  long (*rowsToAssign)(long first, long end, const int32_t *labels, const float *upper, const float *moved,
                       const float *lower, const float *drift, int32_t *chosen);
  long (*rowsToAssignOfOneGroup)(long first, long end, const int32_t *labels, const float *upper,
                                 const float *moved, const float *lower, const float *others, const float *halves,
                                 int32_t *chosen);
  uint32_t (*settleTile)(const int32_t *rows, long count, const int32_t *nearest, float *best, float *runner_up,
                         float relative, float absolute, int32_t *labels, int32_t *before, float *_Nullable upper,
                         float *_Nullable lower, const float *_Nullable moved, const float *_Nullable others);

  // Sums of rows (RowSums.swift)
  void (*addRowOfBytes)(int64_t *sums, const uint8_t *x, long columns, int64_t sign);
  void (*addRowOfFloats)(int64_t *high, int64_t *_Nullable low, const float *x, const double *scale,
                         double low_scale, long columns, double sign);

  // Counts and candidates of medians (Codes.swift)
  void (*tallyBins)(const float *rows, long columns, const int32_t *chosen, long count, const float *low,
                    const float *scale, long lower_bits, int32_t *counts, int32_t sign, int32_t *room);
  void (*extremesOfBins)(const float *rows, long count, long columns, const float *low, const float *scale,
                         long lower_bits, float *least, float *greatest);
  void (*tallyCodes)(const float *rows, long count, long columns, const int32_t *labels, long stride,
                     const float *low, const float *scale, long lower_bits, const int32_t *first,
                     const int32_t *last, const int32_t *offsets, int32_t *counts);
  long (*collectValues)(const float *rows, long count, long columns, const int32_t *labels, long stride,
                        const float *least, const float *greatest, float *values, int32_t *places, long capacity,
                        int32_t *room);
  long (*countParts)(float *values, int32_t *places, long count, long stride, const float *low, const float *scale,
                     long lower_bits, const int32_t *first, const int32_t *last, const int32_t *slots, long bits,
                     int32_t *counts);
} dtrain_kernels;

#pragma clang assume_nonnull end

#endif
