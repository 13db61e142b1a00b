"""Where the voters are: regions, localities, electoral districts, and the register of polling stations, in persons."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import shares
from sim.society.settings import StationSettings
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.streams import Streams

URBAN, RURAL, CLOSED = 0, 1, 2
KINDS = ("urban", "rural", "closed")
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class Region:
    """One region of the case: identity, margins and register."""

    iso: str
    name: str
    latitude: float
    longitude: float
    register: int
    urban: float
    titular: float
    higher_education: float
    localities: int
    turnout: float
    known_on: date


@dataclass(frozen=True, eq=False)
class Geography:
    """The regions of a case and their localities, with voters registered in each.

    A locality is a place with a taste of its own; its town and its villages are the cells in which voters live.
    Electoral districts are drawn over localities by whatever number the law asks for, so that the people stay the same.
    """

    regions: tuple[Region, ...]
    locality_region: NDArray[np.int64]  # (L,) index of the region
    locality_register: NDArray[np.int64]  # (L,) voters

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(region.iso for region in self.regions)

    @cached_property
    def register(self) -> NDArray[np.int64]:
        """Registered voters by region, persons; shape (R,), read only."""
        register = np.array([region.register for region in self.regions])
        register.setflags(write=False)
        return register

    @property
    def cells(self) -> int:
        """Kinds of settlement in all localities, two each, settled or not."""
        return 2 * len(self.locality_register)

    def district_numbers(self, seats: int) -> NDArray[np.int64]:
        """Single-member districts of each region (R,): at least one, the rest by voters; zeros below one a region."""
        extra = seats - len(self.regions)
        return 1 + split(extra, self.register.astype(float)) if extra >= 0 else np.zeros(len(self.regions), np.int64)

    def districts(
        self, seats: int, region: NDArray[np.integer], locality: NDArray[np.integer], voters: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The single-member district of each row (N,), -1 without seats; rows are ordered by region and locality.

        As many districts as localities are the localities. Any other number is cut from the rows in their order, with
        equal numbers of voters inside a region; no district crosses a region's border unless there are more regions
        than seats.
        """
        if seats == 0:
            return np.full(len(region), -1, np.int64)
        if seats == len(self.locality_register):
            return locality.astype(np.int64)
        numbers = self.district_numbers(seats)
        if not numbers.any():
            return _cut(voters, seats)
        first = np.concatenate([[0], np.cumsum(numbers)[:-1]])
        ends = np.searchsorted(region, np.arange(len(numbers)), side="right")
        pieces = zip(np.split(voters, ends[:-1]), numbers.tolist(), strict=True)
        return np.concatenate([first[r] + _cut(own, number) for r, (own, number) in enumerate(pieces)])

    def index(self, iso: str) -> int:
        """The position of a region by its ISO code."""
        return self.codes.index(iso)

    def distance(self, iso: str) -> NDArray[np.float64]:
        """Great-circle kilometres from each region's centre to that of ``iso``; shape (R,)."""
        lat = np.radians([region.latitude for region in self.regions])
        lon = np.radians([region.longitude for region in self.regions])
        here = self.index(iso)
        half = np.sin((lat - lat[here]) / 2) ** 2 + np.cos(lat) * np.cos(lat[here]) * np.sin((lon - lon[here]) / 2) ** 2
        return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))


@cache
def load(folder: Path) -> Geography:
    """The geography of the case in ``folder`` today (``regions.csv`` and, where sourced, ``districts.csv``)."""
    with (folder / "regions.csv").open(encoding="utf-8", newline="") as lines:
        regions = tuple(_region(row) for row in csv.DictReader(lines))
    known = _sourced_districts(folder / "districts.csv")
    owner: list[int] = []
    register: list[int] = []
    for r, region in enumerate(regions):
        numbers = range(len(owner) + 1, len(owner) + region.localities + 1)
        sizes = [known.get(number, 0) for number in numbers]
        if not all(sizes):  # equal shares where the source gives none [assumed]
            sizes = split(region.register, np.ones(region.localities)).tolist()
        owner += [r] * region.localities
        register += sizes
    return Geography(regions, np.array(owner), np.array(register))


