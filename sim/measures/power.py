"""Voting power in a weighted majority game, exactly: Banzhaf and Shapley-Shubik by counting coalitions by weight."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import factorial


def majority(seats: int) -> int:
    """Votes that make a simple majority of a house: more than half of all its seats."""
    return seats // 2 + 1


def swings(weights: Sequence[int], quota: int | None = None) -> list[int]:
    """For each player the coalitions of others that lose without it and win with it (weight >= quota).

    quota: any whole number above 0; without it a simple majority of all weights. Raises ValueError for a quota below 1
    or a negative weight, TypeError for what is not whole.
    """
    return [sum(by_size) for by_size in _swings_by_size(weights, quota)]


def banzhaf(weights: Sequence[int], quota: int | None = None) -> list[Fraction] | None:
    """Each player's share of all swings, normalised to 1 (Banzhaf 1965); arguments as `swings`.

    Exact fractions. None where no coalition wins, because then power is undefined and not 0.
    """
    counts = swings(weights, quota)
    total = sum(counts)
    return [Fraction(count, total) for count in counts] if total else None


def shapley_shubik(weights: Sequence[int], quota: int | None = None) -> list[Fraction] | None:
    """Each player's share of the orders in which it is pivotal (Shapley & Shubik 1954); arguments as `swings`.

    Exact fractions. None where no coalition wins.
    """
    players = sum(weight > 0 for weight in weights)  # players without weight are never pivotal and change nobody's part
    orders = [factorial(size) * factorial(players - size - 1) for size in range(players)]
    pivots = [sum(map(operator.mul, by_size, orders)) for by_size in _swings_by_size(weights, quota)]
    return [Fraction(count, factorial(players)) for count in pivots] if any(pivots) else None


def _swings_by_size(weights: Sequence[int], quota: int | None) -> list[list[int]]:
    """For each player its swings by the size of the coalition it joins."""
    whole = tuple(operator.index(weight) for weight in weights)
    if min(whole, default=0) < 0:
        raise ValueError(f"weights must be 0 or more: {list(whole)}")
    needed = majority(sum(whole)) if quota is None else operator.index(quota)
    if needed < 1:
        raise ValueError(f"quota = {needed} must be 1 or more")
    players = tuple(sorted(weight for weight in whole if weight))
    found = _swings_by_weight(players, needed) if sum(players) >= needed else {}
    return [list(found.get(weight, ())) for weight in whole]


@lru_cache(maxsize=64)
def _swings_by_weight(players: tuple[int, ...], quota: int) -> dict[int, tuple[int, ...]]:
    """Swings by size of the coalition joined, for every weight that a player has.

    Coalitions are counted by weight, all counts of one size side by side in one long number: a field of so many bits
    for each weight below the quota, wide enough for the number of all coalitions.
    """
    bits = len(players) + 1
    field, whole = (1 << bits) - 1, (1 << bits * quota) - 1
    losing = [1] + [0] * len(players)
    for seen, weight in enumerate(players, start=1):
        for size in range(seen, 0, -1):
            losing[size] += (losing[size - 1] << bits * weight) & whole
    found = {}
    for weight in set(players):
        without = [losing[0]]  # the same count when one player of this weight is taken out
        for row in losing[1:-1]:
            without.append(row - ((without[-1] << bits * weight) & whole))
        # max: a player who wins alone swings every losing coalition, the empty one included; % adds up the fields
        found[weight] = tuple((row >> bits * max(0, quota - weight)) % field for row in without)
    return found
