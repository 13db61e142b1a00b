"""Votes beyond a clean peak: the leader's surplus where turnout is above what others' votes lead one to expect."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.resampling import middle, weights
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Stations

TEST = "shpilkin"
QUESTION = "Shpilkin's method: how many of the leader's votes lie beyond a clean peak of turnout?"
SOURCE = "Shpilkin 2009-16; as described in Kobak, Shpilkin & Pshenichnikov 2016, Significance 13:20-23"
CANNOT = (
    "fraud from honest differences: with no fraud, and rural stations 20 points higher on turnout and on the leader's "
    "share, this method has counted 24 to 32 % of the leader's votes (docs/forensics.md has ours); nor can it see "
    "votes moved from others without any change of turnout."
)
FINE = 200
"""Cells of half a point in which votes are held."""

FloatArray = NDArray[np.float64]


class Window(NamedTuple):
    """Bins that give the clean ratio: from ``below`` points below the peak (None: from 0) to ``above`` above it."""

    below: float | None
    above: float
    width: float


PLAIN = Window(None, 0.0, 1.0)
OTHERS = (
    Window(2.0, 0.0, 1.0),
    Window(5.0, 0.0, 1.0),
    Window(10.0, 0.0, 1.0),
    Window(2.0, 2.0, 1.0),
    Window(5.0, 5.0, 1.0),
    Window(None, 0.0, 0.5),
    Window(None, 0.0, 2.0),
)
"""The plain definition: the ratio of the leader's to others' votes at all turnouts up to the peak of others' votes, in
bins of one point; and defensible others, whose range is told beside it."""


class Surplus(NamedTuple):
    """What one definition counts: the leader's surplus in votes, and the place of the peak in percent."""

    votes: FloatArray
    peak: FloatArray


def cells(stations: Stations) -> NDArray[np.int64]:
    """The cell of half a point of turnout each station falls into; 100 % and more are in the last."""
    return np.minimum((stations.turnout * FINE).astype(np.int64), FINE - 1)


def surplus(leader: FloatArray, others: FloatArray, window: Window = PLAIN) -> Surplus:
    """The leader's surplus beyond the clean peak, for tables (B, FINE) of votes by turnout; B resamples at once."""
    step = round(window.width * FINE / 100)
    lead = leader.reshape(len(leader), -1, step).sum(axis=2)
    rest = others.reshape(len(others), -1, step).sum(axis=2)
    padded = np.pad(rest, ((0, 0), (1, 1)))
    peak = np.argmax(padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:], axis=1)[:, None]
    bins = np.arange(lead.shape[1])[None, :]
    low = 0 if window.below is None else peak - round(window.below / window.width)
    high = peak + round(window.above / window.width)
    clean = (bins >= low) & (bins <= high)
    base = (rest * clean).sum(axis=1)
    ratio = np.divide((lead * clean).sum(axis=1), base, out=np.full(len(base), np.nan), where=base > 0)
    beyond = ((lead - ratio[:, None] * rest) * (bins > high)).sum(axis=1)
    return Surplus(beyond, (peak[:, 0] + 0.5) * np.float64(window.width))


def plain(stations: Stations) -> float:
    """The surplus by the plain definition in votes, whether or not the peak is clean; NaN of nothing."""
    there = stations.counted()
    if not len(there):
        return float("nan")
    at = cells(there)
    lead, rest = np.bincount(at, there.leader, FINE), np.bincount(at, there.cast - there.leader, FINE)
    return float(surplus(lead[None].astype(float), rest[None].astype(float)).votes[0])


