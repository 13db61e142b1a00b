"""What parties do between elections: they move, lose leaders, change names, and fade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Kin, Party
from sim.kernels import competition as kernel
from sim.process.movement import RULES, View, direction

if TYPE_CHECKING:
    from sim.party_system import PartySystem

RENAMED_WITHIN = 6  # months for a party with a new name to register again [assumed: as under the law of 2002]


class Conduct:
    """The stage in which parties read polls and move (Laver & Sergenti 2012), and what befalls them meanwhile.

    Satellites do not compete: they keep their distance from the party of power.
    """

    def __init__(self, model: PartySystem) -> None:
        self.model, self.settings = model, model.decades.conduct
        rows = model.society.uniform("polled", self.settings.polled) * len(model.electorate)
        self.rows = np.sort(rows.astype(np.int64))
        cells = model.electorate.cell[self.rows]
        cuts = np.flatnonzero(np.diff(cells)) + 1
        self.start = np.concatenate([[0], cuts, [len(cells)]]).astype(np.int64)
        self.cell = cells[self.start[:-1]].astype(np.int64)
        self.weight = model.electorate.weight[self.rows].astype(np.float64)

    def begin(self, party: Party) -> None:
        """Give a new party its rule of movement and a heading."""
        rules = self.settings.rules
        party.rule = rules[int(self.model.history.one(f"rule/{party.address}") * len(rules))]
        party.heading = direction(self.model.history, f"heading/{party.address}")

    def move(self, occasion: int) -> None:
        """Every registered party moves once, all at the same time, by what a poll tells it."""
        model, s = self.model, self.settings
        parties = [p for p in model.parties.values() if p.registered and not p.parties]
        if len(parties) < 2:
            return
        support, centre = self._poll(parties)
        largest = int(np.argmax(support))
        place = parties[largest].position
        for j, party in enumerate(parties):
            if party.sponsored or party.in_power:
                party.position = self._satellite(party)
            else:
                view = View(float(support[j]), party.support, centre[j], place, j == largest, s.step)
                party.position = RULES[party.rule](party, view, model.history, occasion)
            party.support = float(support[j])

    def _poll(self, parties: list[Party]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Shares of those asked (J,), and the mean position of each party's supporters (J, 3)."""
        voting = self.model.voting
        points = self.model.electorate.position[self.rows].astype(np.float64)
        near = np.array([kernel.closeness(points, p.position.astype(float), float(voting.weight)) for p in parties])
        pull = np.ascontiguousarray(np.exp(np.array([voting.base(p)[self.cell] for p in parties])).T)
        votes = kernel.votes(near, pull, self.start, self.weight).sum(axis=0)
        return votes / votes.sum(), kernel.supporters(near, pull, self.start, self.weight, points)

    def _satellite(self, party: Party) -> NDArray[np.float64]:
        """One step away from the party of power where it stands too near."""
        if party.in_power:
            return party.position
        gap = party.position - self.model.power.position
        length = float(np.sqrt((gap**2).sum()))
        if length >= self.settings.distance_kept:
            return party.position
        away = gap / length if length > 0 else direction(self.model.history, f"away/{party.address}")
        return np.asarray(party.position + self.settings.step * away)

    def year(self, occasion: int) -> None:
        """Once a year some parties lose their leader, and some of these take a new name."""
        model, s = self.model, self.settings
        for party in [p for p in model.parties.values() if p.registered and not p.parties and not p.in_power]:
            if model.history.one(f"leader/{party.address}", occasion=occasion) >= s.leader_lost:
                continue
            worth = model.history.normal(f"leader/worth/{party.address}", 1, occasion=occasion)[0]
            party.valence -= s.leader_worth * abs(float(worth))
            model.tell(f"{party.name} loses its leader")
            if (
                party.status == "registered"
                and model.history.one(f"rename/{party.address}", occasion=occasion) < s.renamed
            ):
                before, party.name = party.name, f"{party.name.removesuffix(' (new name)')} (new name)"
                party.kin.append(Kin("renaming", before, model.today))
                model.reregistration.ask(party, RENAMED_WITHIN)
                model.reregistration.renamed.add(party.key)
                model.tell(f"{before} takes a new name and must register again")

    def fade(self, shares: dict[str, float], occasion: int) -> None:
        """After an election: smoothed shares, and the end of small parties that nobody keeps."""
        model, s = self.model, self.settings
        for party in [p for p in model.parties.values() if p.registered and not p.parties]:
            now = shares.get(party.key, 0.0)
            party.fitness = now if party.fitness is None else s.memory * party.fitness + (1 - s.memory) * now
            kept = party.sponsored or party.loyal
            if kept or party.fitness >= s.fades_below:
                continue
            if model.history.one(f"fade/{party.address}", occasion=occasion) < s.fading:
                party.become("dissolved", model.today)
                model.tell(f"{party.name} closes: {100 * party.fitness:.1f} % of the vote, and nobody keeps it")
