"""Party competition over decades: parties drift, move, arise, join lists, win seats, and give up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.kernels import competition as kernel
from sim.kernels.counts import poisson
from sim.law.apportionment import ListVotes, allocate, plurality
from sim.measures import indices
from sim.process.competition_settings import CompetitionSettings, Rule
from sim.process.joint_lists import agreed
from sim.process.movement import RULES, View, direction
from sim.process.polling import Ground, Line, Polling
from sim.society.geography import split
from sim.streams import Streams


class Contender(mesa.Agent):
    """A party that lives from one election to the next.

    ``key`` is the term it was founded in and its number among that term's tries; it addresses every draw of the party.
    ``local`` (L,) is what it is worth in each locality beside its valence. ``last`` (D,) are its votes at the last
    election, its part of a joint list's; NaN before the first. ``fitness`` are its smoothed seats, None before the
    first.
    """

    def __init__(
        self,
        model: mesa.Model,
        *,
        key: str,
        founded: int,
        position: NDArray[np.float64],
        valence: float,
        local: NDArray[np.float64],
        rule: Rule,
        heading: NDArray[np.float64],
        districts: int,
    ) -> None:
        super().__init__(model)
        self.key, self.founded, self.rule = key, founded, rule
        self.position, self.heading = position, heading
        self.valence, self.local = valence, local
        self.support = float("nan")  # share who would have voted for it at its last move
        self.last = np.full(districts, np.nan)
        self.seats, self.votes = 0, 0.0
        self.fitness: float | None = None

    def __repr__(self) -> str:
        return f"<Contender {self.key}: {self.seats} seats>"


class Held(NamedTuple):
    """What one election gave; by line of the ballot, a joint list counting as one, unless said otherwise."""

    election: int
    enp_seats: float
    enp_votes: float
    largest_seats: float
    largest_votes: float
    enp_seats_parties: float  # by party, a joint list's seats divided among its members
    parties: int
    lines: int
    joint_lists: int
    winners: int  # lines with a seat
    wasted: float
    gallagher: float
    volatility: float  # by party, percentage points
    entered: int
    left: int


class Competition:
    """The stages of a term, on one ground and under one electoral system."""

    def __init__(
        self, model: mesa.Model, ground: Ground, polling: Polling, settings: CompetitionSettings, streams: Streams
    ) -> None:
        self.model, self.ground, self.polling = model, ground, polling
        self.system, self.settings, self.streams = polling.system, settings, streams
        self.parties: list[Contender] = []
        self.ballot: list[Line] = []
        self.line_votes: NDArray[np.int64] = np.zeros(0, np.int64)
        self.line_seats: NDArray[np.int64] = np.zeros(0, np.int64)
        self._closeness = np.zeros((0, len(ground.weight)))  # (J, N)
        self._entered = 0

    def begin(self) -> None:
        """The parties of the first free election: as new as any, around voters drawn at random."""
        for number in range(self.settings.founders):
            row = self._rows(f"founder/{number}", 1)[0]
            self._found(f"0.{number}", 0, self.ground.position[row])

    def move(self, occasion: int) -> None:
        """Every party moves once, all at the same time; ``occasion`` numbers the moves of the series."""
        if not self.parties:
            return
        pull = self._pull()
        votes = self.ground.votes(self._closeness, pull).sum(axis=0)
        support = votes / votes.sum()
        centre = kernel.supporters(self._closeness, pull, self.ground.start, self.ground.weight, self.ground.position)
        largest = int(np.argmax(support))
        place, step = self.parties[largest].position, self.settings.step
        views = [
            View(float(support[j]), party.support, centre[j], place, j == largest, step)
            for j, party in enumerate(self.parties)
        ]
        for j, (party, view) in enumerate(zip(self.parties, views, strict=True)):
            there = RULES[party.rule](party, view, self.streams, occasion)
            if there is not party.position:
                party.position = there
                self._closeness[j] = self._near(there)
            party.support = view.support

    def enter(self, term: int) -> None:
        """Groups try around voters whom no party stands near; who has a chance, alone or on a joint list, stands."""
        s, before = self.settings, len(self.parties)
        tries = int(poisson(self.streams.uniform("tries", 1, occasion=term), np.array([s.tries]))[0])
        for number in range(tries):
            key = f"{term}.{number}"
            rows = self._rows(f"around/{key}", s.candidates)
            remotest = rows[int(np.argmin(self._closeness[:before, rows].max(axis=0)))]
            self._found(key, term, self.ground.position[remotest])
        if tries:
            lines = agreed(self._solo(term), self._places(), self.polling, s.partners)
            chance = np.exp(self.polling.log_chance(self.polling.intentions(lines))).max(axis=0)
            viable = {
                member
                for line, best in zip(lines, chance, strict=True)
                if best > s.entry_chance
                for member in line.members
            }
            self._keep([j < before or j in viable for j in range(len(self.parties))])
        self._entered = len(self.parties) - before

    def vote(self, election: int) -> Held:
        """Lists, beliefs, votes and seats."""
        before = {party.key: party.votes for party in self.parties if party.votes}
        self.ballot = agreed(self._solo(election), self._places(), self.polling, self.settings.partners)
        votes = self.polling.result(self.ballot)
        sizes = split(round(votes.sum()), votes.sum(axis=1))
        persons = np.array([split(int(size), district) for size, district in zip(sizes, votes, strict=True)])
        self.line_votes, self.line_seats = persons.sum(axis=0), self._seats(persons)
        total = votes.sum()
        for k, line in enumerate(self.ballot):
            won = split(int(self.line_seats[k]), line.parts)
            for member, part, seats in zip(line.members, line.parts, won, strict=True):
                party = self.parties[member]
                party.seats, party.last = int(seats), part * votes[:, k]
                party.votes = float(party.last.sum() / total)
        return self._held(election, before)

    def leave(self) -> int:
        """Parties below the bar give up; the number that did. Two always stay, so that there is an election."""
        s = self.settings
        bar, grace = (s.fewest, s.grace) if s.exit_by == "seats" else (s.fewest_votes, s.grace_votes)
        for party in self.parties:
            now = float(party.seats) if s.exit_by == "seats" else party.votes
            party.fitness = (
                max(now, grace) if party.fitness is None else s.memory * party.fitness + (1 - s.memory) * now
            )
        stay = [party.fitness is not None and party.fitness >= bar for party in self.parties]
        if sum(stay) < 2:
            largest = sorted(range(len(stay)), key=lambda j: (-self.parties[j].votes, j))[:2]
            stay = [kept or j in largest for j, kept in enumerate(stay)]
        gone = len(stay) - sum(stay)
        self._keep(stay)
        return gone

    def drift(self, term: int) -> None:
        """Valence and local terms on their way to the next election; who ruled loses."""
        s = self.settings
        fresh_local = np.sqrt(1 - s.local_persistence**2)
        for party in self.parties:
            news = self.streams.normal(f"valence/{party.key}", 1, occasion=term)[0]
            ruled = s.cost_of_ruling * party.seats / self.system.seats
            party.valence = float(s.persistence * party.valence + news * self.loudness(party.votes) - ruled)
            party.local = s.local_persistence * party.local + fresh_local * self._local(party.key, term)

    def loudness(self, votes: float) -> float:
        """Spread of a term's news about a party with this share of the vote, in log odds."""
        s = self.settings
        share = min(max(votes, s.smallest), 1 - s.smallest)
        return float(s.drift * (4 * share * (1 - share)) ** -s.averaging)

    def _held(self, election: int, before: dict[str, float]) -> Held:
        votes, seats = self.line_votes.tolist(), self.line_seats.tolist()
        of_votes, of_seats = indices.shares(votes), indices.shares(seats)
        of_parties = indices.shares([party.seats for party in self.parties])
        moved = indices.volatility(before, {party.key: party.votes for party in self.parties})
        return Held(
            election=election,
            enp_seats=_number(indices.enp(of_seats)),
            enp_votes=_number(indices.enp(of_votes)),
            largest_seats=_number(indices.largest_share(of_seats)),
            largest_votes=_number(indices.largest_share(of_votes)),
            enp_seats_parties=_number(indices.enp(of_parties)),
            parties=len(self.parties),
            lines=len(self.ballot),
            joint_lists=sum(line.joint for line in self.ballot),
            winners=int((self.line_seats > 0).sum()),
            wasted=_number(indices.wasted_share(votes, seats)),
            gallagher=_number(indices.gallagher(of_votes, of_seats)),
            volatility=_number(moved and moved.total),
            entered=self._entered,
            left=0,
        )

    def _seats(self, votes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Seats (J,) from whole votes (D, J), exactly as the law counts them."""
        system, names = self.system, [str(k) for k in range(votes.shape[1])]
        won = dict.fromkeys(names, 0)
        country = [ListVotes(name, n) for name, n in zip(names, votes.sum(axis=0).tolist(), strict=True)]
        passed = set(allocate(country, 0, system.threshold).passed)
        for district in votes.tolist():
            standing = [ListVotes(name, n) for name, n in zip(names, district, strict=True) if name in passed]
            if system.by_list:
                for name, seats in allocate(standing, system.magnitude).seats.items():
                    won[name] += seats
            elif (winner := plurality(standing).winner) is not None:
                won[winner] += 1
        return np.array([won[name] for name in names])

    def _solo(self, election: int) -> list[Line]:
        """Every party's own line, in the order of founding."""
        pull, noise = self._pull(), self.polling.choice.belief_noise
        return [
            Line(
                members=(j,),
                parts=np.ones(1),
                closeness=self._closeness[j],
                pull=pull[:, j],
                last=party.last,
                heard=float(np.exp(noise * self.streams.normal(f"poll/{party.key}", 1, occasion=election)[0])),
            )
            for j, party in enumerate(self.parties)
        ]

    def _pull(self) -> NDArray[np.float64]:
        """What makes a party worth voting for in each cell, whatever the voter thinks; shape (C, J)."""
        local = np.array([party.local for party in self.parties])[:, self.ground.locality]
        valence = np.array([party.valence for party in self.parties])
        return np.ascontiguousarray(np.exp(valence[:, None] + local).T)

    def _places(self) -> NDArray[np.float64]:
        return np.array([party.position for party in self.parties])

    def _found(self, key: str, term: int, position: NDArray[np.float64]) -> None:
        s = self.settings
        self.parties.append(
            Contender(
                self.model,
                key=key,
                founded=term,
                position=position.copy(),
                valence=float(s.entrant + s.entrant_spread * self.streams.normal(f"appeal/{key}", 1)[0]),
                local=self._local(key, term),
                rule=s.rules[int(self.streams.one(f"rule/{key}") * len(s.rules))],
                heading=direction(self.streams, f"heading/{key}"),
                districts=self.system.districts,
            )
        )
        self._closeness = np.vstack([self._closeness, self._near(position)])

    def _keep(self, stay: Sequence[bool]) -> None:
        for party, stays in zip(self.parties, stay, strict=True):
            if not stays:
                party.remove()
        self.parties = [party for party, stays in zip(self.parties, stay, strict=True) if stays]
        self._closeness = self._closeness[np.array(stay, bool)]

    def _near(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        return kernel.closeness(self.ground.position, position, self.polling.choice.distance)

    def _local(self, key: str, term: int) -> NDArray[np.float64]:
        """A fresh draw of a party's local terms; shape (L,)."""
        localities = int(self.ground.locality[-1]) + 1
        return self.polling.choice.local_spread * self.streams.normal(f"local/{key}", localities, occasion=term)

    def _rows(self, decision: str, number: int) -> NDArray[np.int64]:
        """Voters drawn at random, with equal chances for every row."""
        return (self.streams.uniform(decision, number) * len(self.ground.weight)).astype(np.int64)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
