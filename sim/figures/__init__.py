"""One function a figure; each reads a store's tables, says in words what it shows, and returns a Matplotlib figure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim import cases
from sim.figures import facts, rows
from sim.figures.detection_power import detection_power
from sim.figures.dose_response import dose_response
from sim.figures.fingerprint import fingerprint
from sim.figures.forest import forest
from sim.figures.funnel import funnel
from sim.figures.hemicycle import hemicycle
from sim.figures.law_timeline import law_timeline
from sim.figures.lineage import lineage
from sim.figures.observed_unobserved import observed_unobserved
from sim.figures.outcomes import PRIMARY
from sim.figures.pluralism import pluralism
from sim.figures.registered_by_year import registered_by_year
from sim.figures.seats_votes import seats_votes
from sim.figures.style import FORMATS, save
from sim.figures.tilemap import tilemap
from sim.figures.true_official import true_official
from sim.figures.turnout_histogram import turnout_histogram
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.analysis.forensics.stations import Stations
    from sim.batch.store import Results

__all__ = [
    "detection_power",
    "dose_response",
    "figures_all",
    "fingerprint",
    "forest",
    "funnel",
    "hemicycle",
    "law_timeline",
    "lineage",
    "observed_unobserved",
    "pluralism",
    "registered_by_year",
    "save",
    "seats_votes",
    "station_plates",
    "tilemap",
    "true_official",
    "turnout_histogram",
]


def figures_all(
    results: Results, into: Path | str, format: str = "png", note: Callable[[str], None] | None = None
) -> list[Path]:
    """Draw every figure the store's tables allow into a folder; returns the files written, the primary figure first.

    The primary figure is the dose-response where the experiment names a dose, else the forest of its primary outcome.
    What cannot be drawn (no station rows kept, one scenario only) is left out, and ``note`` is told why. Raises
    InputError for a format that is not png, svg or pdf.
    """
    if format not in FORMATS:
        raise InputError(f'format "{format}" is not known; write {", ".join(FORMATS[:-1])} or {FORMATS[-1]}.')
    written = []
    for name, draw in _plates(results).items():
        try:
            written.append(save(draw(), Path(into) / f"{name}.{format}"))
        except InputError as fault:
            if note:
                note(f"{name} not drawn: {fault}")
    return written


def _plates(results: Results) -> dict[str, Callable[[], Figure]]:
    """Every figure by file name: the one that answers the experiment's question first, single scenarios last."""
    primary, base = results.experiment.get("primary") or PRIMARY, rows.default_against(results)
    over_decades, single = "lives" in results.tables, "parties" in results.tables or "lives" not in results.tables
    plates: dict[str, Callable[[], Figure]] = {}
    if results.experiment.get("dose"):
        plates[f"dose-response-{_dashed(primary)}"] = partial(dose_response, results)
    plates[f"forest-{_dashed(primary)}"] = partial(forest, results)
    if single:
        plates |= {
            "forest-effective-parties": partial(forest, results, ["enp_seats", PRIMARY]),
            "pluralism": partial(pluralism, results),
            "fingerprint": partial(fingerprint, results),
            f"turnout-histogram-{base}": partial(turnout_histogram, results),
            f"observed-unobserved-{base}": partial(observed_unobserved, results),
            f"seats-votes-{base}": partial(seats_votes, results, base),
        }
    case = facts.case_of(results, base)
    plates[f"law-timeline-{case}"] = partial(law_timeline, case)
    # of a real country only on request: official figures tell which region is which
    if single and cases.about(case)["fictional"]:
        plates[f"true-official-turnout-{base}"] = partial(true_official, results, base)
        plates[f"true-official-leader-share-{base}"] = partial(true_official, results, base, value="leader_share")
    for level in results.levels:
        plates[f"funnel-{level}"] = partial(funnel, results, level)
        if over_decades:
            plates[f"registered-by-year-{level}"] = partial(registered_by_year, results, level)
        if single:
            plates[f"map-official-turnout-{base}-{level}"] = partial(tilemap, results, base, level)
            for scenario in results.scenarios:
                plates[f"hemicycle-{scenario}-{level}"] = partial(hemicycle, results, scenario, level)
    if over_decades:
        for scenario in results.scenarios:
            plates[f"lineage-{scenario}"] = partial(lineage, results, scenario)
    return plates


def station_plates(stations: Stations) -> dict[str, Callable[[], Figure]]:
    """The figures of a table of stations, by file name."""
    return {
        "fingerprint": partial(fingerprint, stations),
        "turnout-histogram": partial(turnout_histogram, stations),
        "observed-unobserved": partial(observed_unobserved, stations),
    }


def _dashed(measure: str) -> str:
    return measure.replace("_", "-")
