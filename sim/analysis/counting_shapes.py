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
from sim.malpractice.practice import Practice
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
HISTORIES = range(101, 109)
"""Seeds of the study, none of which a fit has seen."""
ENFORCED = Practice.model_validate(dict.fromkeys(Practice.model_fields, 1))
OBSERVED = 0.05
OPTIONS = ("leader", "list 2", "list 3", "list 4", "list 5", "list 6")
OTHERS = np.array([0.38, 0.24, 0.19, 0.17, 0.02])
"""How the other votes divide; about the four lists next to United Russia in Moscow 2011, and one more."""


@dataclass(frozen=True)
class Shared:
    """What city and country have in common: the one set. Defaults are the prior: the prototype's numbers."""

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
    off: float = 0.0  # pressure at which half of the commissions join
    rural_gap_turnout: float = 0.14  # honest, in points of 1
    rural_gap_share: float = 0.17
    closed_leader: float = 0.8  # logits; not in the prototype
    closed_turnout: float = 0.95


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


_PRIOR = Shared()
_CITY = Place(
    "city",
    3374,
    7_184_525,
    1,
    1.0,
    StationSettings(closed_share=0.05, closed_size=306, size_spread=0.24, urban_to_rural=1.0),
    pressure=0.61,
    region_spread=0.0,
    turnout=0.515,
    share=0.27,
)
_COUNTRY = Place(
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
    shared: Shared | None = None,
    seed: int = 1,
    *,
    watch: Mapping[str, Any] | None = None,
    practice: Practice = ENFORCED,
    amounts: Mapping[str, Mapping[str, Any]] | None = None,
) -> Held:
    """One election at a place: the model's register, commissions and ledger, with honest levels given.

    ``watch`` changes the observers, ``amounts`` any other mechanism of the day.
    """
    shared = shared or SET
    streams = Streams(seed)
    register = geography.stations(place.geography, place.register, place.stations, 0, streams)
    rural = register.kind == RURAL
    mechanism = _mechanism(shared, watch or {}, amounts or {})
    model = mesa.Model()
    commissions = Commissions(
        model,
        register,
        _orders(shared, place, float(rural.mean())).model_copy(update=dict((amounts or {}).get("commissions", {}))),
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
            "count": CountSettings(
                invalid=0.015, closed_leader=shared.closed_leader, closed_turnout=shared.closed_turnout
            ),
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
    "closed_leader": (0.8, 0.5),
    "closed_turnout": (0.95, 0.02),
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
    own: dict[str, Any] = {
        name: {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}
        for name in ("city", "country")
    }
    shared = {key: value for key, value in values.items() if "." not in key}
    return replace(_PRIOR, **shared), replace(_CITY, **own["city"]), replace(_COUNTRY, **own["country"])


FITTED: Mapping[str, float] = {
    "off": 0.148,
    "share_level": -0.359,
    "share_slope": 0.547,
    "rural_share": 1.15,
    "share_noise": 0.764,
    "turnout_level": 0.301,
    "turnout_slope": 0.537,
    "rural_turnout": 0.923,
    "turnout_noise": 0.48,
    "deterrence": 1.75,
    "rewriting": 0.0936,
    "closed_leader": 0.901,
    "closed_turnout": 0.958,
    "city.turnout": 0.525,
    "city.share": 0.29,
    "country.turnout": 0.493,
    "country.share": 0.3,
    "country.pressure": -1.33,
    "country.region_spread": 2.19,
}
"""What :func:`fit` found on histories 11 to 14, with 8,000 stations for the country [calibrated]."""

SET, CITY, COUNTRY = placed_at(FITTED)


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


class Row(NamedTuple):
    """One figure of the study: mean and range over seeds; target and unit NaN where there is none."""

    table: str
    place: str
    case: str
    figure: str
    value: float
    low: float
    high: float
    target: float
    unit: float


NAN = float("nan")
HELD_OUT: Mapping[tuple[str, str], Target] = {
    ("city", "interaction"): Target(1.041, 0.06),
    ("city", "without"): Target(-19.3, 2),
    ("city", "without_turnout"): Target(-11.8, 2),
    ("city", "lower_mode"): Target(26, 2),
    ("city", "trough"): Target(36, 2),
    ("city", "upper_mode"): Target(51, 2),
    ("country", "gap_leader"): Target(-8.7, 2),
    ("country", "gap_turnout"): Target(-1.9, 2),
}
"""Not looked at by the fit: the mean of four published interactions (Enikolopov et al. 2013), the differences at
stations with scanners and the two modes of Moscow's shares (as the prototype read them), and the gap of 2012, which was
not randomised."""

PROTOTYPE: Mapping[tuple[str, str], float] = {
    ("city", "leader"): 46.4,
    ("city", "turnout"): 61.6,
    ("city", "sd_leader"): 16.6,
    ("city", "sd_turnout"): 14.3,
    ("city", "correlation"): 0.52,
    ("city", "turnout_95"): 56,
    ("city", "peaks"): 136 / 3.374,
    ("city", "gap_leader"): -11.3,
    ("city", "gap_turnout"): -6.4,
    ("city", "without"): -19.0,
    ("city", "without_turnout"): -10.0,
    ("country", "leader"): 51.0,
    ("country", "turnout"): 60.1,
    ("country", "sd_leader"): 19.6,
    ("country", "sd_turnout"): 17.6,
    ("country", "correlation"): 0.74,
    ("country", "turnout_95"): 88,
    ("country", "peaks"): 973 / 95.224,
    ("country", "gap_leader"): -3.2,
    ("country", "gap_turnout"): -2.6,
}
"""What the throwaway prototype gave, to be set beside."""

DETERRENCES = (0.5, 1.0, 1.5, 2.0, 3.0)
DISPLACEMENTS = (0.0, 0.5, 1.0)


def _herd(peers: float, start: str) -> dict[str, dict[str, Any]]:
    """Pull of peers, with as much less pressure as half of the others joining makes up for."""
    return {"commissions": {"peers": peers, "peers_start": start, "pressure": CITY.pressure - SET.off - peers / 2}}


LEVERS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]] = {
    "as fitted": ({}, {}),
    "peers 1, from nobody": ({}, _herd(1, "nobody")),
    "peers 1, from everybody": ({}, _herd(1, "everybody")),
    "peers 3, from nobody": ({}, _herd(3, "nobody")),
    "peers 3, from everybody": ({}, _herd(3, "everybody")),
    "half watched": ({"share": 0.5}, {}),
    "half watched, spill-over 1": ({"share": 0.5, "spill_over": 1.0}, {}),
    "half watched, half barred from the count": ({"share": 0.5}, {"barring": {"barred": 0.5}}),
    "half watched, half won before the day": ({"share": 0.5, "earlier": 0.5}, {}),
    "a camera everywhere": ({"webcams": 1.0}, {}),
    "a scanner everywhere": ({"scanners": 1.0}, {}),
    "groups at a tenth of stations": ({}, {"carousel": {"stations": 0.1}}),
    "a tenth of territories tabulate": ({}, {"tabulation": {"territories": 0.1}}),
}
"""What ships at 0, switched on one at a time in the city."""


