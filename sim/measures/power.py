"""Voting power in a weighted majority game, exactly: Banzhaf and Shapley-Shubik by counting coalitions by weight."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from fractions import Fraction
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
    """For each player its swings by the size of the coalition it joins; players of equal weight are counted once."""
    whole = [operator.index(weight) for weight in weights]
    if min(whole, default=0) < 0:
        raise ValueError(f"weights must be 0 or more: {whole}")
    needed = majority(sum(whole)) if quota is None else operator.index(quota)
    if needed < 1:
        raise ValueError(f"quota = {needed} must be 1 or more")
    players = [weight for weight in whole if weight]
    if sum(players) < needed:
        return [[] for _ in whole]
    losing = _losing_coalitions(players, needed)
    found: dict[int, list[int]] = {0: []}
    for weight in set(players):
        without = _without(losing, weight)
        # max: a player who wins alone swings every losing coalition, the empty one included
        found[weight] = [sum(row[max(0, needed - weight) :]) for row in without]
    return [found[weight] for weight in whole]


def _losing_coalitions(players: Sequence[int], quota: int) -> list[list[int]]:
    """Coalitions by size (rows 0..players) and weight (columns 0..quota - 1)."""
    table = [[0] * quota for _ in range(len(players) + 1)]
    table[0][0] = 1
    for seen, weight in enumerate(players, start=1):
        for size in range(seen, 0, -1):
            smaller, row = table[size - 1], table[size]
            for total in range(quota - 1, weight - 1, -1):
                row[total] += smaller[total - weight]
    return table


def _without(table: list[list[int]], weight: int) -> list[list[int]]:
    """The same count when one player of this weight is taken out; sizes 0..players - 1."""
    rest = [table[0]]
    for row in table[1:-1]:
        smaller = rest[-1]
        rest.append(row[:weight] + [row[total] - smaller[total - weight] for total in range(weight, len(row))])
    return rest
