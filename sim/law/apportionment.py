"""Votes to seats, exactly: thresholds, quotas, divisors, the two-party rule, pluralities, and the ties they met."""

from __future__ import annotations

import heapq
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from numbers import Rational
from typing import Literal, NamedTuple

from sim.law.rules import Count, ExactShare
from sim.strict import Strict, setting

Ties = Literal["order", "votes"]
"""What decides between equals: the order of the lines, which is that of registration; or more votes, then that order.

Where the law has lots drawn, hand the lines over in the order that was drawn."""

RULE_OF_TIES: dict[Ties, str] = {
    "order": "order of registration",
    "votes": "the larger number of votes, then order of registration",
}


@dataclass(frozen=True, slots=True)
class ListVotes:
    """One line of the ballot. Raises TypeError for votes that are not whole, ValueError for negative ones.

    threshold: the line's own bar, a share of the base (a coalition's), or None where the general one holds.
    against_all: the line against all, which never wins a seat but whose votes are valid votes.
    """

    party: str
    votes: int
    threshold: Fraction | int | None = None
    against_all: bool = False

    def __post_init__(self) -> None:
        # a count out of an array must become an unbounded integer, or products of votes and seats could wrap
        object.__setattr__(self, "votes", operator.index(self.votes))
        if self.votes < 0:
            raise ValueError(f"{self.party}: votes = {self.votes} is negative")
        if self.threshold is not None:
            _check_share(self.threshold)