def ablations() -> dict[str, tuple[Shared, Place, Place, Practice]]:
    """The set with one thing taken away, nothing refitted."""
    open_to = ENFORCED.model_copy
    flat = replace(SET, share_slope=0.0, turnout_slope=0.0)
    even = replace(SET, rural_gap_turnout=0.0, rural_gap_share=0.0)
    one_region = replace(COUNTRY, region_spread=0.0)
    no_closed = {
        place.name: replace(place, register=place.register.model_copy(update={"closed_share": 0.0}))
        for place in (CITY, COUNTRY)
    }
    return {
        "all": (SET, CITY, COUNTRY, ENFORCED),
        "orders without noise": (replace(SET, share_noise=0.0, turnout_noise=0.0), CITY, COUNTRY, ENFORCED),
        "orders alike whatever the pressure": (flat, CITY, COUNTRY, ENFORCED),
        "stuffing only": (SET, CITY, COUNTRY, open_to(update={"stealing": 0.0})),
        "stealing only": (SET, CITY, COUNTRY, open_to(update={"stuffing": 0.0})),
        "no rewriting": (SET, CITY, COUNTRY, open_to(update={"rewriting": 0.0})),
        "regions alike": (SET, CITY, one_region, ENFORCED),
        "territories alike": (replace(SET, territory_spread=0.0), CITY, COUNTRY, ENFORCED),
        "no honest gap of villages": (even, CITY, COUNTRY, ENFORCED),
        "no closed stations": (SET, no_closed["city"], no_closed["country"], ENFORCED),
        "closed stations vote as the town": (replace(SET, closed_leader=0.0), CITY, COUNTRY, ENFORCED),
        "observers deter nobody": (replace(SET, deterrence=0.0), CITY, COUNTRY, ENFORCED),
    }


