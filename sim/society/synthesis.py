"""A synthetic electorate that fits the margins of the case: who lives where, who they are, what they want."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.kernels.sums import weighted_mean
from sim.society.geography import Geography, split
from sim.society.settings import AXES, PopulationSettings
from sim.streams import Streams
from sim.strict import InputError

AGES = (18, 30, 45, 60)  # lower bounds of the age bands
AGE_SHARES = (0.23, 0.33, 0.25, 0.19)  # assumed: no margin of adults by age was found
MEAN_AGE = sum(band * share for band, share in enumerate(AGE_SHARES))


class People(NamedTuple):
    """Columns of the electorate; N rows sorted by region, locality and settlement."""

    region: NDArray[np.int16]
    locality: NDArray[np.int16]
    urban: NDArray[np.bool_]
    weight: NDArray[np.float64]  # persons a row stands for
    titular: NDArray[np.bool_]
    age: NDArray[np.int8]
    higher_education: NDArray[np.bool_]
    dependent: NDArray[np.bool_]
    position: NDArray[np.float32]  # (N, 3)
    habit: NDArray[np.float32]
    grievance: NDArray[np.float32]
    belief: NDArray[np.float32]


def people(geography: Geography, settings: PopulationSettings, streams: Streams) -> People:
    """The sampled electorate.

    Raises:
        InputError: fewer voters than there are kinds of settlement to fill.
    """
    locality, urban, weight = _rows(geography, settings.voters)
    region = geography.locality_region.astype(np.int16)[locality]
    n = len(locality)
    margin = {name: np.array([getattr(r, name) for r in geography.regions]) for name in ("titular", "higher_education")}
    titular = streams.uniform("titular", n) < margin["titular"][region]
    age = np.searchsorted(np.cumsum(AGE_SHARES)[:-1], streams.uniform("age", n), side="right").astype(np.int8)
    return People(
        region=region,
        locality=locality,
        urban=urban,
        weight=weight,
        titular=titular,
        age=age,
        higher_education=streams.uniform("education", n) < margin["higher_education"][region],
        dependent=streams.uniform("dependence", n) < settings.state_dependent,
        position=_positions(region, locality, urban, titular, weight, settings, streams),
        habit=_single(settings.habit_spread * streams.normal("habit", n) + settings.habit_age * (age - MEAN_AGE)),
        grievance=_fraction(settings.grievance_mean, settings.grievance_spread, streams.normal("grievance", n)),
        belief=_fraction(settings.belief_mean, settings.belief_spread, streams.normal("belief", n)),
    )


def _single(column: NDArray[np.float64]) -> NDArray[np.float32]:
    return column.astype(np.float32)


def _fraction(mean: float, spread: float, normal: NDArray[np.float64]) -> NDArray[np.float32]:
    """A column in (0, 1) whose logit spreads around that of ``mean``."""
    return _single(expit(logit(mean) + spread * normal))


def _rows(geography: Geography, voters: int) -> tuple[NDArray[np.int16], NDArray[np.bool_], NDArray[np.float64]]:
    """Rows by locality and settlement in proportion to persons, at least one where anybody lives."""
    share = np.array([geography.regions[r].urban for r in geography.locality_region])
    persons = np.array(
        [split(int(n), np.array([u, 1 - u])) for n, u in zip(geography.locality_register, share, strict=True)]
    )
    cells = persons.ravel()
    settled = cells > 0
    if voters < settled.sum():
        raise InputError(
            f"population.voters = {voters}: an election needs at least 1 voter in each of the {settled.sum()} kinds of"
            " settlement by locality; the default is 20000."
        )
    rows = settled.astype(np.int64)
    rows += split(voters - int(rows.sum()), (cells - settled).astype(float))
    cell = np.repeat(np.arange(len(cells), dtype=np.int16), rows)
    return cell // 2, cell % 2 == 0, (cells / np.maximum(rows, 1))[cell]


def _positions(
    region: NDArray[np.int16],
    locality: NDArray[np.int16],
    urban: NDArray[np.bool_],
    titular: NDArray[np.bool_],
    weight: NDArray[np.float64],
    settings: PopulationSettings,
    streams: Streams,
) -> NDArray[np.float32]:
    """Positions on three axes, each standardised over the country; shape (N, 3)."""
    n, axes = len(region), len(AXES)
    within = np.sqrt(max(1 - settings.cluster_spread**2, 0.0))
    cluster = (streams.uniform("cluster", n) * settings.clusters).astype(np.int64)
    cell = 2 * locality + urban
    out = np.empty((n, axes), np.float32)
    for d, axis in enumerate(AXES):
        centre = settings.cluster_spread * streams.normal(f"cluster centre/{axis}", settings.clusters)
        by_region = settings.region_shift * streams.normal(f"region mean/{axis}", int(region.max()) + 1)
        by_cell = settings.locality_shift * streams.normal(f"locality mean/{axis}", int(cell.max()) + 1)
        place = within * streams.normal(f"position/{axis}", n)
        place += centre[cluster] + by_region[region] + by_cell[cell]
        if axis == "nation":
            place += settings.titular_on_nation * titular
        place -= weighted_mean(place, weight)
        out[:, d] = place / np.sqrt(weighted_mean(place**2, weight))
    return out
