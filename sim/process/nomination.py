"""Nomination: which lists stand, who stands in the districts, who is refused, and who wins in court."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Party
from sim.kernels.counts import poisson
from sim.malpractice.candidate_filtering import refusal_probability
from sim.process.voting import AGAINST_ALL

if TYPE_CHECKING:
    from sim.model import ElectionModel


@dataclass(frozen=True)
class Candidate:
    """Somebody's candidacy in one district: a party's, or a self-nominated one; no person is meant."""

    key: str
    party: Party | None
    appeal: float = 0.0  # its own, on top of its party's
    position: NDArray[np.float64] | None = None  # (3,); None for the line against all

    @property
    def against_all(self) -> bool:
        """Whether this is the line against all, which never wins."""
        return self.key.startswith(AGAINST_ALL)


@dataclass(frozen=True)
class Funnel:
    """What became of self-nominated candidates, over all districts."""

    nominated: int
    refused: int
    reinstated: int


class Nomination:
    """The stage that closes the ballot."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.settings = model, model.mechanism.candidates
        self.candidates: list[list[Candidate]] = []
        self.funnel = Funnel(0, 0, 0)

    def close_lists(self) -> None:
        """The parties registered today stand; their order on the ballot is the order of registration."""
        self._join_lists()
        standing = self.lists
        self.model.tell(f"lists close with {len(standing)} parties: {', '.join(party.name for party in standing)}")
        late = [party.name for party in self.model.parties.values() if party.active]
        if late:
            self.model.tell(f"still on the way when lists close: {', '.join(late)}")

    def _join_lists(self) -> None:
        """Put registered parties on the ballot: blocs where the law has them, and not whom the record has elsewhere."""
        model, case = self.model, self.model.case
        standing = {key: party for key, party in model.parties.items() if party.registered}
        if model.mechanism.nomination.record:
            for key, why in case.absent.items():
                if standing.pop(key, None):
                    model.tell(f"{model.parties[key].name} has no list: {why}")
        if model.rules_on(model.today).list.blocs:
            for bloc in case.blocs:
                if all(key in standing for key in bloc.parties):
                    standing[bloc.key] = model.formation.bloc(bloc)
                    names = " and ".join(standing.pop(key).name for key in bloc.parties)
                    model.tell(f"{names} run one list, {bloc.name}")
        for party in standing.values():
            party.on_ballot = True

    @property
    def lists(self) -> list[Party]:
        """Parties on the ballot in order of registration: those of old first, then by the day they were registered."""
        standing = [party for party in self.model.parties.values() if party.on_ballot]
        return sorted(standing, key=lambda party: party.reached.registered or self.model.start)

    def fill_districts(self, districts: int, *, against_all: bool) -> None:
        """Candidates of parties and self-nominated ones in each of so many districts.

        The line against all closes the ballot where the law has it.
        """
        tallies = np.zeros(3, int)
        for district in range(districts):
            own, counts = self._self_nominated(district)
            line = [Candidate(f"{AGAINST_ALL}/{district + 1}", None)] if against_all else []
            self.candidates.append(self._of_parties(district) + own + line)
            tallies += counts
        self.funnel = Funnel(*(int(n) for n in tallies))

    def _of_parties(self, district: int) -> list[Candidate]:
        """The party of power stands everywhere, others in few districts; a candidate's own appeal is added."""
        occasion = self.model.case.ordinal
        standing = []
        for party in self.lists:
            key = f"{party.key}/{district + 1}"
            if (
                not party.in_power
                and self.model.history.one(f"stand/{key}", occasion=occasion) >= self.settings.party_reach
            ):
                continue
            standing.append(Candidate(key, party, self._quality(key), party.position))
        return standing

    def _self_nominated(self, district: int) -> tuple[list[Candidate], NDArray[np.int64]]:
        """Those who nominate themselves, less those refused, plus those a court reinstates."""
        model, s, occasion = self.model, self.settings, self.model.case.ordinal
        history = model.history
        many = int(
            poisson(
                history.uniform("self-nominated", 1, occasion=occasion, first=district), np.array([s.per_district])
            )[0]
        )
        loyalty = history.uniform(f"self-nominated/loyalty/{district}", many, occasion=occasion)
        chance = np.array([refusal_probability(s, model.practice.candidate_filtering, float(x)) for x in loyalty])
        refused = history.uniform(f"self-nominated/refused/{district}", many, occasion=occasion) < chance
        back = model.court.reinstate(refused, district, occasion)
        home = (
            history.uniform(f"self-nominated/home/{district}", many, occasion=occasion) * len(model.electorate)
        ).astype(int)
        standing = []
        local = model.electorate.of_district(district)
        for n in np.flatnonzero(~refused | back) if len(local) else ():
            key = f"independent_{district + 1:02d}_{n + 1:02d}"
            position = model.electorate.position[local[home[n] % len(local)]]
            standing.append(Candidate(key, None, s.independent_base + self._quality(key), position.astype(float)))
        return standing, np.array([many, refused.sum(), back.sum()])

    def _quality(self, key: str) -> float:
        occasion = self.model.case.ordinal
        return float(
            self.settings.quality_spread * self.model.history.normal(f"quality/{key}", 1, occasion=occasion)[0]
        )