def shpilkin(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """The leader's votes beyond the clean peak, with turnout and share without them; or why no peak is clean."""
    there = stations.counted()
    empty = dict.fromkeys(("anomalous_votes", "anomalous_share", "turnout", "leader", "peak", "definitions"))
    if len(there) < settings.few_stations:
        why = f"{len(there)} stations; a peak needs {settings.few_stations}."
        return no_answer(TEST, QUESTION, why, unit="votes", cannot_tell=CANNOT, source=SOURCE, **empty)
    at = cells(there)
    groups = there.clusters(settings.few_clusters)
    drawn = weights(groups.number, settings.resamples, settings.seed, TEST)
    lead, rest = _tables(there, at, groups.of, groups.number, drawn)
    peaks = surplus(lead[1:], rest[1:]).peak
    faults = _unclean(there, at, float(surplus(lead[:1], rest[:1]).peak[0]), peaks, settings)
    if faults:
        return no_answer(
            TEST,
            QUESTION,
            f"no peak is clean: {'; '.join(faults)}.",
            unit="votes",
            cannot_tell=CANNOT,
            source=SOURCE,
            **empty,
        )
    found = surplus(lead, rest)
    votes = float(found.votes[0])
    low, high = middle(found.votes[1:])
    range_ = [float(surplus(lead[:1], rest[:1], window).votes[0]) for window in OTHERS]
    widest = min(low, votes, *range_), max(high, votes, *range_)
    voters, given, cast, leader = (int(x.sum()) for x in (there.voters, there.given, there.cast, there.leader))
    turnout, share = 100 * (given - votes) / voters, 100 * (leader - votes) / (cast - votes)
    reading = (
        f"{votes:,.0f} votes beyond it [{low:,.0f}, {high:,.0f}; other windows {min(range_):,.0f} to "
        f"{max(range_):,.0f}]; without them turnout {turnout:.1f} % and leader {share:.1f} %, beside "
        f"{100 * given / voters:.1f} and {100 * leader / cast:.1f}. Peak at {found.peak[0]:.1f} % turnout."
    )
    return Finding(
        TEST,
        QUESTION,
        votes,
        "votes",
        widest,
        f"bootstrap over {groups.number} {groups.kind}, widened to the range of defensible windows",
        (
            "stations up to the peak of others' votes are clean",
            "honest turnout tells nothing of the leader's share",
            "all that is amiss adds votes to the leader and to turnout",
        ),
        CANNOT,
        SOURCE,
        values={
            "anomalous_votes": votes,
            "anomalous_share": votes / leader if leader else None,
            "turnout": turnout,
            "leader": share,
            "peak": float(found.peak[0]),
            "bootstrap": [low, high],
            "definitions": [min(range_), max(range_)],
        },
        reading=reading,
    )


def _tables(
    there: Stations, at: NDArray[np.int64], of: NDArray[np.int64], number: int, drawn: Iterable[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Leader's and others' votes by turnout, (1 + resamples, FINE) each: as they are, then as clusters were drawn."""
    votes = there.leader, there.cast - there.leader
    if number == len(there):  # stations: a table of clusters by cells would be as long as the file
        found = [[np.bincount(at, held * w, FINE) for held in votes] for w in chain([np.ones(number)], drawn)]
        lead, rest = np.array(found).transpose(1, 0, 2)
        return lead, rest
    by = [np.bincount(of * FINE + at, held, number * FINE).reshape(number, FINE) for held in votes]
    how_often = np.array(list(drawn))
    lead, rest = (np.vstack([table.sum(axis=0), how_often @ table]) for table in by)
    return lead, rest


def _unclean(
    there: Stations, at: NDArray[np.int64], peak: float, peaks: FloatArray, settings: ForensicSettings
) -> list[str]:
    """Every reason why the part below the peak cannot stand for honest stations."""
    faults = []
    voters = np.bincount(at, there.voters, FINE)
    lead, rest = np.bincount(at, there.leader, FINE), np.bincount(at, there.cast - there.leader, FINE)
    place = (np.arange(FINE) + 0.5) * 100 / FINE
    below = place < peak - 0.5
    part = voters[below].sum() / max(voters.sum(), 1)
    if part < settings.clean_share:
        faults.append(
            f"{100 * part:.1f} % of voters lie below the peak at {peak:.1f} % turnout, "
            f"{100 * settings.clean_share:g} % are needed"
        )
    low, high = middle(peaks)
    if high - low > settings.clean_spread:
        faults.append(f"the place of the peak is not known: {low:.1f} to {high:.1f} % over resamples")
    rise = _rise(lead[below], rest[below])
    if rise is not None and abs(rise) > settings.clean_rise:
        faults.append(f"below the peak the leader's share already changes with turnout, by {rise:+.1f} points")
    rival = _rival(rest, peak, settings)
    if rival is not None:
        faults.append(
            f"others' votes have a second peak at {rival:.1f} % turnout, so stations are of more than one kind"
        )
    return faults


def _rise(lead: FloatArray, rest: FloatArray) -> float | None:
    """The leader's share in the upper half of the votes below the peak less that in the lower half, in points."""
    both = lead + rest
    if both.sum() == 0:
        return None
    upper = np.cumsum(both) > both.sum() / 2
    if not both[upper].sum() or not both[~upper].sum():
        return None
    return float(100 * (lead[upper].sum() / both[upper].sum() - lead[~upper].sum() / both[~upper].sum()))


def _rival(rest: FloatArray, peak: float, settings: ForensicSettings) -> float | None:
    """Where another peak of others' votes stands, in percent of turnout; 100 % itself is no peak."""
    smooth = np.convolve(rest, np.ones(9) / 9, "same")[: FINE - 8]
    first = int(np.clip(round(peak * FINE / 100), 0, len(smooth) - 1))
    top = smooth[max(first - 4, 0) : first + 5].max()
    best: tuple[float, float] | None = None
    for cell in range(len(smooth)):
        if abs(cell - first) < 10 or smooth[cell] < settings.rival_height * top:
            continue
        between = smooth[min(cell, first) : max(cell, first) + 1].min()
        if between < settings.rival_valley * smooth[cell] and (best is None or smooth[cell] > best[0]):
            best = float(smooth[cell]), (cell + 0.5) * 100 / FINE
    return None if best is None else best[1]
