"""The vote: who turns out, and which list and which candidate each voter prefers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_ndtr, ndtr

from sim.actors.party import Party
from sim.kernels.choice import choose, shares
from sim.kernels.sums import squared_distance
from sim.malpractice.mobilisation import push
from sim.malpractice.state_resources import valence_with

if TYPE_CHECKING:
    from sim.model import ElectionModel
    from sim.process.nomination import Candidate

AGAINST_ALL = "against_all"
NOT_KNOWN = -np.inf


@dataclass(frozen=True)
class Preferences:
    """What the electorate would do at the polls; rows of the lists are options in ballot order."""

    options: tuple[str, ...]  # party keys, then AGAINST_ALL where the law has it
    list_utility: NDArray[np.float64]  # (N, J), -inf where unknown
    turnout: NDArray[np.float64]  # (N,) probability
    believed: NDArray[np.float64]  # (J,) shares that voters expect
    against_all: NDArray[np.float64] | None  # (N,) utility of that line, None where the law has none


class Voting:
    """The stage of preferences and ballots."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.electorate = model, model.electorate
        self.choice, self.turnout = model.mechanism.choice, model.mechanism.turnout
        self._local: dict[str, NDArray[np.float64]] = {}

    def utility(self, party: Party) -> NDArray[np.float64]:
        """What each voter (N,) would get from a list, whether or not the voter knows it."""
        value = self.valence(party) + self.nearness(party.position) + self._place(party)
        if party.in_power:
            value = value + self.choice.rural_incumbent * ~self.electorate.urban
        return value

    def nearness(self, position: NDArray[np.float64], rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """Minus the weighted squared distance of every voter (N,), or of some rows, to a position."""
        places = self.electorate.position if rows is None else self.electorate.position[rows]
        return -self.choice.distance * squared_distance(places, position)

    def valence(self, party: Party) -> float:
        """A party's common appeal; the party of power's without the part of its premium that is switched off."""
        if party.in_power:
            return valence_with(self.model.spec.practice.state_resources, party.valence, self.model.fitted.premium)
        return party.valence

    def _place(self, party: Party) -> NDArray[np.float64]:
        if party.key not in self._local:
            self._local[party.key] = self.choice.local_spread * self.model.society.normal(
                f"local/{party.address}", self.model.geography.cells
            )
        return self._local[party.key][self.electorate.cell]

    def preferences(self, ballot: Sequence[Party], *, against_all: bool, seats: int, threshold: float) -> Preferences:
        """Utilities, beliefs about viability that intentions have met, and the chance of voting."""
        e = self.electorate
        columns = [np.where(self._knows(party), self.utility(party), NOT_KNOWN) for party in ballot]
        best, mean = _best_and_mean(np.array(columns))
        if against_all:
            columns.append(
                self.model.fitted.reading.against_all
                + self.choice.grievance_against_all * e.grievance
                - self.choice.best_against_all * best
            )
        sincere = np.array(columns).T
        believed = self._beliefs(ballot, sincere, seats=seats, threshold=threshold)
        return Preferences(
            options=(*(party.key for party in ballot), *((AGAINST_ALL,) if against_all else ())),
            list_utility=sincere + self.choice.strategic * self._chance(believed, len(ballot), seats, threshold),
            turnout=expit(self._inclination(best - mean)),
            believed=believed,
            against_all=columns[-1] if against_all else None,
        )

    def _knows(self, party: Party) -> NDArray[np.bool_]:
        return (self.electorate.aware >> np.uint64(party.slot)) & np.uint64(1) == 1

    def _inclination(self, stakes: NDArray[np.float64]) -> NDArray[np.float64]:
        e, t, spec = self.electorate, self.turnout, self.model.spec
        orders = self.model.administration.turnout_orders[e.region]
        return np.asarray(
            self.model.fitted.reading.turnout
            + e.habit
            + t.rural * ~e.urban
            + t.stakes * stakes
            - t.distrust * (1 - e.belief)
            + push(self.model.mechanism.mobilisation, spec.practice.mobilisation, orders, e.dependent)
        )

    def _beliefs(
        self, ballot: Sequence[Party], sincere: NDArray[np.float64], *, seats: int, threshold: float
    ) -> NDArray[np.float64]:
        """Shares expected of each option: half the last result, where there is one, half what people now intend."""
        weight = self.electorate.weight
        poll = shares(sincere, weight)
        noise = np.exp(
            self.choice.belief_noise
            * np.array([self.model.history.normal(f"poll/{party.address}", 1)[0] for party in ballot])
        )
        last = np.array([self.model.case.last_result.get(party.key, np.nan) for party in ballot])
        believed = poll
        for _ in range(self.choice.rounds + 1):
            heard = poll[: len(ballot)] * noise
            believed = poll.copy()
            believed[: len(ballot)] = np.where(np.isnan(last), heard, (last + heard) / 2)
            believed /= believed.sum()
            chance = self._chance(believed, len(ballot), seats, threshold)
            poll = shares(sincere + self.choice.strategic * chance, weight)
        return believed

    def _chance(self, believed: NDArray[np.float64], parties: int, seats: int, threshold: float) -> NDArray[np.float64]:
        """Log believed chance to win a list seat (J,); a vote against all wants none and loses nothing.

        Where the law has no list seats the party vote is what voters would mark, and nobody has a reason to desert.
        """
        out = np.zeros(len(believed))
        if seats:
            out[:parties] = log_chance(believed[:parties], seats, threshold)
        return out

    def cast(self, wishes: Preferences, candidates: Sequence[Sequence[Candidate]]) -> None:
        """Every voter's ballots: ``turned_out``, ``choice`` (index into options) and ``district_choice``."""
        e, history = self.electorate, self.model.history
        occasion = self.model.case.ordinal
        e.turned_out[:] = history.uniform("turnout", len(e), occasion=occasion) < wishes.turnout
        tastes: Iterator[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = (
            (code, wishes.list_utility[:, code], history.gumbel(f"taste/{option}", len(e), occasion=occasion))
            for code, option in enumerate(wishes.options)
        )
        e.choice[:] = np.where(e.turned_out, choose(tastes, len(e)), -1)
        for district, standing in enumerate(candidates):
            self._district(district, standing, occasion)
        e.district_choice[~e.turned_out] = -1

    def _district(self, district: int, standing: Sequence[Candidate], occasion: int) -> None:
        """Ballots in one single-member district; its voters are consecutive rows."""
        e, history = self.electorate, self.model.history
        rows = np.flatnonzero(e.district == district)
        if not standing or not len(rows):
            return
        first, utility = int(rows[0]), np.array([candidate.utility for candidate in standing])
        weight = e.weight[rows]
        running = np.array([not candidate.against_all for candidate in standing])  # that line wants no seat
        chance = np.zeros(len(standing))
        believed = shares(utility.T, weight)[running]
        chance[running] = self.choice.strategic * np.log(np.maximum(seat_chance(believed), FLOOR))
        tastes = (
            (
                code,
                utility[code] + chance[code],
                history.gumbel(f"taste/{c.key}", len(rows), occasion=occasion, first=first),
            )
            for code, c in enumerate(standing)
        )
        e.district_choice[rows] = choose(tastes, len(rows))

    def second_round(
        self, district: int, pair: Sequence[Candidate]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int16]]:
        """Rows of a district, who of them comes again, and which of two each prefers, tastes as in the first round."""
        e, history, occasion = self.electorate, self.model.history, self.model.case.ordinal
        assert self.model.wishes is not None
        rows = np.flatnonzero(e.district == district)
        first = int(rows[0])
        draw = history.uniform("turnout/second round", len(rows), occasion=occasion, first=first)
        tastes = (
            (code, c.utility, history.gumbel(f"taste/{c.key}", len(rows), occasion=occasion, first=first))
            for code, c in enumerate(pair)
        )
        return rows, draw < self.model.wishes.turnout[rows], choose(tastes, len(rows))


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


def _best_and_mean(utility: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Best and mean utility over the lists a voter knows; utility (J, N), 0 for who knows none."""
    known = np.isfinite(utility)
    any_known = known.any(axis=0)
    best = np.where(any_known, utility.max(axis=0, initial=NOT_KNOWN), 0)
    total = np.where(known, utility, 0).sum(axis=0)
    return best, np.where(any_known, total / np.maximum(known.sum(axis=0), 1), 0)
