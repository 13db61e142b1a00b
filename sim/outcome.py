"""What a finished run shows: seats, votes true and official, the registration funnel, and every measure, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import party_records
from sim.actors.party import Party
from sim.actors.roster import AUTONOMOUS, DISLOYAL
from sim.measures import indices, power, seat_product
from sim.measures.quick_count import QuickCount, quick_count
from sim.process.seats import Chamber, chamber
from sim.process.voting import AGAINST_ALL
from sim.society.geography import KINDS

if TYPE_CHECKING:
    from sim.model import ElectionModel
    from sim.process.ledger import Ledger

Row = dict[str, Any]
ACTS = ("brought", "carousel", "stuffed", "stolen", "moved_in", "rewritten_cast", "rewritten_leader", "tabulated")
"""The acts of the ledger, in the order of the day; columns of the table of stations."""
ROWS = 100_000  # voters looked at in one go, so that one to one takes no more memory than a sample


@dataclass(frozen=True)
class Outcome:
    """Everything a run leaves behind."""

    model: ElectionModel
    official: Chamber
    true: Chamber

    @classmethod
    def of(cls, model: ElectionModel) -> Outcome:
        """Read a model that has run.

        Raises:
            ValueError: the model has not voted yet.
        """
        ledger = model.counting.ledger
        if ledger is None:
            raise ValueError("the model has not voted yet; call run() first")
        return cls(
            model,
            official=chamber(model, ledger.total, int(ledger.cast.sum()), official=True),
            true=chamber(model, ledger.true_total, int(ledger.true_cast.sum()), official=False),
        )

    @cached_property
    def seats(self) -> dict[str, int]:
        """Official seats by party or independent candidacy, largest first."""
        return dict(sorted(self.official.seats.items(), key=lambda item: (-item[1], item[0])))

    @property
    def ledger(self) -> Ledger:
        """The ballots of every station."""
        assert self.model.counting.ledger is not None
        return self.model.counting.ledger

    @cached_property
    def quick_count(self) -> QuickCount | None:
        """The leader's share of ballots by the protocols that observers saw written; None of fewer than two.

        It is an estimate for all stations only where missions chose them evenly, and of protocols, not of votes; what
        observers prevented where they stood is not in it either. Its verdict on the official share is thus about the
        stations nobody watched and about what is written above them.
        """
        c, book = self.model.commissions, self.ledger
        seen = c.observed & ~c.expelled & ~c.barred
        if seen.sum() < 2 or book.cast[seen].sum() == 0:
            return None
        return quick_count(book.leader[seen], book.cast[seen], len(seen))

    @property
    def options(self) -> tuple[str, ...]:
        """Options of the list ballot, in its order."""
        assert self.model.wishes is not None
        return self.model.wishes.options

    @property
    def sampling_error(self) -> float:
        """Half of the 95 % interval that simulating some voters leaves to an honest share of one half; 0 one to one.

        Those who came count by weight: (sum of weights)^2 / sum of squares is how many equals they are (Kish 1965).
        What chance does in the world (who comes, tastes, the count) is not in it.
        """
        e, came = self.model.electorate, self.model.voting.came
        if e.one_to_one:
            return 0.0
        worth = came.sum() ** 2 / max(float((came * e.cell_weight).sum()), 1.0)
        return float(1.96 * np.sqrt(0.25 / max(worth, 1.0)))

    def conduct(self, key: str) -> str:
        """Behaviour class of whoever holds a seat."""
        return self.model.parties[key].conduct if key in self.model.parties else "independent"

    def tables(self, *, stations: bool = False) -> dict[str, list[Row]]:
        """Rows of every table of the store, without their keys; station rows only on request (there are ~10,000)."""
        return {
            "runs": [self.measures()],
            "parties": self._parties(),
            "decisions": party_records.answers(self._groups()),
            "funnel": party_records.funnel(self._groups()),
            "regions": [row.copy() for row in self._regions],
            "stations": self._stations() if stations else [],
            "months": [month._asdict() | {"month": month.month.isoformat()} for month in self.model.months],
        }

    def measures(self) -> Row:
        """Every outcome of the run by name; None where it is undefined (a share of nothing)."""
        return {
            **self._votes(),
            **self._seats(),
            **self._autonomy(),
            **self._registration(),
            **self._count(),
            **self._society(),
        }

    def _list_shares(self, votes: NDArray[np.int64]) -> dict[str, float]:
        """Shares of the ballots that name an option, by party; against all counts in the base only."""
        total = max(int(votes.sum()), 1)
        return {key: int(n) / total for key, n in zip(self.options, votes, strict=True) if key != AGAINST_ALL}

    def _votes(self) -> Row:
        official = self._list_shares(self.ledger.total)
        true = self._list_shares(self.ledger.true_total)
        power_key, against = self.model.power_key, self.ledger.total
        named = max(int(against.sum()), 1)
        moved = indices.volatility(self.model.case.last_result, official)
        return {
            "lists_on_ballot": len(official),
            "enp_votes": indices.enp(list(official.values())),
            "enp_votes_true": indices.enp(list(true.values())),
            "golosov_votes": indices.golosov(list(official.values())),
            "official_leader_share": official.get(power_key),
            "true_leader_share": true.get(power_key),
            "against_all_share": int(against[-1]) / named if AGAINST_ALL in self.options else None,
            "volatility": moved.total if moved else None,
            "volatility_entry": moved.entry if moved else None,
            "nationalisation": self._nationalisation(),
            "leader_regional_sd": float(np.std([row["official_leader_share"] for row in self._regions], ddof=1)),
        }

    def _nationalisation(self) -> float | None:
        parties = [j for j, key in enumerate(self.options) if key != AGAINST_ALL]
        by_region = self.model.stations.by_region(self.ledger.official_votes)[:, parties]
        return indices.system_nationalisation(by_region.tolist())

    def _seats(self) -> Row:
        seats = self.official.seats
        size = sum(seats.values())
        bloc = Counter({key: n for key, n in seats.items() if key in self.model.parties})
        bloc["independents"] = size - sum(bloc.values())
        official = self._list_shares(self.ledger.total)
        list_seats, list_size = self.official.allocation.seats, sum(self.official.allocation.seats.values())
        list_shares = {key: n / list_size for key, n in list_seats.items()} if list_size else {}
        votes, won = list(official.values()), [list_shares.get(key, 0.0) for key in official]
        banzhaf, shapley = self._power(seats)
        enp_list = indices.enp(list(list_shares.values()))
        return {
            "enp_seats": indices.enp(_shares(seats)),
            "enp_seats_bloc": indices.enp(_shares(bloc)),
            "enp_list_seats": enp_list,
            "golosov_seats": indices.golosov(_shares(seats)),
            "enp_seats_true": indices.enp(_shares(self.true.seats)),
            "gallagher": indices.gallagher(votes, won),
            "loosemore_hanby": indices.loosemore_hanby(votes, won),
            "wasted_share": indices.wasted_share(votes, won) if self._list_seats else None,
            "seat_product_gap": self._seat_product_gap(enp_list, bloc),
            "leader_seat_share": seats.get(self.model.power_key, 0) / size if size else None,
            "leader_banzhaf": banzhaf.get(self.model.power_key),
            "leader_shapley_shubik": shapley.get(self.model.power_key),
            "leader_banzhaf_two_thirds": self._power(seats, -(-2 * size // 3))[0].get(self.model.power_key),
            "unfilled_seats": self.official.allocation.unfilled,
            "ties": len(self.official.allocation.ties),
            "independent_seats": bloc["independents"],
            "second_rounds": self.model.runoff.held,
        }

    @property
    def _list_seats(self) -> int:
        """List seats that the law of election day gives out."""
        return self.model.rules_on(self.model.case.day).chamber.list_seats

    def _seat_product_gap(self, enp_list: float | None, seats: Mapping[str, int]) -> float | None:
        """Log gap to the seat product of the list tier, or of the districts where there is no other."""
        chamber = self.model.rules_on(self.model.case.day).chamber
        if chamber.list_seats:
            return seat_product.log_gap(enp_list, chamber.list_seats, chamber.list_seats)
        return seat_product.log_gap(indices.enp(_shares(seats)), 1, chamber.district_seats)

    def _power(self, seats: Mapping[str, int], quota: int | None = None) -> tuple[dict[str, float], dict[str, float]]:
        """Banzhaf and Shapley-Shubik under a quota, without one under a majority of all seats."""
        sizes = list(seats.values())
        scores = (
            (power.banzhaf(sizes, quota) or [], power.shapley_shubik(sizes, quota) or []) if any(sizes) else ([], [])
        )
        banzhaf, shapley = ({key: float(x) for key, x in zip(seats, score, strict=False)} for score in scores)
        return banzhaf, shapley

    def _autonomy(self) -> Row:
        """Seats of those autonomous of the regime under three codings, with effective parties among them."""
        seats = self.official.seats
        size = sum(seats.values())
        out: Row = {}
        for coding, classes in AUTONOMOUS.items():
            own = {key: n for key, n in seats.items() if self.conduct(key) in classes}
            out[f"autonomous_seats_{coding}"] = sum(own.values())
            out[f"autonomous_seat_share_{coding}"] = sum(own.values()) / size if size else None
        own = {key: n for key, n in seats.items() if self.conduct(key) in DISLOYAL}
        out["enp_autonomous"] = indices.enp(_shares(own)) if sum(own.values()) else None
        out["autonomous_lists"] = sum(
            party.on_ballot and party.conduct in DISLOYAL for party in self.model.parties.values()
        )
        return out

    def _registration(self) -> Row:
        return party_records.registration(self._groups(), sum(self.model.registration.filings.values()))

    def _groups(self) -> list[Party]:
        """Groups that formed during the run and went the way to registration, or began to."""
        late = (party for party in self.model.parties.values() if party.reached.formed > self.model.start)
        return [party for party in late if not party.parties and not party.admitted]

    def _count(self) -> Row:
        book, model = self.ledger, self.model
        voters = int(model.stations.voters.sum())
        nominated = model.nomination.funnel
        return {
            "true_turnout": int(book.true_cast.sum()) / voters,
            "official_turnout": int(book.cast.sum()) / voters,
            "stations_joined_share": float(model.counting.acts.mean()),
            "observed_share": float(model.commissions.observed.mean()),
            "stuffed_votes": int(book.stuffed.sum()),
            "stolen_votes": int(book.stolen.sum()),
            "rewritten_votes": int(book.rewritten_leader.sum()),
            "displaced_votes": int(book.moved_in.sum()),
            "candidates_nominated": nominated.nominated,
            "candidates_refused": nominated.refused,
            "candidates_reinstated": nominated.reinstated,
        }

    def _society(self) -> Row:
        e, seats = self.model.electorate, self.official.seats
        sat = {key: n for key, n in seats.items() if key in self.model.parties}
        places = np.array([self.model.parties[key].position[2] for key in sat])
        weights = np.array([float(n) for n in sat.values()])
        return {
            "belief_after": float(e.mean("belief")),
            "congruence": _congruence(e.position[:, 2], e.weight, places, weights) if weights.sum() else None,
            "unrepresented_share": self._unrepresented(),
        }

    def _unrepresented(self) -> float:
        """Persons who stand closer to a group without registration than to any list on the ballot."""
        nearness, e = self.model.voting.nearness, self.model.electorate
        on = [party.position for party in self.model.parties.values() if party.on_ballot]
        off = [party.position for party in self.model.parties.values() if not party.registered]
        if not off:
            return 0.0
        persons = 0.0
        for rows in _pieces(len(e)):
            best_off = np.max([nearness(position, rows) for position in off], axis=0)
            best_on = np.max([nearness(position, rows) for position in on], axis=0, initial=-np.inf) if on else -np.inf
            persons += float(e.weight[rows][best_off > best_on].sum())
        return persons / e.persons

    def _parties(self) -> list[Row]:
        seats = self.official.seats
        banzhaf, shapley = self._power(seats)
        votes = dict(zip(self.options, self.ledger.total, strict=True))
        true = dict(zip(self.options, self.ledger.true_total, strict=True))
        shares = self._list_shares(self.ledger.total)
        true_shares = self._list_shares(self.ledger.true_total)
        keys = [*self.model.parties, *(key for key in seats if key not in self.model.parties)]
        rows = []
        for key in keys:
            party = self.model.parties.get(key)
            rows.append(
                {
                    "party": key,
                    "display": party.name if party else f"Independent, district {int(key.split('_')[1])}",
                    "conduct": self.conduct(key),
                    "origin": party.origin if party else "independent",
                    "registered": bool(party and party.registered),
                    "on_ballot": bool(party and party.on_ballot),
                    "true_votes": int(true.get(key, 0)),
                    "official_votes": int(votes.get(key, 0)),
                    "true_share": true_shares.get(key),
                    "official_share": shares.get(key),
                    "list_seats": self.official.allocation.seats.get(key, 0),
                    "district_seats": self.official.districts.get(key, 0),
                    "seats": seats.get(key, 0),
                    "banzhaf": banzhaf.get(key, 0.0),
                    "shapley_shubik": shapley.get(key, 0.0),
                }
            )
        return rows

    @cached_property
    def _regions(self) -> list[Row]:
        book, by_region = self.ledger, self.model.stations.by_region
        voters, cast, true_cast = by_region(self.model.stations.voters), by_region(book.cast), by_region(book.true_cast)
        named, true_named = by_region(book.official_votes).sum(axis=1), by_region(book.true_votes).sum(axis=1)
        leader, true_leader = by_region(book.official_leader), by_region(book.true_leader)
        stuffed, stolen = by_region(book.stuffed), by_region(book.stolen)
        return [
            {
                "region": unit.iso,
                "name": unit.name,
                "register": int(voters[r]),
                "true_turnout": float(true_cast[r] / voters[r]),
                "official_turnout": float(cast[r] / voters[r]),
                "true_leader_share": float(true_leader[r] / max(true_named[r], 1)),
                "official_leader_share": float(leader[r] / max(named[r], 1)),
                "stuffed": int(stuffed[r]),
                "stolen": int(stolen[r]),
            }
            for r, unit in enumerate(self.model.geography.regions)
        ]

    def _stations(self) -> list[Row]:
        book, stations, joined = self.ledger, self.model.stations, self.model.counting.acts
        columns = {
            "station": np.arange(len(stations)),
            "region": np.array(self.model.geography.codes)[stations.region],
            "district": stations.district + 1,
            "kind": np.array(KINDS)[stations.kind],
            "voters": stations.voters,
            "given": book.cast,
            "cast": book.cast,
            "leader": book.leader,
            "true_cast": book.true_cast,
            "true_leader": book.true_leader,
            "territory": stations.territory,
            **{name: getattr(book, name) for name in ACTS},
            "official_leader": book.official_leader,
            "observed": self.model.commissions.observed,
            "joined": joined,
        }
        names, lists = list(columns), [column.tolist() for column in columns.values()]
        return [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]


def _shares(seats: Mapping[str, int]) -> list[float]:
    total = sum(seats.values())
    return [n / total for n in seats.values() if n] if total else []


def _congruence(
    people: NDArray[np.float32], weight: NDArray[np.float64], seats: NDArray[np.float64], size: NDArray[np.float64]
) -> float:
    """Area between two cumulative distributions on the accountability axis (Golder & Stramski 2010); 0 is a mirror."""
    grid = np.linspace(-4, 4, 801)
    voters = np.zeros(len(grid) + 1)
    for rows in _pieces(len(people)):
        at = np.searchsorted(grid, people[rows])
        voters += np.bincount(at, weight[rows], minlength=len(grid) + 1)
    sat = np.bincount(np.searchsorted(grid, seats), size, minlength=len(grid) + 1)
    apart = np.cumsum(voters)[:-1] / weight.sum() - np.cumsum(sat)[:-1] / size.sum()
    return float(np.abs(apart).sum() * (grid[1] - grid[0]))


def _pieces(rows: int) -> Iterable[slice]:
    """All rows in pieces that take little memory to look at."""
    return (slice(first, first + ROWS) for first in range(0, rows, ROWS))
