"""The vote: who turns out, and which list and which candidate each voter prefers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, logit, ndtr

from sim.actors.party import Party
from sim.kernels import ballots, months, threads
from sim.kernels.ballots import Inclination, Lines, Protest
from sim.kernels.sums import squared_distance
from sim.malpractice.mobilisation import push
from sim.malpractice.state_resources import valence_with
from sim.society.geography import CLOSED

if TYPE_CHECKING:
    from sim.model import ElectionModel
    from sim.process.nomination import Candidate

AGAINST_ALL = "against_all"
NOWHERE = np.zeros(3)


class Line(NamedTuple):
    """A line of a ballot: what it is worth in each cell before distance counts, and where it stands."""

    key: str  # addresses tastes: a party, a candidacy, or AGAINST_ALL
    base: NDArray[np.float64]  # (cells,)
    position: NDArray[np.float64]  # (3,)
    party: Party | None = None  # whom a voter must have heard of
    against: bool = False
    leader: bool = False  # the line that station effects move


@dataclass(frozen=True)
class Preferences:
    """What the electorate would do at the polls; options are the lines of the list ballot in its order."""

    voting: Voting
    options: tuple[str, ...]  # party keys, then AGAINST_ALL where the law has it
    lines: tuple[Line, ...]
    chance: NDArray[np.float64]  # (J,) weighted log chance to win a seat
    believed: NDArray[np.float64]  # (J,) shares that voters expect
    best: NDArray[np.float32]  # (N,) utility of the best list known, 0 where none is
    inclined: NDArray[np.float32]  # (N,) log-odds of voting
    against_all: bool

    def utility(self, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        """Utility and chance of every option for some voters, -inf where a list is not known; shape (n, J)."""
        voting, e = self.voting, self.voting.electorate
        out = np.empty((len(rows), len(self.options)))
        for j, line in enumerate(self.lines):
            if line.against:
                p = voting.protest
                out[:, j] = p.constant + p.grievance * e.grievance[rows] - p.best * self.best[rows]
            else:
                out[:, j] = line.base[e.cell[rows]] + voting.nearness(line.position, rows)
                if line.party is not None:
                    out[~voting.model.opinion.knows(line.party)[rows], j] = -np.inf
        return out + self.chance


class Voting:
    """The stage of preferences and ballots."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.electorate = model, model.electorate
        self.choice, self.turnout = model.mechanism.choice, model.mechanism.turnout
        self.weight = np.float32(self.choice.distance)
        self.protest = Protest(
            np.float32(model.fitted.reading.against_all),
            np.float32(self.choice.grievance_against_all),
            np.float32(self.choice.best_against_all),
        )
        cells = model.geography.cells
        self.village = np.arange(cells) % 2 == 1
        self._local: dict[str, NDArray[np.float64]] = {}
        self.marks = np.zeros((cells, 0))  # persons by cell and option of the list ballot
        self.came = np.zeros(cells)  # persons by cell who came
        self.polls = np.zeros((0, 6), np.int64)  # the chunks in which voters cast the list ballot
        self.station = np.zeros(0, np.int64)  # of each such chunk, one to one

    def base(self, party: Party) -> NDArray[np.float64]:
        """What a list is worth to the voters of each cell (cells,) before distance counts."""
        value = self.valence(party) + self._place(party)
        if party.in_power:
            value = value + self.choice.rural_incumbent * self.village
        return value

    def nearness(self, position: NDArray[np.float64], rows: NDArray[np.integer] | slice) -> NDArray[np.float64]:
        """Minus the weighted squared distance of some voters (n,) to a position."""
        return -self.choice.distance * squared_distance(self.electorate.position[rows].astype(float), position)

    def valence(self, party: Party) -> float:
        """A party's common appeal; the party of power's without the part of its premium that is switched off."""
        if party.in_power:
            return valence_with(self.model.practice.state_resources, party.valence, self.model.fitted.premium)
        return party.valence

    def _place(self, party: Party) -> NDArray[np.float64]:
        if party.key not in self._local:
            self._local[party.key] = self.choice.local_spread * self.model.society.normal(
                f"local/{party.address}", self.model.geography.cells
            )
        return self._local[party.key]

    def sympathy(self, groups: Sequence[Party]) -> NDArray[np.float64]:
        """Share of each region's voters who would choose a group over all registered parties; shape (groups, R).

        A bloc is no rival beside the parties that run it.
        """
        e = self.electorate
        rivals = [party for party in self.model.parties.values() if party.registered and not party.parties]
        everybody = [*rivals, *groups]
        sums = np.zeros((len(e.chunks), len(groups)), np.int64)
        threads.each(
            months.sympathy,
            e.chunks,
            e.records,
            np.array([self.base(party) for party in everybody], np.float32),
            np.array([party.position for party in everybody], np.float32),
            self.weight,
            len(rivals),
            sums,
        )
        return e.by_region(e.by_cell(sums)).T / (float(months.SHARE) * e.by_region(e.cell_persons))

    def preferences(self, ballot: Sequence[Party], *, against_all: bool, seats: int, threshold: float) -> Preferences:
        """Utilities, beliefs about viability that intentions have met, and the chance of voting."""
        e = self.electorate
        lines = [Line(p.key, self.base(p), p.position, party=p, leader=p.in_power) for p in ballot]
        if against_all:
            lines.append(Line(AGAINST_ALL, 0 * self.village, NOWHERE, against=True))
        best, inclined = np.empty(len(e), np.float32), np.empty(len(e), np.float32)
        table = self._table([lines])
        threads.each(
            ballots.weigh,
            self._on_list(),
            e.records,
            e.aware,
            table,
            self.weight,
            self._inclination(),
            e.habit,
            e.belief,
            e.dependent,
            best,
            inclined,
        )
        believed = self._beliefs(ballot, table, best, seats=seats, threshold=threshold)
        return Preferences(
            voting=self,
            options=tuple(line.key for line in lines),
            lines=tuple(lines),
            chance=self.choice.strategic * self._chance(believed, len(ballot), seats, threshold),
            believed=believed,
            best=best,
            inclined=inclined,
            against_all=against_all,
        )

    def _table(self, held: Sequence[Sequence[Line]], chance: NDArray[np.float64] | None = None) -> Lines:
        """The lines of several ballots as the kernels read them; chance (L,)."""
        lines = [line for ballot in held for line in ballot]
        occasion = self.model.case.ordinal
        return Lines(
            first=np.concatenate([[0], np.cumsum([len(ballot) for ballot in held])]).astype(np.int64),
            base=np.array([line.base for line in lines], np.float32).reshape(len(lines), -1),
            place=np.array([line.position for line in lines], np.float32).reshape(-1, 3),
            bit=np.array([self.model.opinion.place(x.party) if x.party else 0 for x in lines], np.uint64),
            chance=np.zeros(len(lines), np.float32) if chance is None else chance.astype(np.float32),
            against=np.array([line.against for line in lines], np.bool_),
            leader=np.array([line.leader for line in lines], np.bool_),
            key=self.model.history.keys([f"taste/{line.key}" for line in lines], occasion=occasion),
        )

    def _on_list(self) -> NDArray[np.int64]:
        """The chunks of all voters, on the one list ballot."""
        chunks = self.electorate.chunks.copy()
        chunks[:, ballots.BALLOT] = 0
        return chunks

    def _at_stations(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The chunks of all voters one to one, each inside one cell and one station, and the station of each (C,)."""
        e, begin = self.electorate, self.model.stations.rows()
        order = np.argsort(begin)
        first = np.union1d(begin, e.chunks[:, months.CELL_START])
        pieces = threads.chunks(first, np.diff(np.append(first, len(e))))
        start, nothing = pieces[:, 0], np.zeros(len(pieces), np.int64)
        station = order[np.searchsorted(begin[order], start, side="right") - 1]
        return np.column_stack([pieces[:, :2], nothing, nothing, nothing, e.cell[start].astype(np.int64)]), station

    def boxes(self, invalid: float, occasion: int) -> NDArray[np.int64]:
        """One to one: ballots by station and option, spoilt ones last; shape (S, J + 1)."""
        e, options = self.electorate, self.marks.shape[1]
        named = np.zeros((len(self.polls), options), np.int64)
        key = self.model.history.key("spoilt", occasion=occasion)
        threads.each(ballots.spoil, self.polls, e.choice, key, np.float32(invalid), named)
        came = np.add.reduceat(e.turned_out, self.polls[:, 0], dtype=np.int64)
        box = np.zeros((len(self.model.stations), options + 1), np.int64)
        np.add.at(box, self.station, np.column_stack([named, came - named.sum(axis=1)]))
        return box

    @cached_property
    def _in_districts(self) -> NDArray[np.int64]:
        """The chunks of all voters, each inside one cell and on the ballot of one district (column BALLOT)."""
        e = self.electorate
        another = (e.district[1:] != e.district[:-1]) | (e.cell[1:] != e.cell[:-1])
        first = np.concatenate([[0], np.flatnonzero(another) + 1])
        pieces = threads.chunks(first, np.diff(np.concatenate([first, [len(e)]])))
        start = pieces[:, 0]
        nothing = np.zeros(len(pieces), np.int64)
        return np.column_stack([pieces[:, :2], nothing, nothing, e.district[start], e.cell[start]]).astype(np.int64)

    def _inclination(self) -> Inclination:
        """Turnout without what voters differ in, by cell."""
        t, model = self.turnout, self.model
        region = np.repeat(model.geography.locality_region, 2)  # of every cell
        orders = model.administration.turnout_orders[region]
        settings, strength = model.mechanism.mobilisation, model.practice.mobilisation
        pushed = (push(settings, strength, orders, np.full(len(region), dependent)) for dependent in (True, False))
        on_dependent, on_others = (np.asarray(order, np.float32) for order in pushed)
        return Inclination(
            constant=(model.fitted.reading.turnout + t.rural * self.village).astype(np.float32),
            dependent=on_dependent,
            others=on_others,
            stakes=np.float32(t.stakes),
            distrust=np.float32(t.distrust),
        )

    def _poll(self, chunks: NDArray[np.int64], table: Lines, best: NDArray[np.float32]) -> NDArray[np.float64]:
        """Expected shares of the lines of every ballot, persons by chunk; shape (C, most lines)."""
        e = self.electorate
        sums = np.zeros((len(chunks), int(np.diff(table.first).max())), np.int64)
        threads.each(ballots.poll, chunks, e.records, e.aware, table, self.weight, self.protest, best, sums)
        weight = e.cell_weight[chunks[:, months.CELL]]
        return np.asarray(sums * weight.reshape(-1, 1))

    def _beliefs(
        self, ballot: Sequence[Party], table: Lines, best: NDArray[np.float32], *, seats: int, threshold: float
    ) -> NDArray[np.float64]:
        """Shares expected of each option: half the last result, where there is one, half what people now intend."""
        chunks = self._on_list()
        poll = self._shares(chunks, table, best)
        noise = np.exp(
            self.choice.belief_noise
            * np.array([self.model.history.normal(f"poll/{party.address}", 1)[0] for party in ballot])
        )
        last = np.array([self.model.case.last_result.get(party.key, np.nan) for party in ballot])
        believed = poll
        for exchange in range(self.choice.rounds + 1):
            heard = poll[: len(ballot)] * noise
            believed = poll.copy()
            believed[: len(ballot)] = np.where(np.isnan(last), heard, (last + heard) / 2)
            believed /= believed.sum()
            if exchange < self.choice.rounds:
                chance = self.choice.strategic * self._chance(believed, len(ballot), seats, threshold)
                poll = self._shares(chunks, table._replace(chance=chance.astype(np.float32)), best)
        return believed

    def expected(self, wishes: Preferences) -> NDArray[np.float64]:
        """Shares that the options of a list ballot would have if everybody came (J,), in expectation over tastes."""
        table = self._table([wishes.lines], wishes.chance)
        return self._shares(self._on_list(), table, wishes.best)

    def support(self, parties: Sequence[Party]) -> NDArray[np.float64]:
        """Shares of each region's voters who would vote for each of some parties, of those who know any; (J, R)."""
        if not parties:
            return np.zeros((0, len(self.model.geography.regions)))
        lines = [Line(p.key, self.base(p), p.position, party=p, leader=p.in_power) for p in parties]
        nobody = np.zeros(len(self.electorate), np.float32)
        persons = np.zeros((len(self.model.geography.regions), len(lines)))
        in_region = self.electorate.chunks[:, months.REGION]
        np.add.at(persons, in_region, self._poll(self._on_list(), self._table([lines]), nobody))
        return np.asarray(persons.T / np.maximum(persons.sum(axis=1), 1e-9))

    def _shares(self, chunks: NDArray[np.int64], table: Lines, best: NDArray[np.float32]) -> NDArray[np.float64]:
        """Expected shares of the options of the list ballot (J,)."""
        persons = self._poll(chunks, table, best).sum(axis=0)
        if not persons.any():  # nobody knows a list
            return np.full(len(persons), 1 / len(persons))
        return np.asarray(persons / persons.sum())

    def _chance(self, believed: NDArray[np.float64], parties: int, seats: int, threshold: float) -> NDArray[np.float64]:
        """Log believed chance to win a list seat (J,); a vote against all wants none and loses nothing.

        Where the law has no list seats the party vote is what voters would mark, and nobody has a reason to desert.
        """
        out = np.zeros(len(believed))
        if seats:
            out[:parties] = log_chance(believed[:parties], seats, threshold)
        return out

    def cast(self, wishes: Preferences, candidates: Sequence[Sequence[Candidate]]) -> None:
        """Every voter's ballots: ``turned_out``, ``choice`` (index into options) and ``district_choice``.

        One to one, voters differ by station too; of a sample, stations differ when its marks are put into boxes.
        """
        e, occasion, inclined = self.electorate, self.model.case.ordinal, wishes.inclined
        if e.one_to_one:
            inclined = inclined.copy()  # in a second round voters' own is asked for again
            self.polls, self.station = self._at_stations()
            shift, tilt = (effect[self.station].astype(np.float32) for effect in self.model.counting.day.effects)
            for start, stop in self.polls[self.model.stations.kind[self.station] == CLOSED, :2]:
                inclined[start:stop] = logit(self.model.counting.settings.closed_turnout)
        else:
            self.polls, self.station = self._on_list(), np.zeros(0, np.int64)
            shift = tilt = np.zeros(len(self.polls), np.float32)
        came = np.zeros(len(self.polls), np.int64)
        key = self.model.history.key("turnout", occasion=occasion)
        threads.each(ballots.turn_out, self.polls, inclined, shift, key, e.turned_out, came)
        self.came = e.by_cell(came, self.polls)
        table = self._table([wishes.lines], wishes.chance)
        self.marks = e.by_cell(self._mark(self.polls, table, wishes.best, tilt, e.turned_out, e.choice), self.polls)
        if any(candidates):
            chunks = self._in_districts
            held = self._candidacies(candidates)
            table = self._district_table(chunks, held, wishes.best)
            level = np.zeros(len(chunks), np.float32)
            self._mark(chunks, table, wishes.best, level, e.turned_out, e.district_choice)

    def _mark(
        self,
        chunks: NDArray[np.int64],
        table: Lines,
        best: NDArray[np.float32],
        tilt: NDArray[np.float32],
        came: NDArray[np.bool_],
        choice: NDArray[np.int16],
    ) -> NDArray[np.int64]:
        """Marks by chunk and line; who marks what is written to ``choice`` (N,); tilt (C,) moves the leader's line."""
        e = self.electorate
        sums = np.zeros((len(chunks), int(np.diff(table.first).max())), np.int64)
        threads.each(
            ballots.mark,
            chunks,
            e.records,
            e.aware,
            table,
            self.weight,
            self.protest,
            best,
            came,
            tilt,
            choice,
            sums,
        )
        return sums

    def _candidacies(self, ballots: Sequence[Sequence[Candidate]]) -> list[list[Line]]:
        """The lines of district ballots; candidates need not be known."""
        parties = {c.party.key: c.party for standing in ballots for c in standing if c.party}
        base = {key: self.base(party) for key, party in parties.items()}
        level = np.zeros(len(self.village))  # of who has no party
        return [
            [
                Line(
                    c.key,
                    (base[c.party.key] if c.party else level) + c.appeal,
                    NOWHERE if c.position is None else c.position,
                    against=c.against_all,
                )
                for c in standing
            ]
            for standing in ballots
        ]

    def _district_table(
        self, chunks: NDArray[np.int64], held: Sequence[Sequence[Line]], best: NDArray[np.float32]
    ) -> Lines:
        """Lines of the district ballots with the believed chance of each candidate to win the seat."""
        table = self._table(held)
        persons = np.zeros((len(held), int(np.diff(table.first).max())))
        np.add.at(persons, chunks[:, ballots.BALLOT], self._poll(chunks, table, best))
        chance = np.zeros(int(table.first[-1]))
        for district, ballot in enumerate(held):
            wants = np.array([not line.against for line in ballot], np.bool_)  # the line against all wants no seat
            believed = persons[district, : len(ballot)]
            if wants.any() and believed.sum() > 0:
                seat = seat_chance((believed / believed.sum())[wants])
                chance[table.first[district] + np.flatnonzero(wants)] = np.log(np.maximum(seat, FLOOR))
        return table._replace(chance=(self.choice.strategic * chance).astype(np.float32))

    def second_round(
        self, district: int, pair: Sequence[Candidate]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int16]]:
        """Rows of a district, who of them comes again, and which of two each prefers, tastes as in the first round."""
        e, wishes = self.electorate, self.model.wishes
        assert wishes is not None
        chunks = self._in_districts
        chunks = chunks[chunks[:, ballots.BALLOT] == district]
        chunks[:, ballots.BALLOT] = 0
        rows = np.arange(chunks[0, 0], chunks[-1, 1])
        came, choice = np.ones(len(e), np.bool_), np.zeros(len(e), np.int16)
        level, sums = np.zeros(len(chunks), np.float32), np.zeros(len(chunks), np.int64)
        self._mark(chunks, self._table(self._candidacies([pair])), wishes.best, level, came, choice)
        key = self.model.history.key("turnout/second round", occasion=self.model.case.ordinal)
        threads.each(ballots.turn_out, chunks, wishes.inclined, level, key, came, sums)
        return rows, came[rows], choice[rows]


