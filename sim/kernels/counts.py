"""Binomial and Poisson counts by inversion of one addressed uniform each: arrays in, arrays out.

Inversion keeps every draw a function of its own uniform and parameters alone, where a rejection sampler would let one
draw move the next; and the count grows with the uniform and with the chance, so that scenarios that share uniforms stay
close. The search starts at the mode, so its length is of the order of the standard deviation and nothing underflows.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

NEGLIGIBLE = 1e-18  # relative size at which a term of a sum no longer moves a double


@njit(cache=True)
def _quantile(u: float, mode: int, at_mode: float, last: int, odds: float, size: float) -> int:
    """The smallest count whose cumulative probability exceeds ``u``.

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


@njit(cache=True)
def _binomial(u: float, n: int, p: float) -> int:
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    mode = min(int((n + 1) * p), n)
    log_mass = (
        math.lgamma(n + 1.0)
        - math.lgamma(mode + 1.0)
        - math.lgamma(n - mode + 1.0)
        + mode * math.log(p)
        + (n - mode) * math.log1p(-p)
    )
    return _quantile(u, mode, math.exp(log_mass), n, p / (1.0 - p), float(n))


@njit(cache=True)
def _binomials(u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.int64]:
    out = np.empty(u.size, np.int64)
    for i in range(u.size):
        out[i] = _binomial(u[i], n[i], p[i])
    return out


@njit(cache=True)
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


@njit(cache=True)
def _multinomials(
    u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64], cell: NDArray[np.int64]
) -> NDArray[np.int64]:
    stations, options = u.shape[0], p.shape[1]
    out = np.zeros((stations, options), np.int64)
    for s in range(stations):
        left, mass = n[s], 1.0
        row = cell[s]
        for j in range(options - 1):
            if left == 0 or mass <= 0.0:
                break
            k = _binomial(u[s, j], left, min(p[row, j] / mass, 1.0))
            out[s, j] = k
            left -= k
            mass -= p[row, j]
        out[s, options - 1] += left
    return out


def binomial(u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.int64]:
    """Binomial(n, p) counts, one for each uniform; all of shape (k,)."""
    n, p = np.broadcast_to(n, u.shape), np.broadcast_to(p, u.shape)
    return _binomials(u, np.ascontiguousarray(n, np.int64), np.ascontiguousarray(p, np.float64))


def poisson(u: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """Poisson(mean) counts, one for each uniform; both of shape (k,)."""
    return _poissons(u, np.ascontiguousarray(np.broadcast_to(mean, u.shape), np.float64))


def multinomial(
    u: NDArray[np.float64], n: NDArray[np.int64], p: NDArray[np.float64], row: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Multinomial counts by a chain of binomials.

    ``u`` (k, J - 1) uniforms, ``n`` (k,) trials, ``p`` (rows, J) probabilities that sum to one, ``row`` (k,) the row of
    ``p`` each trial uses (by default its own). Returns (k, J) counts whose rows sum to ``n``.
    """
    rows = np.arange(len(n), dtype=np.int64) if row is None else np.ascontiguousarray(row, np.int64)
    return _multinomials(u, np.ascontiguousarray(n, np.int64), np.ascontiguousarray(p, np.float64), rows)
