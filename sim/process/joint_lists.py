"""Joint lists: which parties run together, because together they win seats that apart they would not.

A joint list stands for its members' programmes in fixed parts p_j, so that a voter's utility of it is the mean of the
members' utilities plus the entropy of the parts, sum p_j U_j - sum p_j ln p_j. A voter free to choose among the members
would have ln sum exp U_j, which is the largest value that this takes over all parts (Gibbs' variational principle):
*before chances are weighed a joint list never has more votes than its members apart*, and it loses the more, the
further apart they stand. What it can gain is the chance of a seat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.kernels import competition as kernel
from sim.process.polling import Line, Polling

Solo = Sequence[Line]
"""The parties' own lines, one a party, in the order of the parties."""

GAIN = 0.01  # more seats than this share of one's own must be in it to give up one's own list [assumed]


def joint(
    solo: Solo, members: Sequence[int], strength: NDArray[np.float64], place: NDArray[np.float64], polling: Polling
) -> Line:
    """The joint list of some parties; ``strength`` (J,) expected votes apart, ``place`` (J, 3) their positions."""
    rows = list(members)
    parts = strength[rows] / strength[rows].sum()
    centre = parts @ place[rows]
    spread = float(parts @ ((place[rows] - centre) ** 2).sum(axis=1))
    weight, ground = polling.choice.distance, polling.ground
    entropy = -float((parts * np.log(parts)).sum())
    pull = np.exp(parts @ np.log([solo[row].pull for row in rows]) + entropy - weight * spread)
    return Line(
        members=tuple(rows),
        parts=parts,
        closeness=kernel.closeness(ground.position, centre, weight),
        pull=pull,
        last=np.sum([solo[row].last for row in rows], axis=0),
        heard=float(parts @ [solo[row].heard for row in rows]),
    )


def agreed(solo: Solo, place: NDArray[np.float64], polling: Polling, partners: int) -> list[Line]:
    """The ballot once nobody wants to join anybody any more, in the order of the parties.

    The list that expects fewest seats for its votes asks first, and asks its ``partners`` nearest lists. Two lists join
    if both expect more seats then: the seats of the joint list, divided by expected votes apart. Where candidates stand
    in districts of one seat there are no lists to join.
    """
    lines = list(solo)
    if partners == 0 or len(lines) < 3 or not polling.system.by_list:
        return lines
    votes = polling.expectations(lines)
    strength = votes.sum(axis=0)
    while (better := _first_agreement(lines, votes, solo, strength, place, polling, partners)) is not None:
        lines, votes = better
    return sorted(lines, key=lambda line: line.members[0])


def _first_agreement(
    lines: list[Line],
    votes: NDArray[np.float64],
    solo: Solo,
    strength: NDArray[np.float64],
    place: NDArray[np.float64],
    polling: Polling,
    partners: int,
) -> tuple[list[Line], NDArray[np.float64]] | None:
    """The lines and their expected votes (D, J) after the first two lists that both gain have joined, or None."""
    per_vote = polling.expected_seats(votes) / votes.sum(axis=0)
    for one, other in _asked(lines, per_vote, place, partners):
        asked = max(per_vote[one], per_vote[other]) * (1 + GAIN)
        apart = votes[:, [one, other]].sum(axis=1, keepdims=True)
        rest = [k for k in range(len(lines)) if k not in (one, other)]
        at_most = polling.expected_seats(np.hstack([votes[:, rest], apart]))[-1] / apart.sum()
        if at_most <= asked:  # not even if it lost no votes
            continue
        members = sorted({*lines[one].members, *lines[other].members})
        ballot = [*(lines[k] for k in rest), joint(solo, members, strength, place, polling)]
        expected = polling.expectations(ballot)
        if polling.expected_seats(expected)[-1] / apart.sum() > asked:
            return ballot, expected
    return None


def _asked(
    lines: Sequence[Line], per_vote: NDArray[np.float64], place: NDArray[np.float64], partners: int
) -> Iterator[tuple[int, int]]:
    """Pairs of lists in the order in which they talk, each pair once: the worst served first, its nearest first."""
    centre = np.array([line.parts @ place[list(line.members)] for line in lines])
    met: set[frozenset[int]] = set()
    for one in np.argsort(per_vote, kind="stable"):
        away = ((centre - centre[one]) ** 2).sum(axis=1)
        away[one] = np.inf
        for other in np.argsort(away, kind="stable")[: min(partners, len(lines) - 1)]:
            if (pair := frozenset((int(one), int(other)))) not in met:
                met.add(pair)
                yield int(one), int(other)
