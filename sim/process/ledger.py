"""The ledger of the count: every station's ballots from the voter's hand to what the upper level wrote."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Ledger:
    """Every station's ballots from the voter's hand to the result of the territory; all columns (S,), whole ballots.

    Identities, station by station: ``cast = true_cast + brought + carousel + stuffed + rewritten_cast``,
    ``leader = true_leader + brought + carousel + stuffed + stolen + rewritten_leader`` (the protocol), and
    ``official_leader = leader + tabulated``; above the station nobody adds ballots, so ``cast`` is official too.
    ``moved_in`` are the ballots in ``stuffed`` and ``stolen`` that came from watched stations where the commission
    held back. ``brought`` ballots are the work of an earlier stage, ``carousel`` that of voters who vote again.
    """

    true_votes: Counts  # (S, J) honest ballots by list option
    true_invalid: Counts
    brought: Counts
    carousel: Counts
    stuffed: Counts
    stolen: Counts
    moved_in: Counts
    rewritten_cast: Counts
    rewritten_leader: Counts
    votes: Counts  # (S, J) as in the protocol
    invalid: Counts
    tabulated: Counts
    official_votes: Counts  # (S, J) as the territorial commission wrote them
    official_invalid: Counts
    leader_option: int  # column of the party of power, -1 where it does not stand

    @cached_property
    def true_cast(self) -> Counts:
        return self.true_votes.sum(axis=1) + self.true_invalid

    @cached_property
    def cast(self) -> Counts:
        return self.votes.sum(axis=1) + self.invalid

    @cached_property
    def true_leader(self) -> Counts:
        return column(self.true_votes, self.leader_option)

    @cached_property
    def leader(self) -> Counts:
        return column(self.votes, self.leader_option)

    @cached_property
    def official_leader(self) -> Counts:
        return column(self.official_votes, self.leader_option)

    @property
    def false_ballots(self) -> Counts:
        """Ballots in the box (S,) that no honest voter cast: won before the day, cast again, or stuffed."""
        return self.brought + self.carousel + self.stuffed

    @cached_property
    def true_total(self) -> Counts:
        """Honest ballots by list option, all stations together; shape (J,)."""
        return np.asarray(self.true_votes.sum(axis=0))

    @cached_property
    def total(self) -> Counts:
        """Ballots by list option as announced, all stations together; shape (J,)."""
        return np.asarray(self.official_votes.sum(axis=0))

    @cached_property
    def acts(self) -> NDArray[np.bool_]:
        """At which stations (S,) the commission did anything to the list ballot or its protocol."""
        return (self.stuffed + self.stolen + self.rewritten_cast + self.rewritten_leader) > 0


def column(votes: Counts, option: int) -> Counts:
    """The ballots (S,) of one option, none where it does not stand (-1)."""
    return votes[:, option] if option >= 0 else np.zeros(len(votes), np.int64)
