#ifndef DTRAIN_CCPU_SHIM_H
#define DTRAIN_CCPU_SHIM_H

// What Swift cannot ask or tell the processor; header only.
// Features are asked of cpuid directly: __builtin_cpu_supports needs a run-time library that a static link of
// the Swift runtime does not always bring.

// Starts fetching the cache line at p; harmless for any address.
static inline void dtrain_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }

// The same, to write there: other processors' copies are taken away at once, which a plain store would wait for.
// (The compiler emits this instruction only for processors that say they have it; those that do not skip it.)
static inline void dtrain_prefetch_to_write(const void *p) {
#if defined(__x86_64__)
  __asm__ volatile("prefetchw %0" : : "m"(*(const char *)p));
#else
  __builtin_prefetch(p, 1, 3);
#endif
}

// Whether the code that includes this is compiled for 32 registers of 16 floats: a constant.
static inline __attribute__((always_inline)) int dtrain_has_wide_registers(void) {
#if defined(__AVX512F__)
  return 1;
#else
  return 0;
#endif
}

typedef int dtrain_words __attribute__((ext_vector_type(16)));

// Eight numbers in memory of any alignment. The standard library's loads and stores stay function calls in functions that
// are long, and then every register that they might change goes to memory.
typedef double dtrain_doubles __attribute__((ext_vector_type(8)));
typedef double dtrain_loose_doubles __attribute__((ext_vector_type(8), aligned(8)));
typedef float dtrain_loose_floats __attribute__((ext_vector_type(8), aligned(4)));

typedef float dtrain_lanes __attribute__((ext_vector_type(16)));
typedef float dtrain_loose_lanes __attribute__((ext_vector_type(16), aligned(4)));

// The same of sixteen floats.
static inline __attribute__((always_inline)) dtrain_lanes dtrain_load_lanes(const float *p) {
  return *(const dtrain_loose_lanes *)p;
}
static inline __attribute__((always_inline)) dtrain_doubles dtrain_load_doubles(const double *p) {
  return *(const dtrain_loose_doubles *)p;
}
static inline __attribute__((always_inline)) void dtrain_store_doubles(double *p, dtrain_doubles x) {
  *(dtrain_loose_doubles *)p = x;
}
// Floats as doubles, and doubles rounded to floats.
static inline __attribute__((always_inline)) dtrain_doubles dtrain_load_widened(const float *p) {
  return __builtin_convertvector(*(const dtrain_loose_floats *)p, dtrain_doubles);
}
static inline __attribute__((always_inline)) void dtrain_store_narrowed(float *p, dtrain_doubles x) {
  *(dtrain_loose_floats *)p = __builtin_convertvector(x, dtrain_loose_floats);
}

// Sixteen words of two 16-bit integers each: the products of both, added in 32 bits. One instruction
// (pmaddwd) on x86, which no arithmetic on Swift's vectors is compiled to.
static inline __attribute__((always_inline)) dtrain_words dtrain_pair_products(dtrain_words a,
                                                                               dtrain_words b) {
#if defined(__AVX512BW__)
  typedef short halves __attribute__((ext_vector_type(32)));
  return (dtrain_words)__builtin_ia32_pmaddwd512((halves)a, (halves)b);
#elif defined(__AVX2__)
  typedef short halves __attribute__((ext_vector_type(16)));
  dtrain_words sum;
  sum.lo = __builtin_ia32_pmaddwd256((halves)a.lo, (halves)b.lo);
  sum.hi = __builtin_ia32_pmaddwd256((halves)a.hi, (halves)b.hi);
  return sum;
#else
  // Unsigned, whose overflow is defined: -32768 twice in both words.
  typedef unsigned bits __attribute__((ext_vector_type(16)));
  dtrain_words low = ((dtrain_words)((bits)a << 16) >> 16) * ((dtrain_words)((bits)b << 16) >> 16);
  return (dtrain_words)((bits)low + (bits)((a >> 16) * (b >> 16)));
#endif
}