def on_map(geography: Geography, holder: Callable[[str], str], register: int) -> Geography:
    """The same ground on an older map, with so many voters in all, spread as today's are [assumed].

    ``holder`` names, for the code of a region of today, the one that held its ground then. A region that was cut since
    gets its voters back, and the means of its parts.
    """
    held = [geography.index(holder(region.iso)) for region in geography.regions]
    heads = sorted(set(held))
    parts = [[r for r, head in enumerate(held) if head == h] for h in heads]
    regions = [
        _united([geography.regions[h], *(geography.regions[r] for r in group if r != h)])
        for h, group in zip(heads, parts, strict=True)
    ]
    totals = split(register, np.array([float(region.register) for region in regions]))
    owner, sizes = [], []
    for r, group in enumerate(parts):
        inside = np.flatnonzero(np.isin(geography.locality_region, group))
        owner += [r] * len(inside)
        sizes += split(int(totals[r]), geography.locality_register[inside].astype(float)).tolist()
    return Geography(
        tuple(replace(region, register=int(n)) for region, n in zip(regions, totals, strict=True)),
        np.array(owner),
        np.array(sizes),
    )


def _united(parts: list[Region]) -> Region:
    """Regions as one that bears the name and the centre of the first."""
    weight = np.array([float(part.register) for part in parts])

    def mean(name: str) -> float:
        return float(np.average([getattr(part, name) for part in parts], weights=weight))

    return replace(
        parts[0],
        register=int(weight.sum()),
        urban=mean("urban"),
        titular=mean("titular"),
        higher_education=mean("higher_education"),
        localities=sum(part.localities for part in parts),
        turnout=mean("turnout"),
        known_on=max(part.known_on for part in parts),
    )


def _cut(voters: NDArray[np.float64], pieces: int) -> NDArray[np.int64]:
    """Rows in their order in so many pieces of equal numbers of voters, by the middle of each row; shape (N,)."""
    middle = np.cumsum(voters) - voters / 2
    return np.minimum((middle / voters.sum() * pieces).astype(np.int64), pieces - 1)


