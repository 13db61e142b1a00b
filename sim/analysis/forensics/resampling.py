"""Chance for intervals: how often each cluster is drawn in a bootstrap, and errors that allow for clusters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.streams import Streams

FloatArray = NDArray[np.float64]


def weights(number: int, resamples: int, seed: int, test: str) -> Iterator[FloatArray]:
    """How often each of ``number`` clusters is drawn, resample by resample; shape (number,), the sum is it."""
    streams = Streams(seed)
    for r in range(resamples):
        at = (streams.uniform(f"forensics/{test}/resample", number, occasion=r) * number).astype(np.int64)
        yield np.bincount(at, minlength=number).astype(np.float64)


def middle(values: FloatArray) -> tuple[float, float]:
    """The 2.5 and 97.5 % quantiles of what has a value."""
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


class Fitted(NamedTuple):
    """A least-squares fit: coefficients and cluster-robust standard errors, both (k,); rows and clusters behind it."""

    coefficients: FloatArray
    errors: FloatArray
    rows: int
    clusters: int


def least_squares(y: FloatArray, x: FloatArray, cluster: NDArray[np.int64], absorbed: int = 0) -> Fitted:
    """Regression of ``y`` (n,) on ``x`` (n, k) with errors clustered as in Liang & Zeger 1986 (CR1).

    ``absorbed`` counts effects already taken out of both.
    """
    n, k = x.shape
    inverse = np.linalg.pinv(x.T @ x)
    b = inverse @ (x.T @ y)
    left = (y - x @ b)[:, None] * x
    _, group = np.unique(cluster, return_inverse=True)
    number = int(group.max()) + 1
    sums = np.zeros((number, k))
    np.add.at(sums, group, left)
    small = number / max(number - 1, 1) * (n - 1) / max(n - k - (absorbed if number > absorbed else 0), 1)
    cover = inverse @ (sums.T @ sums) @ inverse * small
    return Fitted(b, np.sqrt(np.maximum(np.diag(cover), 0)), n, number)


def within(values: FloatArray, group: NDArray[np.int64]) -> FloatArray:
    """Values (n, k) less the mean of their group."""
    size = np.bincount(group)
    out = np.empty_like(values)
    for j in range(values.shape[1]):
        out[:, j] = values[:, j] - (np.bincount(group, values[:, j]) / np.maximum(size, 1))[group]
    return out