// Sixteen words of two 16-bit integers each: a sum and the absolute differences of two others, half by half.
// Differences and sums must be below 2^15. Arithmetic on Swift's vectors of 16-bit integers is not compiled to
// vector instructions.
static inline __attribute__((always_inline)) dtrain_words dtrain_add_differences(
    dtrain_words sum, dtrain_words a, dtrain_words b) {
#if defined(__AVX512BW__)
  typedef short halves __attribute__((ext_vector_type(32)));
  return (dtrain_words)((halves)sum + __builtin_elementwise_abs((halves)a - (halves)b));
#elif defined(__AVX2__)
  typedef short halves __attribute__((ext_vector_type(16)));
  dtrain_words result;
  result.lo = (__typeof__(result.lo))((halves)sum.lo +
                                      __builtin_elementwise_abs((halves)a.lo - (halves)b.lo));
  result.hi = (__typeof__(result.hi))((halves)sum.hi +
                                      __builtin_elementwise_abs((halves)a.hi - (halves)b.hi));
  return result;
#else
  typedef short halves __attribute__((ext_vector_type(32)));
  halves difference = (halves)a - (halves)b;
  halves negative = difference >> 15;
  return (dtrain_words)((halves)sum + ((difference ^ negative) - negative));
#endif
}

// Of eight groups of eight bytes each the sums of their absolute differences, in 64 bits. One instruction (psadbw) on
// x86.
static inline __attribute__((always_inline)) dtrain_words dtrain_byte_differences(dtrain_words a, dtrain_words b) {
#if defined(__AVX512BW__)
  typedef char bytes __attribute__((vector_size(64)));
  return (dtrain_words)__builtin_ia32_psadbw512((bytes)a, (bytes)b);
#elif defined(__AVX2__)
  typedef char bytes __attribute__((vector_size(32)));
  dtrain_words result;
  result.lo = (__typeof__(result.lo))__builtin_ia32_psadbw256((bytes)a.lo, (bytes)b.lo);
  result.hi = (__typeof__(result.hi))__builtin_ia32_psadbw256((bytes)a.hi, (bytes)b.hi);
  return result;
#else
  typedef unsigned char bytes __attribute__((ext_vector_type(64)));
  typedef unsigned long long groups __attribute__((ext_vector_type(8)));
  bytes x = (bytes)a, y = (bytes)b;
  groups sums = 0;
  for (int i = 0; i < 64; i++) sums[i / 8] += x[i] > y[i] ? x[i] - y[i] : y[i] - x[i];
  return (dtrain_words)sums;
#endif
}

// Of eight 64-bit sums a and b, below 2^15, the words a · 2^16 and b · 2^16, side by side.
static inline __attribute__((always_inline)) dtrain_words dtrain_pair_sums(dtrain_words a, dtrain_words b) {
  typedef unsigned long long groups __attribute__((ext_vector_type(8)));
  return (dtrain_words)((groups)a << 16 | (groups)b << 48);
}

