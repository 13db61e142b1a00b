"""Nomination: which lists stand, who stands in the districts, who is refused, and who wins in court."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.actors.party import Party
from sim.kernels.counts import poisson
from sim.malpractice.candidate_filtering import charge_probability, refusal_probability
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


class Papers(NamedTuple):
    """A candidacy before the candidate's own quality is added to its appeal."""

    key: str
    party: Party | None
    appeal: float
    position: NDArray[np.float64]


@dataclass(frozen=True)
class Funnel:
    """What became of self-nominated candidates, over all districts."""

    nominated: int
    refused: int
    reinstated: int
    unpaid: int = 0  # never nominated, for want of the deposit
    charged: int = 0  # barred by a criminal charge; not among the refused


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
        held = [[*ours, *own] for ours, own in zip(self._of_parties(districts), self._alone(districts), strict=True)]
        names = [f"quality/{papers.key}" for ballot in held for papers in ballot]
        draws = self.model.history.uniforms(names, 1, occasion=self.model.case.ordinal)[0]
        quality = iter((self.settings.quality_spread * ndtri(draws)).tolist())
        for district, ballot in enumerate(held):
            standing = [Candidate(p.key, p.party, p.appeal + next(quality), p.position) for p in ballot]
            line = [Candidate(f"{AGAINST_ALL}/{district + 1}", None)] if against_all else []
            self.candidates.append(standing + line)

    def _of_parties(self, districts: int) -> list[list[Papers]]:
        """By district: the party of power stands everywhere, others in few."""
        lists = self.lists
        names = [f"stand/{party.key}/{district + 1}" for party in lists for district in range(districts)]
        draws = self.model.history.uniforms(names, 1, occasion=self.model.case.ordinal)[0]
        stands = draws.reshape(len(lists), districts) < self.settings.party_reach
        stands[[party.in_power for party in lists]] = True
        return [
            [
                Papers(f"{party.key}/{district + 1}", party, 0.0, party.position)
                for party, here in zip(lists, stands[:, district].tolist(), strict=True)
                if here
            ]
            for district in range(districts)
        ]

    def _alone(self, districts: int) -> list[list[Papers]]:
        """By district: those who nominate themselves, less those refused, plus those a court reinstates."""
        model, s, occasion = self.model, self.settings, self.model.case.ordinal
        history, e = model.history, model.electorate
        draw = history.uniform("self-nominated", districts, occasion=occasion)
        many = poisson(draw, np.full(districts, s.per_district, float))
        most = int(many.max(initial=0))
        loyalty, lot, place, pays, charge, ordered = (
            history.uniforms([f"self-nominated/{what}/{d}" for d in range(districts)], most, occasion=occasion)
            for what in ("loyalty", "refused", "home", "deposit", "charge", "ordered")
        )  # (most, D), as far as somebody is there
        loyalty = np.where(ordered < s.ordered_loyal, 1.0, loyalty)
        wish = np.arange(most)[:, None] < many
        there = wish & (pays >= s.unpaid)
        charged = there & (charge < charge_probability(s, model.practice.criminal_charges, loyalty))
        refused = there & ~charged & (lot < refusal_probability(s, model.practice.candidate_filtering, loyalty))
        back = model.court.reinstate(refused, occasion)
        self.funnel = Funnel(*(int(who.sum()) for who in (there, refused, back, wish & ~there, charged)))
        stands, home = there & ~charged & (~refused | back), (place * len(e)).astype(int)
        out = []
        for district in range(districts):
            local = e.of_district(district)
            stay = np.flatnonzero(stands[:, district]) if len(local) else np.zeros(0, int)
            positions = e.position[local[home[stay, district] % max(len(local), 1)]].astype(float)
            out.append(
                [
                    Papers(f"independent_{district + 1:02d}_{n + 1:02d}", None, s.independent_base, position)
                    for n, position in zip(stay.tolist(), positions, strict=True)
                ]
            )
        return out
