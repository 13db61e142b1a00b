"""One set of parameters of the count at a city-like and a country-like register, beside what Russian stations showed.

``python -m sim.analysis.counting_shapes`` makes the study anew (a few minutes), keeps
``results/reference/counting-shapes.csv`` and writes the tables of docs/counting.md; ``--tables`` writes the tables anew
from the numbers kept, ``--fit`` looks for the honest levels again and prints them. The mechanism is the model's own
(:mod:`sim.process.election_day`): its register, its commissions, its ledger. Nothing here says anything about a real
election: the shapes are targets, and other mechanisms may give them too.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.actors.commission import Commissions
from sim.actors.observer import ObserverMission
from sim.actors.settings import CommissionSettings, ObserverSettings
from sim.analysis.forensics.integer_peaks import integer_peaks
from sim.analysis.forensics.regression import observers, turnout_share
from sim.analysis.forensics.settings import ForensicSettings
from sim.analysis.forensics.stations import Stations as Table
from sim.malpractice.practice import OPEN, Practice
from sim.malpractice.rewriting import RewritingSettings
from sim.process.election_day import ElectionDay
from sim.process.ledger import Ledger
from sim.process.settings import CountSettings
from sim.scenario.schema import Mechanism
from sim.society import geography
from sim.society.geography import CLOSED, RURAL, Geography, Region
from sim.society.settings import StationSettings
from sim.streams import Streams

NUMBERS, PAGE = "results/reference/counting-shapes.csv", "docs/counting.md"
SEEDS = 8
ENFORCED = Practice.model_validate(dict.fromkeys(Practice.model_fields, 1))
OBSERVED = 0.05
OPTIONS = ("leader", "list 2", "list 3", "list 4", "list 5", "list 6")
OTHERS = np.array([0.38, 0.24, 0.19, 0.17, 0.02])
"""How the other votes divide; about the four lists next to United Russia in Moscow 2011, and one more."""


@dataclass(frozen=True)
class Shared:
    """What city and country have in common: the one set.

    Prior: FINDINGS of the prototype, none of it refitted here but for ``off``, which says at what pressure half of the
    commissions join.
    """

    share_level: float = -0.44  # c0
    share_slope: float = 0.49  # c1
    territory_weight: float = 0.13  # c2
    rural_share: float = 0.94  # c3
    share_noise: float = 0.74
    turnout_level: float = 0.21  # d0
    turnout_slope: float = 0.69  # d1
    rural_turnout: float = 1.2  # d3
    turnout_noise: float = 0.49
    territory_spread: float = 1.1
    deterrence: float = 1.75
    rewriting: float = 0.075
    off: float = 0.0
    rural_gap_turnout: float = 0.14  # honest, in points of 1
    rural_gap_share: float = 0.17


@dataclass(frozen=True)
class Place:
    """What city and country differ in: the register, the pressure, and how people really vote in towns."""

    name: str
    stations: int
    voters: int
    regions: int
    urban: float
    register: StationSettings
    pressure: float  # mean over regions
    region_spread: float
    turnout: float  # honest, in towns
    share: float

    @property
    def geography(self) -> Geography:
        """Equal regions of about 30 stations a locality."""
        return _ground(self.name, self.voters, self.regions, self.urban, max(self.stations // self.regions // 30, 1))


SET = Shared()
CITY = Place(
    "city",
    3374,
    7_184_525,
    1,
    1.0,
    StationSettings(closed_share=0.05, closed_size=306, size_spread=0.24),
    pressure=0.61,
    region_spread=0.0,
    turnout=0.515,
    share=0.27,
)
COUNTRY = Place(
    "country",
    24_000,
    27_528_000,
    83,
    0.74,
    StationSettings(urban_to_rural=3.0),
    pressure=-1.15 + 2.5 * float(np.euler_gamma),
    region_spread=2.5,
    turnout=0.42,
    share=0.30,
)


@cache
def _ground(name: str, voters: int, regions: int, urban: float, localities: int) -> Geography:
    whole = geography.split(voters, np.ones(regions))
    places = [geography.split(int(n), np.ones(localities)) for n in whole]
    return Geography(
        tuple(
            Region(f"{name}-{r}", f"{name} {r}", 0.0, 0.0, int(n), urban, 0.0, 0.0, localities, 0.5, date(2011, 12, 4))
            for r, n in enumerate(whole)
        ),
        np.repeat(np.arange(regions), localities),
        np.concatenate(places),
    )


class Held(NamedTuple):
    """An election that was held: the table of its protocols, the same as voters left it, and the ledger."""

    official: Table
    true: Table
    ledger: Ledger
    day: ElectionDay


def hold(
    place: Place,
    shared: Shared = SET,
    seed: int = 1,
    *,
    watch: Mapping[str, Any] | None = None,
    practice: Practice = ENFORCED,
    amounts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Held:
    """One election at a place: the model's register, commissions and ledger, with honest levels given.

    ``watch`` changes the observers, ``amounts`` any other mechanism of the day.
    """
    streams = Streams(seed)
    register = geography.stations(place.geography, place.register, place.stations, 0, streams)
    rural = register.kind == RURAL
    mechanism = _mechanism(shared, watch or {}, amounts or {})
    model = mesa.Model()
    commissions = Commissions(
        model,
        register,
        _orders(shared, place, float(rural.mean())),
        streams,
        official_share=0.5,
        official_turnout=np.full(place.regions, 0.5),
    )
    day = ElectionDay(
        register, commissions, ObserverMission(model, mechanism.observers, streams), practice, mechanism, streams
    )
    commissions.receive_orders(0)
    turnout = np.where(register.kind == CLOSED, mechanism.count.closed_turnout, place.turnout)
    turnout = expit(logit(turnout + shared.rural_gap_turnout * rural) + day.effects[0])
    leader = (place.share + shared.rural_gap_share * rural) / (1 - 0.015)
    box = day.drawn(turnout, np.column_stack([leader, np.outer(1 - leader, OTHERS)]), 0, OPTIONS)
    ledger = day.count(box, 0)
    return Held(*_tables(place, day, ledger), ledger, day)


def _mechanism(shared: Shared, watch: Mapping[str, Any], amounts: Mapping[str, Mapping[str, Any]]) -> Mechanism:
    return Mechanism.model_validate(
        {
            "count": CountSettings(invalid=0.015),
            "observers": ObserverSettings.model_validate(
                {"share": OBSERVED, "deterrence": shared.deterrence, "displacement": 0.25, **watch}
            ),
            "expulsion": {"expelled": 0},
            "rewriting": RewritingSettings(share_of_joiners=shared.rewriting),
            **amounts,
        }
    )


def _orders(shared: Shared, place: Place, rural: float) -> CommissionSettings:
    """The settings of the model under which orders start from constants, as the prototype's did.

    The model's orders start from an official result and are centred on a region's rural share; here from one half.
    """
    return CommissionSettings(
        pressure=place.pressure - shared.off,
        region_spread=place.region_spread,
        territory_spread=shared.territory_spread,
        share_above=shared.share_level + shared.share_slope * place.pressure + shared.rural_share * rural,
        turnout_above=shared.turnout_level + shared.turnout_slope * place.pressure + shared.rural_turnout * rural,
        share_slope=shared.share_slope,
        turnout_slope=shared.turnout_slope,
        territory_weight=shared.territory_weight,
        rural_share=shared.rural_share,
        rural_turnout=shared.rural_turnout,
        share_noise=shared.share_noise,
        turnout_noise=shared.turnout_noise,
    )


def _tables(place: Place, day: ElectionDay, book: Ledger) -> tuple[Table, Table]:
    register = day.stations

    def table(cast: NDArray[np.int64], votes: NDArray[np.int64], title: str) -> Table:
        return Table(
            region=register.region.astype(object),
            territory=register.territory.astype(object),
            station=np.arange(len(register)).astype(object),
            voters=register.voters,
            given=cast,
            cast=cast,
            leader=votes[:, 0],
            observed=day.commissions.observed,
            lists={name: votes[:, j] for j, name in enumerate(OPTIONS) if 0 < j < 5},
            title=title,
            simulated=True,
        )

    return (
        table(book.cast, book.official_votes, place.name),
        table(book.true_cast, book.true_votes, f"{place.name}, true count"),
    )


def figures(held: Held, *, draws: int = 100) -> dict[str, float]:
    """Shapes, peaks, gaps and the true result of one election."""
    shapes, true = held.official.shapes(), held.true.shapes()
    gap = observers(held.official).values
    thousand = len(held.official) / 1_000
    return {
        "leader": float(shapes["leader"] or 0),
        "turnout": float(shapes["turnout"] or 0),
        "sd_leader": float(shapes["sd_leader"] or 0),
        "sd_turnout": float(shapes["sd_turnout"] or 0),
        "correlation": float(shapes["correlation"] or 0),
        "turnout_95": float(shapes["turnout_95"] or 0) / thousand,
        "peaks": float(integer_peaks(held.official, ForensicSettings(draws=draws)).values["excess"]) / thousand,
        "gap_leader": float(gap["share"]),
        "gap_turnout": float(gap["turnout"]),
        "true_leader": float(true["leader"] or 0),
        "true_turnout": float(true["turnout"] or 0),
        "joined": 100 * float(held.ledger.acts.mean()),
        "added_share": 100 * (1 - held.ledger.true_leader.sum() / held.ledger.official_leader.sum()),
    }


class Target(NamedTuple):
    """A published figure: its value and what a miss is measured in; both None where there is none."""

    value: float
    unit: float


TARGETS: Mapping[str, Mapping[str, Target]] = {
    "city": {
        "leader": Target(46.62, 1),
        "turnout": Target(61.31, 1),
        "sd_leader": Target(16.89, 1),
        "sd_turnout": Target(14.00, 1),
        "correlation": Target(0.532, 0.05),
        "turnout_95": Target(204 / 3.374, 10),
        "peaks": Target(173 / 3.374, 15),
        "gap_leader": Target(-10.8, 1.1),
        "gap_turnout": Target(-6.4, 0.8),
    },
    "country": {
        "leader": Target(49.31, 1),
        "turnout": Target(60.10, 1),
        "sd_leader": Target(20.81, 1),
        "sd_turnout": Target(18.05, 1),
        "correlation": Target(0.714, 0.05),
        "turnout_95": Target(9775 / 95.224, 10),
        "peaks": Target(1003.5 / 95.224, 3),
    },
}
"""Moscow and Russia 2011: shapes and observer gaps; the gaps' units are their standard errors, others are assumed.

