"""exp, log and the normal quantile in single precision, written so that a compiler can run them many lanes at once.

The libraries' own are calls, one voter at a time. These are polynomials on explicit fused multiply-adds, which round
once on every processor, so that the bytes of a run depend neither on the width of its registers nor on what a compiler
may contract. Errors, against double precision: exp 1.5e-7 and log 1e-7 relative (log absolute near 1), normal quantile
2e-6 absolute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

f32 = np.float32
i32 = np.int32
u32 = np.uint32
HALF, ONE, TWO = f32(0.5), f32(1), f32(2)
LN2_HIGH, LN2_LOW, LOG2_E = f32(0.693359375), f32(-2.12194440e-4), f32(1.4426950409)
ROUND = f32(1.5 * 2**23)  # adding and taking away this rounds to a whole number
SQRT_HALF_BITS, EXPONENT, BIAS = i32(0x3F3504F3), i32(23), i32(127)
SMALLEST, LARGEST = f32(-87), f32(88)
SQRT_TWO, FOUR = f32(2**0.5), f32(4)
TAIL, MIDDLE, EDGE = f32(5), f32(2.5), f32(3)


if TYPE_CHECKING:

    def as_bits(x: f32) -> u32:
        """The bits of a float as a whole number."""

    def as_float(bits: u32) -> f32:
        """The float of some bits."""

    def fma(x: f32, y: f32, z: f32) -> f32:
        """x y + z, rounded once."""

else:

    @intrinsic
    def as_bits(_, x):
        """The bits of a float as a whole number."""
        return types.uint32(types.float32), lambda c, b, s, a: b.bitcast(a[0], ir.IntType(32))

    @intrinsic
    def as_float(_, bits):
        """The float of some bits."""
        return types.float32(types.uint32), lambda c, b, s, a: b.bitcast(a[0], ir.FloatType())

    @intrinsic
    def fma(_, x, y, z):
        """x y + z, rounded once."""
        single = types.float32
        return single(single, single, single), lambda c, b, s, a: b.fma(a[0], a[1], a[2])


@njit(inline="always")
def log(x: f32) -> f32:
    """Natural logarithm of a normal positive number (Cephes' coefficients, Moshier 1992)."""
    bits = i32(as_bits(x))
    exponent = (bits - SQRT_HALF_BITS) >> EXPONENT
    t = as_float(u32(bits - (exponent << EXPONENT))) - ONE
    y = fma(f32(7.0376836292e-2), t, f32(-1.1514610310e-1))
    y = fma(y, t, f32(1.1676998740e-1))
    y = fma(y, t, f32(-1.2420140846e-1))
    y = fma(y, t, f32(1.4249322787e-1))
    y = fma(y, t, f32(-1.6668057665e-1))
    y = fma(y, t, f32(2.0000714765e-1))
    y = fma(y, t, f32(-2.4999993993e-1))
    y = fma(y, t, f32(3.3333331174e-1))
    square, e = t * t, f32(exponent)
    y = fma(y * t, square, fma(e, LN2_LOW, -HALF * square))
    return fma(e, LN2_HIGH, t + y)


@njit(inline="always")
def exp(x: f32) -> f32:
    """Exponential; numbers below -87 or above 88 count as these (Cephes' coefficients, Moshier 1992)."""
    x = min(max(x, SMALLEST), LARGEST)
    n = fma(x, LOG2_E, ROUND) - ROUND
    r = fma(-n, LN2_LOW, fma(-n, LN2_HIGH, x))
    y = fma(f32(1.9875691500e-4), r, f32(1.3981999507e-3))
    y = fma(y, r, f32(8.3334519073e-3))
    y = fma(y, r, f32(4.1665795894e-2))
    y = fma(y, r, f32(1.6666665459e-1))
    y = fma(y, r, f32(5.0000001201e-1))
    y = fma(y, r * r, r) + ONE
    return y * as_float(u32((i32(n) + BIAS) << EXPONENT))


@njit(inline="always")
def normal(u: f32) -> f32:
    """The standard normal quantile of u in (0, 1) (coefficients of erfinv by Giles 2010, GPU Computing Gems)."""
    w = -log(FOUR * u * (ONE - u))
    a = w - MIDDLE
    p = fma(f32(2.81022636e-08), a, f32(3.43273939e-07))
    p = fma(p, a, f32(-3.5233877e-06))
    p = fma(p, a, f32(-4.39150654e-06))
    p = fma(p, a, f32(0.00021858087))
    p = fma(p, a, f32(-0.00125372503))
    p = fma(p, a, f32(-0.00417768164))
    p = fma(p, a, f32(0.246640727))
    p = fma(p, a, f32(1.50140941))
    b = np.sqrt(max(w, f32(0))) - EDGE
    q = fma(f32(-0.000200214257), b, f32(0.000100950558))
    q = fma(q, b, f32(0.00134934322))
    q = fma(q, b, f32(-0.00367342844))
    q = fma(q, b, f32(0.00573950773))
    q = fma(q, b, f32(-0.0076224613))
    q = fma(q, b, f32(0.00943887047))
    q = fma(q, b, f32(1.00167406))
    q = fma(q, b, f32(2.83297682))
    return SQRT_TWO * fma(TWO, u, -ONE) * (p if w < TAIL else q)


@njit(inline="always")
def gumbel(u: f32) -> f32:
    """A standard Gumbel shock of u in (0, 1)."""
    return -log(-log(u))
