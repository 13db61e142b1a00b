"""Binomial and Poisson counts by inversion of one addressed uniform each: arrays in, arrays out.

Inversion keeps every draw a function of its own uniform and parameters alone, where a rejection sampler would let one
draw move the next; and the count grows with the uniform and with the chance, so that scenarios that share uniforms stay
close. A binomial count is read from a smooth curve through its distribution wherever that curve passes well between two
counts, which is nearly always; else, and for a Poisson, it is searched for from the mode, so that the length of the
search is of the order of the standard deviation and nothing underflows.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.kernels import chance
from sim.kernels.elementary import normal

NEGLIGIBLE = 1e-18  # relative size at which a term of a sum no longer moves a double
FEW = 10.0  # expected count below which the search starts at none
LEAST_VARIANCE = 2.0  # of a binomial whose curve is smooth enough
RAREST = 0.005  # draws beyond this, at either end, are searched for
DOUBT, COARSE = 0.15, 3e-5  # the curve is off by at most DOUBT / variance + COARSE * spread, 2.5 times what is found


@njit(cache=True, nogil=True)
def _quantile(u: float, mode: int, at_mode: float, last: int, odds: float, size: float) -> int:
    """The smallest count whose cumulative probability exceeds ``u``, sought from ``mode`` (or any count below it).

    ``size`` > 0 is the binomial's n and ``odds`` its p / (1 - p); ``size`` == 0 is a Poisson, whose mean is ``odds``.
    """
    below, p = 0.0, at_mode
    for k in range(mode, 0, -1):  # the mass below the mode, summed until it no longer counts
        p *= k / (odds * (size - k + 1)) if size > 0 else k / odds
        below += p
        if p < NEGLIGIBLE * below:
            break
    count, p = mode, at_mode
    if u >= below:
        mass = below + at_mode
        while u >= mass and count < last and p > NEGLIGIBLE:  # beyond is the rounding of lgamma, no count
            p *= odds * (size - count) / (count + 1) if size > 0 else odds / (count + 1)
            count += 1
            mass += p
        return count
    mass = below
    while u < mass and count > 0 and p > NEGLIGIBLE:
        p *= count / (odds * (size - count + 1)) if size > 0 else count / odds
        count -= 1
        mass -= p
    return count


@njit(inline="always")
def _curve(u: float, n: float, p: float, variance: float) -> tuple[float, float]:
    """A real number whose whole part is the binomial count of ``u``, and by how much it may be off.

    It is the quantile of the smooth distribution that has the mass of k between k and k + 1, by the expansion of
    Cornish & Fisher (1938) to its third order. That distribution's variance is smaller by that of the rounding, 1/12,
    and its fourth cumulant larger by 1/120 (Sheppard's corrections).
    """
    spread = math.sqrt(variance - 1.0 / 12.0)
    per = 1.0 / spread
    square = per * per
    skew = variance * (1.0 - 2.0 * p) * square * per
    peak = (variance * (1.0 - 6.0 * p * (1.0 - p)) + 1.0 / 120.0) * square * square
    fifth = skew * (1.0 - 12.0 * p * (1.0 - p)) * square
    z = np.float64(normal(np.float32(u)))
    zz = z * z
    first = skew * (1 / 6) * (zz - 1.0)
    second = z * (peak * (1 / 24) * (zz - 3.0) - skew * skew * (1 / 36) * (2.0 * zz - 5.0))
    third = (
        fifth * (1 / 120) * ((zz - 6.0) * zz + 3.0)
        - skew * peak * (1 / 24) * ((zz - 5.0) * zz + 2.0)
        + skew * skew * skew * (1 / 324) * ((12.0 * zz - 53.0) * zz + 17.0)
    )
    return n * p + 0.5 + spread * (z + first + second + third), DOUBT * square + COARSE * spread


@njit(cache=True, nogil=True, error_model="numpy")
def _read(u: NDArray[np.float64], n: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Binomial counts (k,) as far as they can be told at once, else -1; without a branch, so that lanes fill.

    By the curve, or because the chance of none, which is at least 1 - n p, exceeds the draw.
    """
    out = np.empty(u.size)
    for i in range(u.size):
        variance = n[i] * p[i] * (1.0 - p[i])
        real, doubt = _curve(u[i], n[i], p[i], max(variance, LEAST_VARIANCE))
        count = np.floor(real)
        over = real - count
        told = (variance >= LEAST_VARIANCE) & (abs(u[i] - 0.5) < 0.5 - RAREST) & (doubt < over) & (over < 1.0 - doubt)
        read = min(max(count, 0.0), n[i]) if told else -1.0
        out[i] = 0.0 if u[i] < 1.0 - n[i] * p[i] else read
    return out


@njit(cache=True, nogil=True)
def _searched(u: float, n: int, p: float) -> int:
    """The binomial count of ``u`` by summing the distribution."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    odds = p / (1.0 - p)
    if n * p < FEW:
        return _quantile(u, 0, math.exp(n * math.log1p(-p)), n, odds, float(n))
    mode = min(int((n + 1) * p), n)
    log_mass = (
        math.lgamma(n + 1.0)
        - math.lgamma(mode + 1.0)
        - math.lgamma(n - mode + 1.0)
        + mode * math.log(p)
        + (n - mode) * math.log1p(-p)
    )
    return _quantile(u, mode, math.exp(log_mass), n, odds, float(n))


@njit(cache=True, nogil=True)
def binomials(u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.int64]:
    """:func:`binomial` for compiled callers: contiguous arrays of one shape, nothing checked."""
    told = _read(u, n.astype(np.float64), p)
    out = np.empty(u.size, np.int64)
    for i in range(u.size):
        out[i] = int(told[i]) if told[i] >= 0.0 else _searched(u[i], n[i], p[i])
    return out


@njit(cache=True, nogil=True)
def _poissons(u: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.int64]:
    out = np.empty(u.size, np.int64)
    for i in range(u.size):
        m = mean[i]
        if m <= 0.0:
            out[i] = 0
        else:
            mode = int(m)
            at_mode = math.exp(mode * math.log(m) - m - math.lgamma(mode + 1.0))
            out[i] = _quantile(u[i], mode, at_mode, 2**62, m, 0.0)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _multinomials(
    u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64], cell: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Counts (J, k); ``u`` (J - 1, k), ``p`` (J, rows). Option by option, because that fills lanes."""
    options, size = p.shape[0], n.size
    out = np.empty((options, size), np.int64)
    left, mass, chance = n.copy(), np.ones(size), np.empty(size)
    for j in range(options - 1):
        for s in range(size):
            share = p[j, cell[s]]
            chance[s] = min(share / mass[s], 1.0) if mass[s] > 0.0 else 0.0
            mass[s] -= share
        out[j] = binomials(u[j], left, chance)
        left -= out[j]
    out[options - 1] = left
    return out


def binomial(u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.int64]:
    """Binomial(n, p) counts, one for each uniform; all of shape (k,)."""
    n, p = np.ascontiguousarray(n, np.int64), np.ascontiguousarray(p, np.float64)
    if not u.shape == n.shape == p.shape:
        raise ValueError(f"one uniform a count: uniforms {u.shape}, trials {n.shape}, chances {p.shape}")
    return binomials(u, n, p)


def poisson(u: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """Poisson(mean) counts, one for each uniform; both of shape (k,)."""
    mean = np.ascontiguousarray(mean, np.float64)
    if u.shape != mean.shape:
        raise ValueError(f"one uniform a count: uniforms {u.shape}, means {mean.shape}")
    return _poissons(u, mean)


@njit(cache=True, nogil=True)
def _draws(keys: NDArray[np.uint64], n: int) -> NDArray[np.float64]:
    out = np.empty((len(keys), n))
    for j in range(len(keys)):
        out[j] = chance.uniforms(keys[j], 0, n)
    return out


def draws(keys: NDArray[np.uint64], n: int) -> NDArray[np.float64]:
    """Uniforms (n, J) of the ids 0 .. n - 1, a column for each key (J, 2): what :func:`multinomial` draws from."""
    return _draws(keys, n).T


def multinomial(
    u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64], row: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Multinomial counts by a chain of binomials.

    ``u`` (k, J - 1) uniforms, ``n`` (k,) trials, ``p`` (rows, J) probabilities that sum to one, ``row`` (k,) the row of
    ``p`` each trial uses (by default its own). Returns (k, J) counts whose rows sum to ``n``. Columns are contiguous,
    and best are in ``u`` and ``p``.
    """
    rows = np.arange(len(n), dtype=np.int64) if row is None else np.ascontiguousarray(row, np.int64)
    columns, shares = np.ascontiguousarray(u.T), np.ascontiguousarray(p.T, np.float64)
    return _multinomials(columns, np.ascontiguousarray(n, np.int64), shares, rows).T
