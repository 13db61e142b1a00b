"""Where the voters are: regions, districts, and the register of polling stations, in persons."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
    districts: int
    turnout: float
    known_on: date


@dataclass(frozen=True)
class Geography:
    """The regions of a case and their single-member districts, with voters registered in each."""

    regions: tuple[Region, ...]
    district_region: NDArray[np.int64]  # (D,) index of the region
    district_register: NDArray[np.int64]  # (D,) voters

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(region.iso for region in self.regions)

    @property
    def register(self) -> NDArray[np.int64]:
        """Registered voters by region, persons; shape (R,)."""
        return np.array([region.register for region in self.regions])

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
    """The geography of the case in ``folder`` (``regions.csv`` and, where sourced, ``districts.csv``)."""
    with (folder / "regions.csv").open(encoding="utf-8", newline="") as lines:
        regions = tuple(_region(row) for row in csv.DictReader(lines))
    known = _sourced_districts(folder / "districts.csv")
    owner: list[int] = []
    register: list[int] = []
    for r, region in enumerate(regions):
        numbers = range(len(owner) + 1, len(owner) + region.districts + 1)
        sizes = [known.get(number, 0) for number in numbers]
        if not all(sizes):  # equal shares where the source gives none [assumed]
            sizes = split(region.register, np.ones(region.districts)).tolist()
        owner += [r] * region.districts
        register += sizes
    return Geography(regions, np.array(owner), np.array(register))


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
        districts=int(row["districts"]),
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
    """The register of polling stations as columns, all of shape (S,), ordered by district and kind."""

    district: NDArray[np.int64]
    region: NDArray[np.int64]
    kind: NDArray[np.int64]  # URBAN, RURAL or CLOSED
    voters: NDArray[np.int64]  # persons on the list
    territory: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.voters)


def stations(geography: Geography, settings: StationSettings, streams: Streams) -> Stations:
    """A register of ``settings.count`` stations of log-normal sizes that sums to every district's voters.

    Raises:
        InputError: fewer stations than places that need one.
    """
    pieces = [
        (d, kind, voters)
        for d, total in enumerate(geography.district_register)
        for kind, voters in enumerate(_by_kind(int(total), geography, d, settings))
    ]
    settled = np.array([voters > 0 for *_, voters in pieces])
    if settings.count < settled.sum():
        raise InputError(
            f"mechanism.stations.count = {settings.count}: the case needs at least {settled.sum()}, one for each"
            " kind of settlement in each district."
        )
    expected = np.array([voters / _mean_size(kind, geography, settings) for _, kind, voters in pieces])
    number = settled + split(settings.count - int(settled.sum()), expected)
    crowded = [n > voters for n, (*_, voters) in zip(number, pieces, strict=True)]
    if any(crowded):
        raise InputError(
            "mechanism.stations: more stations of a kind than it has voters in a district; fewer stations (count), or"
            " larger closed ones (closed_size), would do."
        )
    district, kind, voters = [], [], []
    for (d, k, total), n in zip(pieces, number, strict=True):
        if n == 0:
            continue
        spread = streams.normal(f"station size/{d}/{KINDS[k]}", int(n))
        sizes = 1 + split(total - int(n), _below(np.exp(settings.size_spread * spread), settings.largest / total))
        district += [d] * int(n)
        kind += [k] * int(n)
        voters += sizes.tolist()
    where = np.array(district)
    region = geography.district_region[where]
    territory = np.zeros(len(where), np.int64)
    start = 0
    for r in range(len(geography.regions)):
        rows = np.flatnonzero(region == r)
        territory[rows] = start + np.arange(len(rows)) // settings.territory
        start = int(territory[rows].max()) + 1
    return Stations(where, region, np.array(kind), np.array(voters), territory)


def _by_kind(total: int, geography: Geography, district: int, settings: StationSettings) -> NDArray[np.int64]:
    closed = settings.closed_share * settings.count * settings.closed_size / geography.register.sum()
    urban = geography.regions[geography.district_region[district]].urban
    return split(total, np.array([(1 - closed) * urban, (1 - closed) * (1 - urban), closed]))


def _below(size: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Relative sizes with none above ``share`` of their sum, where that can be."""
    for _ in range(20):
        ceiling = max(share, 1.001 / len(size)) * size.sum()
        if size.max() <= ceiling:
            break
        size = np.minimum(size, ceiling)
    return size


def _mean_size(kind: int, geography: Geography, settings: StationSettings) -> float:
    """Mean voters of a station of one kind; only ratios matter, the number of stations is fixed by the settings."""
    mean = geography.register.sum() / settings.count
    if kind == CLOSED:
        return settings.closed_size
    return float(mean * settings.urban_to_rural ** (0.5 if kind == URBAN else -0.5))
