"""Giving out the seats: the law of election day applied to the votes, once as announced and once as they were cast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.law.apportionment import Allocation, ListVotes, TwoPartyRule, allocate, plurality
from sim.process.runoff import first_round, lines
from sim.process.voting import AGAINST_ALL

if TYPE_CHECKING:
    from sim.model import ElectionModel


@dataclass(frozen=True)
class Chamber:
    """One reading of the result: true or official."""

    allocation: Allocation
    districts: Mapping[str, int]  # seats by party key or candidate key of an independent

    @property
    def seats(self) -> dict[str, int]:
        """Seats by party key; an independent deputy under the key of the candidacy."""
        total = Counter(self.allocation.seats)
        total.update(self.districts)
        return dict(total)


def chamber(model: ElectionModel, votes: NDArray[np.int64], cast: int, *, official: bool) -> Chamber:
    """Seats by the law of the election day."""
    rules = model.rules_on(model.case.day)
    assert model.wishes is not None
    options = model.wishes.options
    two_party = (
        TwoPartyRule(minimum=rules.list.two_party_minimum, correction=rules.list.two_party_correction)
        if rules.list.two_party_rule
        else None
    )
    allocation = allocate(
        [ListVotes(key, n, against_all=key == AGAINST_ALL) for key, n in zip(options, votes.tolist(), strict=True)],
        seats=rules.chamber.list_seats,
        threshold=rules.list.threshold,
        base_votes=cast if rules.list.threshold_base == "cast" else int(votes.sum()),
        formula=rules.list.formula,
        two_party_rule=two_party,
    )
    return Chamber(allocation, _winners(model, official=official))


def _winners(model: ElectionModel, *, official: bool) -> dict[str, int]:
    """District seats by party key, or by candidacy where an independent wins; ties by order on the ballot."""
    won: Counter[str] = Counter()
    for district, count in enumerate(model.counting.districts):
        standing = {candidate.key: candidate for candidate in count.candidates}
        if model.two_rounds and not (first := first_round(count, official=official)).runoff:
            winner = first.winner
        else:
            last = model.runoff.counts[district, first.runoff] if model.two_rounds else count
            winner = plurality(lines(last, official=official)).winner
        if winner is not None:
            party = standing[winner].party
            won[party.key if party else winner] += 1
    return dict(won)