The integer peaks of Moscow are a figure of the prototype, that of Russia is published (Kobak et al. 2016).
"""

FREE: Mapping[str, tuple[float, float]] = {
    "off": (0.0, 0.5),
    "share_level": (-0.44, 0.3),
    "share_slope": (0.49, 0.1),
    "rural_share": (0.94, 0.3),
    "share_noise": (0.74, 0.15),
    "turnout_level": (0.21, 0.3),
    "turnout_slope": (0.69, 0.2),
    "rural_turnout": (1.2, 0.4),
    "turnout_noise": (0.49, 0.15),
    "deterrence": (1.75, 0.4),
    "rewriting": (0.075, 0.03),
    "city.turnout": (0.515, 0.05),
    "city.share": (0.27, 0.05),
    "country.turnout": (0.45, 0.1),
    "country.share": (0.30, 0.1),
    "country.pressure": (-1.15, 0.7),
    "country.region_spread": (2.5, 0.4),
}
"""What a fit may move, from where, and how far it goes before it counts like a miss of one unit: priors of FINDINGS."""


def placed_at(values: Mapping[str, float]) -> tuple[Shared, Place, Place]:
    """The set and the two places with some numbers changed, by the names of :data:`FREE`."""
    own = {
        name: {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}
        for name in ("city", "country")
    }
    shared = {key: value for key, value in values.items() if "." not in key}
    return replace(SET, **shared), replace(CITY, **own["city"]), replace(COUNTRY, **own["country"])


def misses(found: Mapping[str, float], of: str) -> dict[str, float]:
    """By how many units each figure of a place misses its target."""
    return {name: (found[name] - target.value) / target.unit for name, target in TARGETS[of].items()}


def fit(
    rounds: int, seeds: Sequence[int], stations: int = 8_000, start: Mapping[str, float] | None = None
) -> dict[str, float]:
    """The numbers of :data:`FREE` nearest to the targets and to their priors, in squares; slow."""
    from scipy.optimize import minimize

    names = list(FREE)
    centre, scale = np.array([FREE[n] for n in names]).T

    def loss(z: NDArray[np.float64]) -> float:
        values = dict(zip(names, centre + scale * z, strict=True))
        try:
            shared, city, country = placed_at(values)
            country = replace(country, stations=stations, voters=1147 * stations)
            total = float(z @ z)
            for place in (city, country):
                found = [figures(hold(place, shared, seed), draws=20) for seed in seeds]
                mean = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
                total += sum(miss**2 for miss in misses(mean, place.name).values())
        except ValueError:  # a share or a spread out of its bounds
            return 1e6
        return total

    begin = np.zeros(len(names)) if start is None else (np.array([start[n] for n in names]) - centre) / scale
    simplex = np.vstack([begin, begin + 0.7 * np.eye(len(names))])
    found = minimize(
        loss, begin, method="Nelder-Mead", options={"maxfev": rounds, "initial_simplex": simplex, "adaptive": True}
    )
    return dict(zip(names, (centre + scale * found.x).tolist(), strict=True)) | {"loss": float(found.fun)}
