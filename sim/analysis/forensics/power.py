"""Detection power and calibration of the tests by kind and extent of what was done, under two kinds of honest country.

``python -m sim.analysis.forensics.power`` makes the study anew (several minutes on two processors), keeps
``results/reference/forensics-power.csv`` and writes the tables of docs/forensics.md; with ``--tables`` it writes them
anew from the numbers kept. An election is honest first (:func:`sim.analysis.forensics.nulls.honest`); then one thing is
done, by the model's own rules, at stations drawn at random. Nothing is fitted, kinds are never mixed, and no search is
made over them: the study says what tests can see, not what they miss most cheaply.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata

from sim.actors.settings import CommissionSettings
from sim.analysis.forensics import shpilkin
from sim.analysis.forensics.digits import last_digit
from sim.analysis.forensics.integer_peaks import integer_peaks
from sim.analysis.forensics.klimek import klimek
from sim.analysis.forensics.nulls import OBSERVED, SHARE, STATIONS, TURNOUT, honest
from sim.analysis.forensics.regression import observers, turnout_share
from sim.analysis.forensics.settings import ForensicSettings
from sim.analysis.forensics.stations import Stations
from sim.kernels.protocols import protocols
from sim.malpractice.ballots import stolen, stuffed
from sim.malpractice.rewriting import RewritingSettings, rewritten
from sim.malpractice.tabulation import TabulationSettings, tabulated
from sim.measures.quick_count import quick_count
from sim.streams import Streams

NUMBERS, PAGE = "results/reference/forensics-power.csv", "docs/forensics.md"
KINDS = ("stuffing", "stealing", "rewriting", "tabulation")
EXTENTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Share of stations (of territories, for tabulation) where it is done."""
GAPS = (0, 10)
"""Null A, and Null B with rural stations higher by so many points on both."""
ELECTIONS, HONEST, FITS = 100, 400, 12
LEVEL = 0.05
FALSE_ALARMS = (0.01, 0.05, 0.1, 0.2, 0.5)
TESTS = ("peaks", "digit", "slope", "observers", "shpilkin", "klimek", "quick_count")
Counts = NDArray[np.int64]


class Done(NamedTuple):
    """What was done: as published, as in the protocols that observers may copy, and the leader's false votes."""

    published: Stations
    protocols: Stations
    false_votes: int


def done(seed: int, kind: str, extent: float, *, gap: float, stations: int = STATIONS) -> Done:
    """An honest election after one kind of act at a share ``extent`` of stations; watched commissions do nothing.

    Amounts are those of the model: ordered turnout and share around the honest ones, raised as an average order is;
    rewriting to a round figure; tabulation by what was moved in the case on record. Draws have addresses, and more
    extent adds stations to those there were.
    """
    there = honest(seed, gap=gap, stations=stations)
    assert there.observed is not None
    streams, zero = Streams(seed), np.zeros(stations, np.int64)

    def uniform(what: str, n: int = stations) -> NDArray[np.float64]:
        return streams.uniform(f"forensics/power/{what}", n)

    c = CommissionSettings()
    acts = (uniform("acts") < extent) & ~there.observed
    added, taken, more, lifted = zero, zero, zero, zero
    if kind == "stuffing":
        tau = expit(
            logit(TURNOUT) + c.turnout_above + c.turnout_noise * streams.normal("forensics/power/tau", stations)
        )
        added = np.where(acts, stuffed(1, tau, there.voters, there.cast), 0)
    elif kind == "stealing":
        noise = streams.normal("forensics/power/sigma", stations)
        sigma = expit(logit(SHARE) + c.share_above + c.share_noise * noise)
        taken = np.where(acts, stolen(1, sigma, there.cast, there.leader, zero), 0)
    elif kind == "rewriting":
        draw = np.stack([zero.astype(float), uniform("rewrite/1"), uniform("rewrite/2")])
        all_of_them = RewritingSettings(share_of_joiners=1)
        more, lifted = rewritten(all_of_them, 1, acts, there.voters, there.cast, there.leader, draw)
    written = _written(there, added + more, taken + lifted - more)
    if kind != "tabulation":
        return Done(written, written, int((added + taken + lifted).sum()))
    place = np.arange(stations) // 30
    above = tabulated(
        TabulationSettings(territories=extent), 1, uniform("territory", int(place.max()) + 1), place, there.cast,
        there.leader,
    )  # fmt: skip
    return Done(_written(there, zero, above), there, int(above.sum()))


def _written(there: Stations, added: Counts, taken: Counts) -> Stations:
    """Protocols after ballots were put in for the leader and moved to it from the others in proportion."""
    names = list(there.lists)
    box = np.column_stack([there.leader, *(there.lists[name] for name in names)])
    out = protocols(box, 0, added, taken)
    cast = there.cast + added
    return replace(
        there, given=cast, cast=cast, leader=out[:, 0], lists={name: out[:, j + 1] for j, name in enumerate(names)}
    )


