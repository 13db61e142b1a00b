"""The vote of one voter: the option of highest utility plus its own taste shock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def choose(options: Iterator[tuple[int, NDArray[np.float64], NDArray[np.float64]]], voters: int) -> NDArray[np.int16]:
    """The option each voter prefers: argmax of utility + Gumbel shock, kept as a running maximum; shape (voters,).

    ``options`` yields (code, utility (voters,), shock (voters,)); a utility of -inf is an option the voter does not
    know. With one shock per (voter, option), taking an option away moves only the voters who had chosen it. -1 where
    no option is known.
    """
    best = np.full(voters, -np.inf)
    choice = np.full(voters, -1, np.int16)
    for code, utility, shock in options:
        total = utility + shock
        better = total > best
        best[better] = total[better]
        choice[better] = code
    return choice


def shares(utility: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected weighted logit shares of the options; utility (N, J) with -inf for unknown, weight (N,); shape (J,)."""
    top = utility.max(axis=1, keepdims=True)
    odds = np.exp(utility - np.where(np.isfinite(top), top, 0.0))
    total = odds.sum(axis=1)
    known = total > 0
    mean = ((weight[known] / total[known])[:, None] * odds[known]).sum(axis=0)
    return mean / mean.sum()