def shapes(seeds: Sequence[int]) -> list[Row]:
    """City and country beside their targets, and beside what the fit did not see."""
    rows = []
    for place in (CITY, COUNTRY):
        elections = [hold(place, SET, seed) for seed in seeds]
        found = [figures(held) | _held_out(place, held) for held in elections]
        if place is CITY:
            names = ("lower_mode", "trough", "upper_mode")
            pooled = np.concatenate([100 * held.official.share for held in elections])
            for one in found:
                one.update(zip(names, modes(pooled), strict=True))
        for name in found[0]:
            target = TARGETS[place.name].get(name) or HELD_OUT.get((place.name, name))
            case = "fitted" if name in TARGETS[place.name] else "held out" if target else "told"
            rows.append(_row("shapes", place.name, case, name, [one[name] for one in found], target))
    return rows


def _held_out(place: Place, held: Held) -> dict[str, float]:
    if place is not CITY:
        return {}
    large = held.official.take(held.official.voters >= 800)
    beside = turnout_share(large).values["interactions"]
    official, true = held.official.shapes(), held.true.shapes()
    return {
        "interaction": float(np.mean([one["estimate"] for one in beside.values()])),
        "without": float(true["leader"] or 0) - float(official["leader"] or 0),
        "without_turnout": float(true["turnout"] or 0) - float(official["turnout"] or 0),
    }


def modes(percent: NDArray[np.float64], width: int = 5, apart: int = 12) -> tuple[float, float, float]:
    """The two highest modes of a distribution and the trough between, in percent; NaN where there is one mode.

    Stations in bins of one point, smoothed over ``width``; modes at least ``apart`` points from each other, the lower a
    fifth as high as the higher, and a trough between that is lower than both.
    """
    heights = np.convolve(np.histogram(percent, bins=np.arange(0, 101))[0], np.ones(width) / width, "same")
    first = int(np.argmax(heights))
    top = [
        k
        for k in range(1, 99)
        if abs(k - first) >= apart and heights[k] >= heights[k - 1] and heights[k] >= heights[k + 1]
    ]
    second = max(top, key=lambda k: float(heights[k]), default=first)
    low, high = min(first, second), max(first, second)
    trough = low + int(np.argmin(heights[low : high + 1]))
    if heights[second] < 0.2 * heights[first] or heights[trough] > 0.95 * heights[second]:
        return NAN, NAN, NAN
    return low + 0.5, trough + 0.5, high + 0.5


def _row(table: str, place: str, case: str, figure: str, values: Sequence[float], target: Target | None = None) -> Row:
    value, unit = target or (NAN, NAN)
    return Row(table, place, case, figure, float(np.mean(values)), float(min(values)), float(max(values)), value, unit)


def watching(seeds: Sequence[int]) -> list[Row]:
    """What deterrence, displacement and the levers that ship at 0 do to a city's gap, and to what is false in it."""
    rows = []
    cases: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Mapping[str, Any]]]]
    cases = {f"deterrence {k:g}": ("deterrence", {"deterrence": k}, {}) for k in DETERRENCES}
    cases |= {f"displacement {d:g}": ("displacement", {"share": 0.5, "displacement": d}, {}) for d in DISPLACEMENTS}
    cases |= {name: ("levers", dict(watch), dict(amounts)) for name, (watch, amounts) in LEVERS.items()}
    alone = [_false(hold(CITY, SET, seed, watch={"share": 0.0})) for seed in seeds]
    for case, (table, watch, amounts) in cases.items():
        elections = [hold(CITY, SET, seed, watch=watch, amounts=amounts) for seed in seeds]
        found = [figures(held, draws=20) for held in elections]
        told = ("leader", "turnout", "gap_leader", "gap_turnout")
        rows += [_row(table, "city", case, name, [one[name] for one in found]) for name in told]
        kept = [_false(held) / all_ for held, all_ in zip(elections, alone, strict=True)]
        rows.append(_row(table, "city", case, "kept", kept))
    return rows


