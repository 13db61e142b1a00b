"""The second round: where nobody won a majority the two best meet again, as announced and as in truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.law.apportionment import FirstRound, ListVotes, majority
from sim.process.counting import DistrictCount, Voted

if TYPE_CHECKING:
    from sim.model import ElectionModel


class Runoff:
    """The stage two weeks after the vote, under a law that asks for a majority."""

    def __init__(self, model: ElectionModel) -> None:
        self.model = model
        self.held: int | None = None  # districts that voted again; None under a law with one round
        self.counts: dict[tuple[int, tuple[str, ...]], DistrictCount] = {}  # by district and the two who met

    def run(self) -> None:
        """Hold the second round in every open district; the announced first round decides who meets.

        The two whom the honest first round would have sent there meet on paper only: theirs is the true reading.
        """
        self.held = sum(bool(first_round(count, official=True).runoff) for count in self.model.counting.districts)
        for district, count in enumerate(self.model.counting.districts):
            for official in (True, False):
                pair = first_round(count, official=official).runoff
                if pair and (district, pair) not in self.counts:
                    self.counts[district, pair] = self._meet(district, count, pair)
        self.model.tell(f"second round in {self.held} of {len(self.model.counting.districts)} districts")

    def _meet(self, district: int, first: DistrictCount, pair: Sequence[str]) -> DistrictCount:
        model = self.model
        standing = tuple(candidate for candidate in first.candidates if candidate.key in pair)
        rows, came, choice = model.voting.second_round(district, standing)
        e = model.electorate
        stations = np.flatnonzero(model.stations.district == district)
        boxes = model.counting.boxes_again(stations, Voted(~e.urban[rows], e.weight[rows], came.astype(np.int64)))
        voted = Voted(~e.urban[rows[came]], e.weight[rows[came]], choice[came])
        return model.counting.of_candidates(standing, boxes, voted)


def lines(count: DistrictCount, *, official: bool) -> list[ListVotes]:
    """The votes of a count as the law reads them."""
    votes = (count.votes if official else count.true_votes).tolist()
    return [ListVotes(c.key, n, against_all=c.against_all) for c, n in zip(count.candidates, votes, strict=True)]


def first_round(count: DistrictCount, *, official: bool) -> FirstRound:
    """Who won a first round outright, or who meets again."""
    return majority(lines(count, official=official), count.cast if official else count.true_cast)
