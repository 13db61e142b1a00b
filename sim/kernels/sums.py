"""Weighted means whose bytes do not depend on the number of threads: NumPy's own sums, never BLAS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def weighted_mean(values: NDArray[Any], weight: NDArray[np.float64]) -> Any:
    """Mean over persons of a column (N,) or of columns (N, D); weight (N,). Returns a float or an array (D,)."""
    if values.ndim == 1:
        return float((weight * values).sum() / weight.sum())
    return (weight[:, None] * values).sum(axis=0) / weight.sum()


def squared_distance(points: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared Euclidean distance of every point (N, D) to one place (D,); shape (N,)."""
    out = np.zeros(len(points))
    for axis, here in enumerate(place):
        out += (points[:, axis] - here) ** 2
    return out
