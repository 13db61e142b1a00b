"""Indices of fragmentation, disproportionality, volatility and nationalisation, each from its paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Shares = Sequence[float]
"""Fractions of 1 by party, as given: they may sum to less than 1 where small parties are left out."""


def shares(counts: Sequence[float], total: float | None = None) -> list[float] | None:
    """Counts (votes, seats) as fractions of their sum, or of `total`; None where that is 0.

    Raises ValueError for a negative or infinite count and for a total smaller than the sum.
    """
    if not all(0 <= count < math.inf for count in counts):
        raise ValueError(f"counts must be 0 or more: {list(counts)}")
    whole = sum(counts)
    if total is not None and total < whole:
        raise ValueError(f"total = {total} is smaller than the sum {whole}")
    whole = whole if total is None else total
    return [count / whole for count in counts] if whole else None


def enp(of: Shares | None) -> float | None:
    """Effective number of parties, 1 / sum of squared shares (Laakso & Taagepera 1979); None without shares.

    Shares are not renormalised: parties left out count as infinitely many of no size, as in ParlGov's values.
    """
    squares = math.fsum(share**2 for share in _checked(of))
    return 1 / squares if squares else None


def golosov(of: Shares | None) -> float | None:
    """Golosov's effective number, sum of 1 / (1 + p1^2/p - p), p1 the largest share (Golosov 2010); None without."""
    positive = [share for share in _checked(of) if share]
    if not positive:
        return None
    first = max(positive)
    return math.fsum(share / (share + first**2 - share**2) for share in positive)


def rae(of: Shares | None) -> float | None:
    """Fractionalisation, 1 - sum of squared shares (Rae 1967); None without shares."""
    checked = _checked(of)
    return 1 - math.fsum(share**2 for share in checked) if any(checked) else None


def largest_share(of: Shares | None) -> float | None:
    """The largest share; None without shares."""
    checked = _checked(of)
    return max(checked) if any(checked) else None


def gallagher(votes: Shares | None, seats: Shares | None) -> float | None:
    """Least squares index, sqrt(half the sum of squared differences) (Gallagher 1991), in percentage points, 0-100.

    Vote and seat shares by party in the same order. None where votes or seats are undefined; ValueError where their
    numbers differ.
    """
    gaps = _gaps(votes, seats)
    return None if gaps is None else 100 * math.sqrt(math.fsum(gap**2 for gap in gaps) / 2)


def loosemore_hanby(votes: Shares | None, seats: Shares | None) -> float | None:
    """Half the sum of absolute differences (Loosemore & Hanby 1971), in percentage points; arguments as `gallagher`."""
    gaps = _gaps(votes, seats)
    return None if gaps is None else 50 * math.fsum(abs(gap) for gap in gaps)


def wasted_share(votes: Sequence[float], seats: Sequence[float], total: float | None = None) -> float | None:
    """Share of votes for lines without a seat, 0-1, of all votes or of `total`; None without votes.

    Votes and seats by line in the same order. A line against all is wasted where it is among the lines.
    """
    of = shares(votes, total)
    return None if of is None else math.fsum(s for s, won in zip(of, seats, strict=True) if not won)


class Volatility(NamedTuple):
    """Percentage points of the vote that changed hands: in all, by entry and exit of parties, and between stayers."""

    total: float
    entry: float
    transfer: float


def volatility(before: Mapping[str, float] | None, after: Mapping[str, float] | None) -> Volatility | None:
    """Volatility between two elections (Pedersen 1979), parted into entry and transfer (Powell & Tucker 2014).

    Shares (0-1) by party key; a party absent from an election, or at 0, did not stand in it. Renamed and merged
    parties count as continuing where the caller gives them one key. None where an election has no shares.
    """
    if not any(_checked(list((before or {}).values()))) or not any(_checked(list((after or {}).values()))):
        return None
    old, new = before or {}, after or {}
    moved = {party: abs(new.get(party, 0) - old.get(party, 0)) for party in old.keys() | new.keys()}
    stayed = {party for party in moved if old.get(party) and new.get(party)}
    transfer = 50 * math.fsum(moved[party] for party in stayed)
    entry = 50 * math.fsum(gap for party, gap in moved.items() if party not in stayed)
    return Volatility(entry + transfer, entry, transfer)


def nationalisation(by_unit: Shares | None) -> float | None:
    """A party's nationalisation, 1 - Gini of its vote shares over regions, 0-1 (Jones & Mainwaring 2003).

    Every region counts once, whatever its size. None without regions or without a vote in any.
    """
    ordered = sorted(_checked(by_unit))
    n, total = len(ordered), math.fsum(ordered)
    if not total:
        return None
    ranked = math.fsum((2 * rank - n - 1) * share for rank, share in enumerate(ordered, start=1))
    return 1 - ranked / (n * total)


def system_nationalisation(votes: Sequence[Sequence[float]]) -> float | None:
    """The party system's nationalisation: parties' scores weighted by their national votes (Jones & Mainwaring 2003).

    votes: a row for each region, a column for each party. Regions without votes are left out; None where none is left.
    """
    regions = [region for region in (shares(row) for row in votes) if region is not None]
    if not regions:
        return None
    national = [math.fsum(party) for party in zip(*votes, strict=True)]
    scores = [nationalisation(party) for party in zip(*regions, strict=True)]
    weighted = math.fsum(s * weight for s, weight in zip(scores, national, strict=True) if s is not None)
    return weighted / math.fsum(national)


def _checked(of: Shares | None) -> Shares:
    """The shares, none for None. Raises ValueError for what is no fraction of 1."""
    of = [] if of is None else of
    if not all(0 <= share <= 1 + 1e-9 for share in of):
        raise ValueError(f"shares must lie between 0 and 1: {list(of)}")
    return of


def _gaps(votes: Shares | None, seats: Shares | None) -> list[float] | None:
    """Differences by party; None where there were no votes or no seats."""
    votes, seats = _checked(votes), _checked(seats)
    if not any(votes) or not any(seats):
        return None
    return [vote - seat for vote, seat in zip(votes, seats, strict=True)]
