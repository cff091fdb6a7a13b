#ifndef DTRAIN_CCPU_SAD_H
#define DTRAIN_CCPU_SAD_H

// Sums of absolute differences of bytes: one instruction that Swift has no name for. Compiled into the
// caller's module, for the instruction set of that module.

#if defined(__AVX2__)
#include <immintrin.h>

#if defined(__AVX512BW__)
#define DTRAIN_SAD_BYTES 64
typedef __m512i dtrain_sad_vector;
#define dtrain_sad_zero _mm512_setzero_si512()
#define dtrain_sad_load(p) _mm512_loadu_si512(p)
#define dtrain_sad_step(sum, a, p) \
  sum = _mm512_add_epi64(sum, _mm512_sad_epu8(a, _mm512_loadu_si512(p)))
#define dtrain_sad_halves(x) \
  _mm256_add_epi64(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1))
#else
#define DTRAIN_SAD_BYTES 32
typedef __m256i dtrain_sad_vector;
#define dtrain_sad_zero _mm256_setzero_si256()
#define dtrain_sad_load(p) _mm256_loadu_si256((const __m256i *)(p))
#define dtrain_sad_step(sum, a, p) \
  sum = _mm256_add_epi64(sum, _mm256_sad_epu8(a, _mm256_loadu_si256((const __m256i *)(p))))
#define dtrain_sad_halves(x) (x)
#endif

static inline unsigned dtrain_sad_total(dtrain_sad_vector x) {
  __m256i four = dtrain_sad_halves(x);
  __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
  return (unsigned)(_mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1));
}
#endif

// The sum of |x[i] - c[i]| from index `from` on.
static inline unsigned dtrain_sad_rest(
    const unsigned char *x, const unsigned char *c, long from, long count) {
  unsigned sum = 0;
  long i = from;
#if defined(__AVX2__)
  for (; i + 16 <= count; i += 16) {
    __m128i two = _mm_sad_epu8(
        _mm_loadu_si128((const __m128i *)(x + i)), _mm_loadu_si128((const __m128i *)(c + i)));
    sum += (unsigned)(_mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1));
  }
#endif
  for (; i < count; i++) {
    int difference = (int)x[i] - (int)c[i];
    sum += (unsigned)(difference < 0 ? -difference : difference);
  }
  return sum;
}

// The sums of |x[i] - c[i]| over count bytes, for each of a number of rows c that are stride bytes apart.
static inline void dtrain_sad(
    const unsigned char *x, long count, const unsigned char *c, long stride, long rows, unsigned *sums) {
  long k = 0, whole = 0;
#if defined(__AVX2__)
  whole = count / DTRAIN_SAD_BYTES * DTRAIN_SAD_BYTES;
  for (; k + 4 <= rows; k += 4) {
    const unsigned char *p = c + k * stride, *q = p + stride, *r = q + stride, *s = r + stride;
    dtrain_sad_vector s0 = dtrain_sad_zero, s1 = s0, s2 = s0, s3 = s0;
    for (long i = 0; i < whole; i += DTRAIN_SAD_BYTES) {
      dtrain_sad_vector a = dtrain_sad_load(x + i);
      dtrain_sad_step(s0, a, p + i);
      dtrain_sad_step(s1, a, q + i);
      dtrain_sad_step(s2, a, r + i);
      dtrain_sad_step(s3, a, s + i);
    }
    sums[k] = dtrain_sad_total(s0) + dtrain_sad_rest(x, p, whole, count);
    sums[k + 1] = dtrain_sad_total(s1) + dtrain_sad_rest(x, q, whole, count);
    sums[k + 2] = dtrain_sad_total(s2) + dtrain_sad_rest(x, r, whole, count);
    sums[k + 3] = dtrain_sad_total(s3) + dtrain_sad_rest(x, s, whole, count);
  }
#endif
  for (; k < rows; k++) {
    const unsigned char *p = c + k * stride;
    unsigned sum = 0;
#if defined(__AVX2__)
    dtrain_sad_vector s0 = dtrain_sad_zero;
    for (long i = 0; i < whole; i += DTRAIN_SAD_BYTES) {
      dtrain_sad_vector a = dtrain_sad_load(x + i);
      dtrain_sad_step(s0, a, p + i);
    }
    sum = dtrain_sad_total(s0);
#endif
    sums[k] = sum + dtrain_sad_rest(x, p, whole, count);
  }
}

#endif