def _false(held: Held) -> float:
    """The leader's votes that no voter gave it."""
    return float(held.ledger.official_leader.sum() - held.ledger.true_leader.sum())


TWO_LEVELS: Mapping[str, tuple[float, float, float]] = {
    "pressure of territories": (SET.territory_spread, 0.0, 0.0),
    "pull of peers": (0.6, 1.5, 0.0),
    "pressure of territories, half displaced": (SET.territory_spread, 0.0, 0.5),
}
"""Worlds in which stations of a territory resemble each other: spread of pressure, peers, displacement.

The spread beside peers is chosen so that as much of the variance lies between territories as without them [assumed].
"""


def two_levels(seeds: Sequence[int]) -> list[Row]:
    """What observers at half of the stations of half of the territories show in worlds whose protocols look alike.

    ``alike`` is the share of variance between territories where nobody watches; ``within`` watched less unwatched
    stations of the territories with observers; ``beside`` these unwatched stations less those of other territories.
    """
    rows = []
    for case, (spread, peers, displacement) in TWO_LEVELS.items():
        shared = replace(SET, territory_spread=spread)
        amounts = _herd(peers, "last election") if peers else {}
        watch = {"share": 0.25, "where": "two levels", "displacement": displacement}
        blind = [hold(CITY, shared, seed, watch={"share": 0.0}, amounts=amounts) for seed in seeds]
        held = [hold(CITY, shared, seed, watch=watch, amounts=amounts) for seed in seeds]
        rows.append(_row("two levels", "city", case, "alike", [_within_territories(one) for one in blind]))
        contrasts = np.array([_contrasts(one) for one in held])
        for name, values in zip(("within", "beside"), contrasts.T, strict=True):
            rows.append(_row("two levels", "city", case, name, values.tolist()))
    return rows


def _within_territories(held: Held) -> float:
    """Share of the variance of the leader's share that lies between territories, less what chance puts there."""
    place, share = held.day.stations.territory, held.official.share
    number = np.bincount(place)
    inside = share - (np.bincount(place, share) / number)[place]
    noise = float((inside**2).sum() / (len(share) - len(number)))
    return 1 - noise / float(share.var(ddof=1))


def _contrasts(held: Held) -> tuple[float, float]:
    place, seen, share = held.day.stations.territory, held.day.commissions.observed, 100 * held.official.share
    sent = (np.bincount(place, seen) > 0)[place]
    unwatched = float(share[sent & ~seen].mean())
    return float(share[seen].mean()) - unwatched, unwatched - float(share[~sent].mean())


def ablated(seeds: Sequence[int]) -> list[Row]:
    """Squared misses in units over all fitted targets, with one thing taken away."""
    rows = []
    for case, (shared, city, country, practice) in ablations().items():
        for place in (city, country):
            found = [figures(hold(place, shared, seed, practice=practice), draws=20) for seed in seeds]
            mean = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
            loss = sum(miss**2 for miss in misses(mean, place.name).values())
            rows.append(_row("ablation", place.name, case, "loss", [loss]))
    return rows


def keep(found: Sequence[Row], path: Path) -> None:
    """Write the numbers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Row._fields)
        for one in found:
            table.writerow([round(x, 4) if isinstance(x, float) else x for x in one])


def read(path: Path) -> list[Row]:
    """The rows that a study kept."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    texts = Row._fields[:4]
    return [Row(*(line[n] if n in texts else float(line[n]) for n in Row._fields)) for line in lines]  # type: ignore[arg-type]


WORDS = {
    "leader": "leader, %",
    "turnout": "turnout, %",
    "sd_leader": "spread of shares, points",
    "sd_turnout": "spread of turnouts, points",
    "correlation": "correlation",
    "turnout_95": "turnout of 95 % and more, per 1,000",
    "peaks": "integer excess, per 1,000",
    "gap_leader": "observed less others, share",
    "gap_turnout": "observed less others, turnout",
    "interaction": "turnout x leader, mean of four",
    "without": "without any act, share",
    "without_turnout": "without any act, turnout",
    "lower_mode": "lower mode of shares, %",
    "trough": "trough, %",
    "upper_mode": "upper mode, %",
    "true_leader": "true leader, %",
    "true_turnout": "true turnout, %",
    "joined": "stations that act, %",
    "added_share": "false among the leader's votes, %",
}


