/// exp(x) for x <= 0, within 1 ulp; 0 below -104 and NaN for NaN.
///
/// x = k ln 2 + r with |r| <= ln(2)/2 (ln 2 in two parts, so that k ln2High is exact), then a
/// polynomial of degree 7 (coefficients of Cephes' `expf`). The scaling by 2^k is split in two
/// factors, so that subnormal results round once.
@inline(always)
func expNonPositive(_ argument: Lanes) -> Lanes {
  let low = Lanes(repeating: -104)
  let x = argument.replacing(with: low, where: argument .< low)
  let (p, k) = expm1Reduced(x)
  let half = k &>> IntLanes(repeating: 1)
  let first = float(bits: (half &+ IntLanes(repeating: 127)) &<< IntLanes(repeating: 23))
  let second = float(bits: (k &- half &+ IntLanes(repeating: 127)) &<< IntLanes(repeating: 23))
  return (p + Lanes(repeating: 1)) * first * second
}

/// exp(x) = 2^k (1 + p) for |x| <= 104: returns p in [-0.3, 0.42] and k.
@inline(always)
func expm1Reduced(_ x: Lanes) -> (p: Lanes, k: IntLanes) {
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  let magic = Lanes(repeating: 12_582_912)
  let shifted = magic.addingProduct(x, Lanes(repeating: 1.442_695_04))
  let k = bits(shifted) &- IntLanes(repeating: 0x4B40_0000)
  let kFloat = shifted - magic
  var r = x.addingProduct(kFloat, Lanes(repeating: -0.693_145_751_953_125))
  r = r.addingProduct(kFloat, Lanes(repeating: -1.428_606_765e-6))
  var q = Lanes(repeating: 1.987_569_150e-4)
  q = Lanes(repeating: 1.398_199_951e-3).addingProduct(q, r)
  q = Lanes(repeating: 8.333_451_907e-3).addingProduct(q, r)
  q = Lanes(repeating: 4.166_579_589e-2).addingProduct(q, r)
  q = Lanes(repeating: 1.666_666_546e-1).addingProduct(q, r)
  q = Lanes(repeating: 5.000_000_120e-1).addingProduct(q, r)
  return (r.addingProduct(q, r * r), k)
}

/// log(1 + x) for x >= 0, within 2 ulp; NaN for NaN, not meant for infinity.
///
/// 1 + x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); f is formed from x itself, so nothing of
/// a small x is lost. The polynomial in f is Cephes' `logf`.
@inline(always)
func log1pNonNegative(_ x: Lanes) -> Lanes {
  let one = Lanes(repeating: 1)
  let k = (bits(x + one) &- IntLanes(repeating: 0x3F35_04F3)) &>> IntLanes(repeating: 23)
  let scale = float(bits: (IntLanes(repeating: 127) &- k) &<< IntLanes(repeating: 23))
  let f = (scale - one).addingProduct(scale, x)
  var q = Lanes(repeating: 7.037_683_629_2e-2)
  q = Lanes(repeating: -1.151_461_031_0e-1).addingProduct(q, f)
  q = Lanes(repeating: 1.167_699_874_0e-1).addingProduct(q, f)
  q = Lanes(repeating: -1.242_014_084_6e-1).addingProduct(q, f)
  q = Lanes(repeating: 1.424_932_278_7e-1).addingProduct(q, f)
  q = Lanes(repeating: -1.666_805_766_5e-1).addingProduct(q, f)
  q = Lanes(repeating: 2.000_071_476_5e-1).addingProduct(q, f)
  q = Lanes(repeating: -2.499_999_399_3e-1).addingProduct(q, f)
  q = Lanes(repeating: 3.333_333_117_4e-1).addingProduct(q, f)
  let square = f * f
  // k as a Float: exact, |k| < 2^22.
  let magic = IntLanes(repeating: 0x4B40_0000)
  let kFloat = float(bits: k &+ magic) - Lanes(repeating: 12_582_912)
  var y = (q * f) * square
  y = y.addingProduct(kFloat, Lanes(repeating: 1.428_606_765e-6))
  y = y.addingProduct(square, Lanes(repeating: -0.5))
  return (f + y).addingProduct(kFloat, Lanes(repeating: 0.693_145_751_953_125))
}