def _region(row: dict[str, str]) -> Region:
    return Region(
        iso=row["iso"],
        name=row["name"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        register=int(row["register"]),
        urban=float(row["urban_share"]),
        titular=float(row["titular_share"]),
        higher_education=float(row["higher_education_share"]),
        localities=int(row["localities"]),
        turnout=float(row["turnout"]),
        known_on=date.fromisoformat(row["known_on"]),
    )


def _sourced_districts(path: Path) -> dict[int, int]:
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return {int(row["district"]): int(row["register"]) for row in csv.DictReader(lines)}


def split(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole persons in proportion to ``weights`` (k,) by largest remainders; sums to ``total``."""
    exact = total * np.asarray(weights, float) / np.sum(weights)
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")
    whole[most[: total - int(whole.sum())]] += 1
    return whole


@dataclass(frozen=True)
class Stations:
    """The register of polling stations as columns, all of shape (S,), ordered by locality and kind."""

    locality: NDArray[np.int64]
    region: NDArray[np.int64]
    district: NDArray[np.int64]  # single-member district, -1 where the law has none
    kind: NDArray[np.int64]  # URBAN, RURAL or CLOSED
    voters: NDArray[np.int64]  # persons on the list
    territory: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.voters)

    def rows(self) -> NDArray[np.int64]:
        """The first voter of each station (S,), where every person of the register is a row of the electorate.

        The rows of a locality are those of its town, then of its villages. Closed stations take their voters between
        the two, from the end of the town and, where that is not enough, from the villages.
        """
        kind = np.choose(self.kind, [0, 2, 1])  # urban, closed, rural
        order = np.lexsort((np.arange(len(self)), kind, self.locality))
        first = np.empty(len(self), np.int64)
        first[order] = np.cumsum(self.voters[order]) - self.voters[order]
        return first

    @property
    def cell(self) -> NDArray[np.int64]:
        """The electorate's cell each station draws on: its settlement, the town where it is closed."""
        return 2 * self.locality + (self.kind == RURAL)

    def by_region(self, column: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sums of a column (S,) or of columns (S, J) over regions, each of which has a station; (R,) or (R, J)."""
        return np.asarray(np.add.reduceat(column, self._first_of_region, axis=0))

    @cached_property
    def _first_of_region(self) -> NDArray[np.int64]:
        return np.flatnonzero(np.diff(self.region, prepend=-1))


@dataclass(frozen=True)
class _Places:
    """Where stations stand, whoever is on their lists: kinds of settlement in localities (P,), and stations (S,)."""

    names: tuple[str, ...]  # (P,) what the draw of sizes is called
    first: NDArray[np.int64]  # (P + 1,) the first station of each, and the end of the last
    total: NDArray[np.int64]  # (P,) voters, persons
    locality: NDArray[np.int64]  # (S,)
    region: NDArray[np.int64]  # (S,)
    kind: NDArray[np.int64]  # (S,)
    territory: NDArray[np.int64]  # (S,)


def stations(geography: Geography, settings: StationSettings, count: int, seats: int, streams: Streams) -> Stations:
    """A register of ``count`` stations of log-normal sizes that sums to every locality's voters.

    ``seats`` is the number of single-member districts over which the stations are spread.

    Raises:
        InputError: fewer stations than places that need one.
    """
    places = _places(geography, settings, count)
    number = np.diff(places.first)
    spread = np.concatenate([streams.normal(name, n) for name, n in zip(places.names, number.tolist(), strict=True)])
    size = shares.below(np.exp(settings.size_spread * spread), settings.largest / places.total, places.first)
    voters = 1 + shares.whole(size, places.total - number, places.first)  # nobody's list is empty
    district = geography.districts(seats, places.region, places.locality, voters.astype(float))
    return Stations(places.locality, places.region, district, places.kind, voters, places.territory)


@lru_cache(maxsize=16)
def _places(geography: Geography, settings: StationSettings, count: int) -> _Places:
    """How many stations every kind of settlement of every locality has. Raises as :func:`stations`."""
    localities = len(geography.locality_register)
    total = np.concatenate(
        [_by_kind(int(n), geography, d, count, settings) for d, n in enumerate(geography.locality_register)]
    )
    locality, kind = np.repeat(np.arange(localities), len(KINDS)), np.tile(np.arange(len(KINDS)), localities)
    settled = total > 0
    if count < settled.sum():
        raise InputError(
            f"mechanism.stations.count = {count}: the case needs at least {settled.sum()}, one for each"
            " kind of settlement in each locality."
        )
    mean = np.array([_mean_size(k, geography, count, settings) for k in range(len(KINDS))])
    number = settled + split(count - int(settled.sum()), total / mean[kind])
    if (number > total).any():
        raise InputError(
            "mechanism.stations: more stations of a kind than it has voters in a locality; fewer stations (count), or"
            " larger closed ones (closed_size), would do."
        )
    locality, kind, total, number = locality[settled], kind[settled], total[settled], number[settled]
    region = np.repeat(geography.locality_region[locality], number)
    own = np.bincount(region, minlength=len(geography.regions))
    rank = np.arange(count) - (np.cumsum(own) - own)[region]
    territories = -(-own // settings.territory)
    places = _Places(
        names=tuple(f"station size/{d}/{KINDS[k]}" for d, k in zip(locality, kind, strict=True)),
        first=np.concatenate([[0], np.cumsum(number)]),
        total=total,
        locality=np.repeat(locality, number),
        region=region,
        kind=np.repeat(kind, number),
        territory=(np.cumsum(territories) - territories)[region] + rank // settings.territory,
    )
    for column in (places.locality, places.region, places.kind, places.territory):
        column.setflags(write=False)  # shared by all runs
    return places


def _by_kind(
    total: int, geography: Geography, locality: int, count: int, settings: StationSettings
) -> NDArray[np.int64]:
    closed = settings.closed_share * count * settings.closed_size / geography.register.sum()
    urban = geography.regions[geography.locality_region[locality]].urban
    return split(total, np.array([(1 - closed) * urban, (1 - closed) * (1 - urban), closed]))


def _mean_size(kind: int, geography: Geography, count: int, settings: StationSettings) -> float:
    """Mean voters of a station of one kind; only ratios matter, the number of stations is given."""
    mean = geography.register.sum() / count
    if kind == CLOSED:
        return settings.closed_size
    return float(mean * settings.urban_to_rural ** (0.5 if kind == URBAN else -0.5))