def tables(found: Sequence[Row]) -> dict[str, str]:
    """The tables of docs/counting.md in Markdown, by the name of the place they stand in."""

    def of(table: str, place: str = "city") -> list[Row]:
        return [r for r in found if (r.table, r.place) == (table, place)]

    parts = {place: _shapes(of("shapes", place)) for place in ("city", "country")}
    parts |= {table: _watched(of(table)) for table in ("deterrence", "displacement", "levers")}
    told = {(r.case, r.figure): r for r in of("two levels")}
    parts["two-levels"] = "\n".join(
        [
            "| world | variance between territories | watched less unwatched beside | these less untouched ones |",
            "|---|---|---|---|",
            *(
                f"| {case} | {told[case, 'alike'].value:.2f} | {told[case, 'within'].value:+.1f} |"
                f" {told[case, 'beside'].value:+.1f} |"
                for case in TWO_LEVELS
            ),
        ]
    )
    cases = list(dict.fromkeys(r.case for r in found if r.table == "ablation"))
    loss = {(r.case, r.place): r.value for r in found if r.table == "ablation"}
    parts["ablation"] = "\n".join(
        [
            "| taken away | city | country |",
            "|---|---|---|",
            *(f"| {case} | {loss[case, 'city']:.0f} | {loss[case, 'country']:.0f} |" for case in cases),
        ]
    )
    parts["set"] = "\n".join(
        [
            "| number | prior | found | moved, in prior widths |",
            "|---|---|---|---|",
            *(
                f"| {key} | {prior:.3g} | {FITTED[key]:.3g} | {(FITTED[key] - prior) / width:+.1f} |"
                for key, (prior, width) in FREE.items()
            ),
        ]
    )
    return parts


def _shapes(rows: Sequence[Row]) -> str:
    lines = ["| figure | here [range over seeds] | target | off, in units | prototype | |", "|---|---|---|---|---|---|"]
    for r in sorted(rows, key=lambda r: ("fitted", "held out", "told").index(r.case)):
        digits = 2 if r.figure in ("correlation", "interaction") else 1
        ranged = "" if r.low == r.high else f" [{r.low:.{digits}f}, {r.high:.{digits}f}]"
        target = "-" if np.isnan(r.target) else f"{r.target:.{digits}f}"
        off = "-" if np.isnan(r.target) else f"{(r.value - r.target) / r.unit:+.1f}"
        before = PROTOTYPE.get((r.place, r.figure))
        old = "-" if before is None else f"{before:.{digits}f}"
        lines.append(f"| {WORDS[r.figure]} | {r.value:.{digits}f}{ranged} | {target} | {off} | {old} | {r.case} |")
    return "\n".join(lines)


def _watched(rows: Sequence[Row]) -> str:
    at = {(r.case, r.figure): r.value for r in rows}
    lines = ["| | leader, % | turnout, % | gap, share | gap, turnout | false votes kept |", "|---|---|---|---|---|---|"]
    for case in dict.fromkeys(r.case for r in rows):
        cells = [f"{at[case, name]:.1f}" for name in ("leader", "turnout", "gap_leader", "gap_turnout")]
        lines.append(f"| {case} | " + " | ".join([*cells, f"{at[case, 'kept']:.2f}"]) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> Mapping[str, str]:
    """Make the study, or only write its tables anew, or fit."""
    from sim.analysis.null_a import placed

    ask = argparse.ArgumentParser(description="Shapes of a city and a country under one set of parameters")
    ask.add_argument("--tables", action="store_true", help="write the tables from the numbers kept; run nothing")
    ask.add_argument("--fit", type=int, metavar="ROUNDS", help="fit on histories 11 to 14 and print what is found")
    given = ask.parse_args(arguments)
    if given.fit:
        found = fit(given.fit, range(11, 15), start=FITTED)
        return {"fit": "\n".join(f"{name} {value:.4g}" for name, value in found.items())}
    if not given.tables:
        keep(
            [*shapes(HISTORIES), *watching(HISTORIES[:4]), *two_levels(range(101, 141)), *ablated(HISTORIES[:4])],
            Path(NUMBERS),
        )
    parts = tables(read(Path(NUMBERS)))
    page = Path(PAGE)
    page.write_text(placed(page.read_text("utf-8"), parts), "utf-8")
    return parts


if __name__ == "__main__":
    print("\n\n".join(main().values()))