// The even words of a and b, and the odd ones.
static inline __attribute__((always_inline)) dtrain_words dtrain_even_words(dtrain_words a, dtrain_words b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
static inline __attribute__((always_inline)) dtrain_words dtrain_odd_words(dtrain_words a, dtrain_words b) {
  return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

// Writes the low bytes of sixteen words: the first eight to p, the others to q, unless it is null.
static inline __attribute__((always_inline)) void dtrain_store_bytes(dtrain_words x, unsigned long long *p,
                                                                     unsigned long long *q) {
  typedef unsigned char bytes __attribute__((ext_vector_type(16)));
  typedef unsigned long long groups __attribute__((ext_vector_type(2)));
  groups both = (groups)__builtin_convertvector(x, bytes);
  *p = both[0];
  if (q) *q = both[1];
}

// The sign bits of sixteen words, the first in the lowest bit.
static inline __attribute__((always_inline)) unsigned dtrain_signs(dtrain_words x) {
#if defined(__AVX512DQ__)
  return (unsigned short)__builtin_ia32_cvtd2mask512(x);
#elif defined(__AVX2__)
  typedef float lanes __attribute__((ext_vector_type(8)));
  return (unsigned)__builtin_ia32_movmskps256((lanes)x.lo) |
         (unsigned)__builtin_ia32_movmskps256((lanes)x.hi) << 8;
#else
  unsigned signs = 0;
  for (int i = 0; i < 16; i++) signs |= (unsigned)(x[i] < 0) << i;
  return signs;
#endif
}

// Writes those of sixteen words whose bit in mask is set, one behind the other; p has room for sixteen.
static inline __attribute__((always_inline)) void dtrain_keep(dtrain_words x, unsigned mask, int *p) {
#if defined(__AVX512F__)
  typedef int loose __attribute__((ext_vector_type(16), aligned(4)));
  typedef int four __attribute__((ext_vector_type(4), aligned(4)));
  dtrain_words kept = (dtrain_words)__builtin_ia32_compresssi512_mask(x, (dtrain_words)0, (unsigned short)mask);
  // Short stores seldom cross cache lines, and there are seldom more.
  if (__builtin_popcount(mask) <= 4) {
    *(four *)p = __builtin_shufflevector(kept, kept, 0, 1, 2, 3);
  } else {
    *(loose *)p = (loose)kept;
  }
#else
  for (; mask != 0; mask &= mask - 1) *p++ = x[__builtin_ctz(mask)];
#endif
}

#if defined(__x86_64__)
#include <cpuid.h>

enum {
  dtrain_cpu_ssse3 = 1 << 0,
  dtrain_cpu_sse42 = 1 << 1,
  dtrain_cpu_popcnt = 1 << 2,
  dtrain_cpu_avx = 1 << 3,
  dtrain_cpu_avx2 = 1 << 4,
  dtrain_cpu_bmi1 = 1 << 5,
  dtrain_cpu_bmi2 = 1 << 6,
  dtrain_cpu_f16c = 1 << 7,
  dtrain_cpu_fma = 1 << 8,
  dtrain_cpu_lzcnt = 1 << 9,
  dtrain_cpu_movbe = 1 << 10,
  dtrain_cpu_os_ymm = 1 << 11,
  dtrain_cpu_avx512f = 1 << 12,
  dtrain_cpu_avx512bw = 1 << 13,
  dtrain_cpu_avx512cd = 1 << 14,
  dtrain_cpu_avx512dq = 1 << 15,
  dtrain_cpu_avx512vl = 1 << 16,
  dtrain_cpu_os_zmm = 1 << 17,
};

// The features of x86-64-v4 (bits up to dtrain_cpu_os_ymm: of v3) that are missing here.
static inline unsigned dtrain_cpu_missing(void) {
  unsigned a = 0, b = 0, c = 0, d = 0, have = 0;
  unsigned saved = 0;
  if (__get_cpuid(1, &a, &b, &c, &d)) {
    if (c & (1u << 9)) have |= dtrain_cpu_ssse3;
    if (c & (1u << 20)) have |= dtrain_cpu_sse42;
    if (c & (1u << 23)) have |= dtrain_cpu_popcnt;
    if (c & (1u << 28)) have |= dtrain_cpu_avx;
    if (c & (1u << 29)) have |= dtrain_cpu_f16c;
    if (c & (1u << 12)) have |= dtrain_cpu_fma;
    if (c & (1u << 22)) have |= dtrain_cpu_movbe;
    // The operating system must save the registers on a task switch.
    if (c & (1u << 27)) __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    if ((saved & 0x06) == 0x06) have |= dtrain_cpu_os_ymm;
    if ((saved & 0xE6) == 0xE6) have |= dtrain_cpu_os_zmm;
  }
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    if (b & (1u << 5)) have |= dtrain_cpu_avx2;
    if (b & (1u << 3)) have |= dtrain_cpu_bmi1;
    if (b & (1u << 8)) have |= dtrain_cpu_bmi2;
    if (b & (1u << 16)) have |= dtrain_cpu_avx512f;
    if (b & (1u << 30)) have |= dtrain_cpu_avx512bw;
    if (b & (1u << 28)) have |= dtrain_cpu_avx512cd;
    if (b & (1u << 17)) have |= dtrain_cpu_avx512dq;
    if (b & (1u << 31)) have |= dtrain_cpu_avx512vl;
  }
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d)) {
    if (c & (1u << 5)) have |= dtrain_cpu_lzcnt;
  }
  return ~have & 0x3FFFFu;
}

// Whether AMD made this processor.
static inline int dtrain_cpu_is_amd(void) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0, &a, &b, &c, &d) && b == 0x68747541u && d == 0x69746e65u &&
         c == 0x444d4163u;  // "AuthenticAMD"
}
#else
static inline unsigned dtrain_cpu_missing(void) { return 0; }
static inline int dtrain_cpu_is_amd(void) { return 0; }
#endif

#endif