@dataclass(frozen=True, slots=True)
class Tie:
    """Equals that could not all win: who they were, what for, what was equal, who won, and by which rule."""

    parties: tuple[str, ...]
    over: str
    equal: Literal["remainders", "quotients", "votes"]
    winners: tuple[str, ...]
    rule: Ties

    def __str__(self) -> str:
        between = " and ".join([", ".join(self.parties[:-1]), self.parties[-1]])
        return f"tie for {self.over} between {between} (equal {self.equal}); decided by {RULE_OF_TIES[self.rule]}"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Seats by list, 0 where it won none; with what stayed empty, and what had to be decided on the way.

    seats: in the order of the lines, without the line against all; sums with `unfilled` to the seats there were.
    passed: lists on or over their bar; admitted: the list below it that the two-party rule let in, or None.
    """

    seats: dict[str, int]
    unfilled: int
    ties: tuple[Tie, ...]
    passed: tuple[str, ...]
    admitted: str | None = None


@dataclass(frozen=True, slots=True)
class District:
    """Who won a single seat: None where nobody had a vote. The tie that was decided, or None."""

    winner: str | None
    tie: Tie | None


class TwoPartyRule(Strict):
    """Where one list alone passes, the next largest gets seats too."""

    minimum: Count = setting(
        2,
        "sourced",
        "law of 2009, art. 97-1 as Wikipedia, 2016 Kazakh legislative election, has it; JURIST/AP 2009 reported seven",
        unit="seats",
    )
    correction: ExactShare = setting(
        Fraction(7, 10),
        "sourced",
        "law of 2009, art. 97-1 (TEPJF VOTA translation): correction index 0.7",
        unit="share",
    )


class _Split(NamedTuple):
    """Seats by row, and the rows that were equal at the last of them: all of these, and those of them that won."""

    seats: list[int]
    tied: tuple[int, ...] = ()
    won: tuple[int, ...] = ()


def allocate(
    lists: Sequence[ListVotes],
    seats: int,
    threshold: Fraction | int = 0,
    base_votes: int | None = None,
    formula: str = "hare",
    two_party_rule: TwoPartyRule | None = None,
    ties: Ties = "order",
) -> Allocation:
    """Seats won by lists of one constituency.

    lists: the lines of the ballot in order of registration.
    threshold: share (int or Fraction, never a float) of `base_votes`; a list exactly on it passes, one without a vote
        never does. A list's own bar takes its place.
    base_votes: what the threshold is a share of: valid votes, or ballots cast. Without it, the votes of all lines, the
        one against all included: so the published shares of Kazakhstan 2023 have it (6,366,441 valid votes).
    formula: a key of `FORMULAS`; only votes of lists that passed count in it.
    two_party_rule: applies where one list passes. Q = (V1 + V2) / seats; the next list gets the greater of the minimum
        and the whole part of correction x V2 / Q, the leader all the rest. In a house too small for that the minimum
        is half the seats; a next list without a vote gets none [assumed: the texts seen are silent].

    Where no list passes, all seats stay unfilled. Raises ValueError for an unknown formula, seats below 0, a share
    outside 0-1, a base smaller than the votes, or a party that is named twice; TypeError for what is not exact.
    """
    seats = operator.index(seats)
    base = _checked(lists, seats, threshold, base_votes, formula)
    parties = [line for line in lists if not line.against_all]
    won = {line.party: 0 for line in parties}
    passed = [line for line in parties if _passes(line, threshold, base)]
    names = tuple(line.party for line in passed)
    if not passed:
        return Allocation(won, seats, (), ())
    others = [line for line in parties if line.votes and line.party not in names]
    if two_party_rule and len(passed) == 1 and others:
        next_seats, second, tie = _second(passed[0], others, seats, two_party_rule, ties)
        won |= {names[0]: seats - next_seats, second: next_seats}
        return Allocation(won, 0, tie, names, admitted=second)
    method, equal = FORMULAS[formula]
    votes = [line.votes for line in passed]
    split = method(votes, seats, _precedence(votes, ties))
    won |= dict(zip(names, split.seats, strict=True))
    over = "the last seat" if len(split.won) == 1 else f"the last {len(split.won)} seats"
    return Allocation(won, 0, _ties(names, split, over, equal, ties), names)


def plurality(candidates: Sequence[ListVotes], ties: Ties = "order") -> District:
    """The candidate with most votes in a single-member district; a line against all never wins, whatever its votes.

    Candidates are named like lists, in order of registration. Raises ValueError for a name that appears twice.
    """
    _check_names(candidates)
    running = [line for line in candidates if line.votes and not line.against_all]
    if not running:
        return District(None, None)
    split = _largest([line.votes for line in running], 1, ties)
    tie = _ties([line.party for line in running], split, "the seat", "votes", ties)
    return District(running[split.seats.index(1)].party, tie[0] if tie else None)


@dataclass(frozen=True)
class FirstRound:
    """The first round in a district where a majority is needed: a winner, or those who meet again."""

    winner: str | None
    runoff: tuple[str, ...]
    tie: Tie | None


def majority(candidates: Sequence[ListVotes], cast: int, ties: Ties = "order") -> FirstRound:
    """The candidate with more than half of the ballots cast; else the two with most votes meet again.

    A line against all takes part in the count but neither wins nor meets anybody. Nobody meets alone: with a single
    candidate short of a majority the seat stays vacant. Raises ValueError for a name that appears twice, and where
    fewer ballots were cast than candidates have votes.
    """
    _check_names(candidates)
    if cast < sum(line.votes for line in candidates):
        raise ValueError(f"cast = {cast} is smaller than the votes of the candidates")
    running = [line for line in candidates if line.votes and not line.against_all]
    ahead = [line.party for line in running if 2 * line.votes > cast]
    if ahead:
        return FirstRound(ahead[0], (), None)
    if len(running) < 2:
        return FirstRound(None, (), None)
    split = _largest([line.votes for line in running], 2, ties)
    names = tuple(line.party for line in running)
    tie = _ties(names, split, "a place in the second round", "votes", ties)
    return FirstRound(
        None, tuple(name for name, n in zip(names, split.seats, strict=True) if n), tie[0] if tie else None
    )


def _check_share(share: Fraction | int) -> None:
    if not isinstance(share, Rational):
        raise TypeError(f"a threshold is exact: write Fraction(7, 100), not {share!r}")
    if not 0 <= share <= 1:
        raise ValueError(f"threshold = {share} must lie between 0 and 1")


def _check_names(lists: Sequence[ListVotes]) -> None:
    names = [line.party for line in lists]
    if len(set(names)) == len(names):
        return
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")


def _checked(lists: Sequence[ListVotes], seats: int, threshold: Fraction | int, base: int | None, formula: str) -> int:
    """The base of the threshold, once everything is as `allocate` demands."""
    _check_names(lists)
    _check_share(threshold)
    if formula not in FORMULAS:
        raise ValueError(f"unknown formula {formula!r}; known: {', '.join(FORMULAS)}")
    if seats < 0:
        raise ValueError(f"seats = {seats} is negative")
    votes = sum(line.votes for line in lists)
    whole = votes if base is None else operator.index(base)
    if whole < votes:
        raise ValueError(f"base_votes = {whole} is smaller than the {votes} votes of the lists")
    return whole


def _passes(line: ListVotes, threshold: Fraction | int, base: int) -> bool:
    bar = threshold if line.threshold is None else line.threshold
    return line.votes > 0 and line.votes * bar.denominator >= bar.numerator * base


def _precedence(votes: Sequence[int], ties: Ties) -> list[int]:
    """A rank for each row; among equals the lowest wins."""
    if ties == "order":
        return list(range(len(votes)))
    ranked = sorted(range(len(votes)), key=lambda row: (-votes[row], row))
    return [ranked.index(row) for row in range(len(votes))]


def _ties(
    names: Sequence[str],
    split: _Split,
    over: str,
    equal: Literal["remainders", "quotients", "votes"],
    rule: Ties,
) -> tuple[Tie, ...]:
    """The tie of a split, if there was one."""
    if not split.tied:
        return ()
    return (Tie(tuple(names[i] for i in split.tied), over, equal, tuple(names[i] for i in split.won), rule),)


def _second(
    leader: ListVotes, others: Sequence[ListVotes], seats: int, rule: TwoPartyRule, ties: Ties
) -> tuple[int, str, tuple[Tie, ...]]:
    """The next list's seats, its name, and the tie for its place."""
    split = _largest([line.votes for line in others], 1, ties)
    second = others[split.seats.index(1)]
    quotas = Fraction(second.votes * seats, leader.votes + second.votes)
    tie = _ties([line.party for line in others], split, "the place of the second list", "votes", ties)
    return max(min(rule.minimum, seats // 2), int(rule.correction * quotas)), second.party, tie


def _largest(votes: Sequence[int], seats: int, ties: Ties) -> _Split:
    """One seat each to the rows with most votes."""
    return _topped_up([0] * len(votes), votes, seats, _precedence(votes, ties))


def _topped_up(won: list[int], claims: Sequence[int], left: int, precedence: Sequence[int]) -> _Split:
    """One more seat for each of the `left` largest claims; `left` is smaller than their number, or equal to it."""
    order = sorted(range(len(claims)), key=lambda row: (-claims[row], precedence[row]))
    topped = [seats + (row in order[:left]) for row, seats in enumerate(won)]
    if not 0 < left < len(order) or claims[order[left - 1]] > claims[order[left]]:
        return _Split(topped)
    tied = tuple(row for row, claim in enumerate(claims) if claim == claims[order[left]])
    return _Split(topped, tied, tuple(row for row in tied if row in order[:left]))


def _largest_remainders(votes: Sequence[int], seats: int, precedence: Sequence[int], more: int) -> _Split:
    """Quota = votes / (seats + more): Hare at 0, Droop at 1, neither rounded, so that only ratios of votes matter."""
    total, quotas = sum(votes), seats + more
    won = [count * quotas // total for count in votes]
    remainders = [count * quotas % total for count in votes]
    left = seats - sum(won)
    if left < 0:
        # Droop with whole quotas everywhere: they are one more than the seats. Statutes round the quota up; one a hair
        # higher leaves every list short of its last quota, and shortest the list that holds most of them.
        remainders = [-quotas_held for quotas_held in won]
        won = [quotas_held - 1 for quotas_held in won]
        left = len(votes) - 1
    return _topped_up(won, remainders, left, precedence)


def _highest_quotients(
    votes: Sequence[int], seats: int, precedence: Sequence[int], divisor: Callable[[int], int]
) -> _Split:
    """Seat by seat to the highest quotient of votes by the divisor of the seats already won."""
    won = [0] * len(votes)
    queue = [(Fraction(-count, divisor(0)), precedence[row], row) for row, count in enumerate(votes)]
    heapq.heapify(queue)
    last = Fraction(0)
    for _ in range(seats):
        last, rank, row = queue[0]
        won[row] += 1
        heapq.heapreplace(queue, (Fraction(-votes[row], divisor(won[row])), rank, row))
    losers = [row for quotient, _, row in queue if quotient == last]
    if not losers:
        return _Split(won)
    # divisors grow strictly, so a row holds any one quotient once: it won this one with its latest seat, or missed it
    winners = [row for row, n in enumerate(won) if n and Fraction(-votes[row], divisor(n - 1)) == last]
    return _Split(won, tuple(sorted(winners + losers)), tuple(winners))


def _dhondt(won: int) -> int:
    return won + 1


def _sainte_lague(won: int) -> int:
    return 2 * won + 1


def _modified_sainte_lague(won: int) -> int:
    """7/5, 3, 5, 7, ... times five, to stay among integers."""
    return 5 * (2 * won + 1) if won else 7


_Method = Callable[[Sequence[int], int, Sequence[int]], _Split]

FORMULAS: dict[str, tuple[_Method, Literal["remainders", "quotients"]]] = {
    "hare": (partial(_largest_remainders, more=0), "remainders"),
    "droop": (partial(_largest_remainders, more=1), "remainders"),
    "dhondt": (partial(_highest_quotients, divisor=_dhondt), "quotients"),
    "sainte-lague": (partial(_highest_quotients, divisor=_sainte_lague), "quotients"),
    "modified-sainte-lague": (partial(_highest_quotients, divisor=_modified_sainte_lague), "quotients"),
}
"""Each formula by name: how it splits seats over rows with at least one vote each, and what its ties are equal in."""