class Said(NamedTuple):
    """What each test said of one election: how loudly (a score that rises with suspicion) and whether it alarms.

    Estimators have no alarm of their own; NaN where a fit was not asked for.
    """

    scores: tuple[float, ...]
    alarms: tuple[float, ...]
    estimate: float  # Shpilkin's, % of the leader's votes
    truth: float  # false votes, % of the leader's


def said(seed: int, kind: str, extent: float, *, gap: float, fits: bool, stations: int = STATIONS) -> Said:
    """Every test on one election, honest where ``extent`` is 0."""
    held = done(seed, kind, extent, gap=gap, stations=stations)
    there, settings, nan = held.published, ForensicSettings(resamples=50, seed=seed), float("nan")
    peaks, digit = integer_peaks(there, settings), last_digit(there, settings)
    slope, watched = turnout_share(there, settings), observers(there, settings)
    anomalous = 100 * shpilkin.plain(there) / int(there.leader.sum())
    f_i = klimek(there, settings).estimate if fits else None
    copies = Streams(seed).uniform("forensics/power/copies", stations) < OBSERVED
    count = quick_count(held.protocols.leader[copies], held.protocols.cast[copies], stations)
    official = int(there.leader.sum()) / int(there.cast.sum())
    p = [nan if found.p is None else float(found.p) for found in (peaks, digit, slope, watched)]
    scores = (
        float(peaks.values["excess"]) / float(peaks.values["mc_sd"]),
        -p[1],
        float(slope.values["slope"]) / float(slope.values["slope_se"]),
        -float(watched.values["share"]) / float(watched.values["share_se"]),
        anomalous,
        nan if f_i is None else f_i,
        (official - count.share) / count.error,
    )
    alarms = (*(float(one < LEVEL) for one in p), nan, nan, float(count.verdict(official) != "within"))
    return Said(scores, alarms, anomalous, 100 * held.false_votes / int(there.leader.sum()))


class Row(NamedTuple):
    """One test on one kind and extent in one country; shares in percent of elections."""

    gap: float
    kind: str
    extent: float
    test: str
    elections: int
    false_votes: float  # mean, % of the leader's votes as published
    alarms: float  # at the test's own 5 % level; NaN of an estimator
    above_alike: float  # score above 95 % of elections with stations alike: the bar of who knows no better
    auc: float  # against honest elections of the same country: .5 is blind, 1 sees all
    at_01: float  # the curve: detections where so many of the country's honest elections would be alarms
    at_05: float
    at_10: float
    at_20: float
    at_50: float
    estimate: float  # of Shpilkin's method, % of the leader's votes; NaN of others