FLOOR = 0.001  # the least chance a voter grants anybody [prototype]
QUOTA_NEEDED = 0.75  # share of a quota that wins a seat half the time [prototype]
LIST_DOUBT = 0.4  # spread of the log share at which a list is thought to get in [prototype]
RIVAL_DOUBT = 0.2  # the same against a rival in a district, in shares of both [prototype]


def log_chance(share: NDArray[np.float64], seats: int, threshold: float) -> NDArray[np.float64]:
    """Log of the believed chance to win at least one of many seats, shares (J,) (FINDINGS A).

    The smaller of clearing the threshold and of reaching about three quarters of a quota, each a normal in log share.
    """
    log_share = np.log(np.maximum(share, 1e-9))
    chance = log_ndtr((log_share - np.log(QUOTA_NEEDED / (seats + 1))) / LIST_DOUBT)
    if threshold > 0:
        chance = np.minimum(chance, log_ndtr((log_share - np.log(threshold)) / LIST_DOUBT))
    return np.asarray(np.maximum(chance, np.log(FLOOR)))


def seat_chance(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Believed chance to win the one seat of a district: Phi[(v - r) / (.2 (v + r))], r the best rival; shares (J,)."""
    if len(share) == 1:
        return np.ones(1)
    top = np.sort(share)[-2:]
    rival = np.where(share == top[1], top[0], top[1])
    return np.asarray(ndtr((share - rival) / (RIVAL_DOUBT * (share + rival))))
