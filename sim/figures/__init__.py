"""One function a figure; each reads a store's tables, says in words what it shows, and returns a Matplotlib figure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.figures import rows
from sim.figures.fingerprint import fingerprint
from sim.figures.forest import PRIMARY, forest
from sim.figures.funnel import funnel
from sim.figures.hemicycle import hemicycle
from sim.figures.style import FORMATS, save
from sim.figures.tilemap import tilemap
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results

__all__ = ["figures_all", "fingerprint", "forest", "funnel", "hemicycle", "save", "tilemap"]


def figures_all(
    results: Results, into: Path | str, format: str = "png", note: Callable[[str], None] | None = None
) -> list[Path]:
    """Draw every figure the store's tables allow into a folder; returns the files written.

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
    """Every figure by file name: the comparison first, then its mechanism, then what single scenarios look like."""
    primary, base = results.experiment.get("primary") or PRIMARY, rows.default_against(results)
    plates: dict[str, Callable[[], Figure]] = {
        f"forest-{primary.replace('_', '-')}": partial(forest, results),
        "forest-effective-parties": partial(forest, results, ["enp_seats", PRIMARY]),
        "fingerprint": partial(fingerprint, results),
    }
    for level in results.levels:
        plates[f"funnel-{level}"] = partial(funnel, results, level)
        plates[f"map-official-turnout-{base}-{level}"] = partial(tilemap, results, base, level)
        for scenario in results.scenarios:
            plates[f"hemicycle-{scenario}-{level}"] = partial(hemicycle, results, scenario, level)
    return plates