def area(honest_scores: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """Area under the ROC curve: the chance that an election where it was done scores higher than an honest one.

    Ties count half (Hanley & McNeil 1982). NaN where either is empty.
    """
    n, m = len(honest_scores), len(scores)
    if not n or not m:
        return float("nan")
    ranks = rankdata(np.concatenate([honest_scores, scores]))
    return float((ranks[n:].sum() - m * (m + 1) / 2) / (n * m))


Task = tuple[float, str, float]
"""A country's gap, a kind of act and its extent."""


def rows(task: Task, found: Sequence[Said], own: Sequence[Said], alike: Sequence[Said]) -> list[Row]:
    """A row for every test: ``own`` are honest elections of the same country, ``alike`` those of stations alike."""
    out = []
    for j, test in enumerate(TESTS):
        scores, null, plain = (_kept([one.scores[j] for one in many]) for many in (found, own, alike))
        alarms = _kept([one.alarms[j] for one in found])
        bars = np.quantile(null, 1 - np.array(FALSE_ALARMS)) if len(null) else np.full(len(FALSE_ALARMS), np.nan)
        at_01, at_05, at_10, at_20, at_50 = (100 * _mean(scores > bar) for bar in bars)
        out.append(
            Row(
                *task,
                test,
                len(scores),
                false_votes=float(np.mean([one.truth for one in found])),
                alarms=100 * _mean(alarms),
                above_alike=100 * _mean(scores > np.quantile(plain, 1 - LEVEL)) if len(plain) else float("nan"),
                auc=area(null, scores),
                at_01=at_01,
                at_05=at_05,
                at_10=at_10,
                at_20=at_20,
                at_50=at_50,
                estimate=float(np.mean([one.estimate for one in found])) if test == "shpilkin" else float("nan"),
            )
        )
    return out


def _kept(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.array(values, float)
    return array[~np.isnan(array)]


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def study(*, elections: int, honest_ones: int, fits: int, workers: int = 2, stations: int = STATIONS) -> list[Row]:
    """Every kind and extent in both countries; whoever makes them, the same.

    Honest elections have seeds of their own, so that no election is compared with itself.
    """
    tasks: list[Task] = [(gap, "honest", 0.0) for gap in GAPS]
    tasks += [(gap, kind, extent) for gap in GAPS for kind in KINDS for extent in EXTENTS]
    jobs = []
    for task in tasks:
        first, many, fitted = (10_001, honest_ones, 4 * fits) if task[1] == "honest" else (1, elections, fits)
        jobs += [(task, first + place, place < fitted) for place in range(many)]
    work = partial(_job, stations=stations)
    if workers == 1:
        results = list(map(work, jobs))
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            results = list(pool.map(work, jobs, chunksize=20))
    found: dict[Task, list[Said]] = {}
    for (task, _, _), one in zip(jobs, results, strict=True):
        found.setdefault(task, []).append(one)
    alike = found[GAPS[0], "honest", 0.0]
    return [row for task in tasks for row in rows(task, found[task], found[task[0], "honest", 0.0], alike)]


def _job(job: tuple[Task, int, bool], stations: int) -> Said:
    (gap, kind, extent), seed, fits = job
    return said(seed, kind, extent, gap=gap, fits=fits, stations=stations)


def keep(found: Sequence[Row], path: Path) -> None:
    """Write the numbers, a row for each test on each kind, extent and country."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(Row._fields)
        for one in found:
            table.writerow([round(x, 4) if isinstance(x, float) else x for x in one])


def read(path: Path) -> list[Row]:
    """The rows that a study kept."""
    kinds = get_type_hints(Row)
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**{name: kinds[name](line[name]) for name in Row._fields}) for line in csv.DictReader(file)]


WORDS = {
    "peaks": "integer peaks",
    "digit": "last digit",
    "slope": "turnout and share",
    "observers": "observers at random",
    "shpilkin": "Shpilkin",
    "klimek": "Klimek, f_i",
    "quick_count": "quick count of 5 % of protocols",
}


def tables(found: Sequence[Row]) -> dict[str, str]:
    """The tables of docs/forensics.md in Markdown, by the name of the place they stand in."""
    return {"power": _power(found), "trap": _trap(found), "calibration": _calibration(found)}


def _power(found: Sequence[Row]) -> str:
    """Area under the curve where a tenth of stations act, and at which extent a test reaches .9, in both countries."""
    lines = [
        "| AUC at a tenth of stations: alike / honest gap of 10 | " + " | ".join(KINDS) + " |",
        "|---" * (len(KINDS) + 1) + "|",
    ]
    at = {(r.gap, r.kind, r.extent, r.test): r for r in found}
    moved = [f"{at[0, kind, 0.1, 'peaks'].false_votes:.1f} %" for kind in KINDS]
    lines.append("| *false among the leader's votes* | " + " | ".join(moved) + " |")
    for test in TESTS:
        cells = [" / ".join(f"{at[gap, kind, 0.1, test].auc:.2f}" for gap in GAPS) for kind in KINDS]
        lines.append(f"| {WORDS[test]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _trap(found: Sequence[Row]) -> str:
    """What whoever takes stations for alike would say of honest elections, and of those with a tenth of stuffing."""
    lines = [
        "| alarms, % of elections, by the bar of stations alike | honest, alike | honest, gap 10 |"
        " a tenth stuffed, alike | a tenth stuffed, gap 10 |",
        "|---|---|---|---|---|",
    ]
    at = {(r.gap, r.kind, r.extent, r.test): r for r in found}
    for test in TESTS:
        cells = [
            at[gap, kind, extent, test].above_alike
            for kind, extent in (("honest", 0.0), ("stuffing", 0.1))
            for gap in GAPS
        ]
        lines.append(f"| {WORDS[test]} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |")
    return "\n".join(lines)


def _calibration(found: Sequence[Row]) -> str:
    """What Shpilkin's method gives beside what is false, % of the leader's votes."""
    lines = [
        "| Shpilkin / truly false, % of the leader's votes | " + " | ".join(f"{100 * e:g} %" for e in EXTENTS) + " |",
        "|---" * (len(EXTENTS) + 1) + "|",
    ]
    of = {(r.gap, r.kind, r.extent): r for r in found if r.test == "shpilkin"}
    for gap in GAPS:
        for kind in KINDS:
            cells = [f"{of[gap, kind, e].estimate:.1f} / {of[gap, kind, e].false_votes:.1f}" for e in EXTENTS]
            lines.append(f"| {kind}, {'alike' if not gap else f'gap {gap:g}'} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> Mapping[str, str]:
    """Make the study, or only write its tables anew."""
    from sim.analysis.null_a import placed

    ask = argparse.ArgumentParser(description="What forensic tests see, by kind and extent")
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--tables", action="store_true", help="write the tables from the numbers kept; run nothing")
    given = ask.parse_args(arguments)
    if not given.tables:
        keep(study(elections=ELECTIONS, honest_ones=HONEST, fits=FITS, workers=given.workers), Path(NUMBERS))
    parts = tables(read(Path(NUMBERS)))
    page = Path(PAGE)
    page.write_text(placed(page.read_text("utf-8"), parts), "utf-8")
    return parts


if __name__ == "__main__":
    print("\n\n".join(main().values()))
