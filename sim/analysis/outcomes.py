"""Which outcomes are compared when none are named, how their names are checked, and how figures are written."""

from __future__ import annotations

import difflib
import math
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.batch.store import Results

MAIN = (
    "autonomous_seat_share_middle",
    "enp_seats",
    "registered_new_disloyal",
    "enp_votes",
    "enp_autonomous",
    "leader_seat_share",
    "gallagher",
    "wasted_share",
    "lists_on_ballot",
    "refusals",
    "true_turnout",
    "official_turnout",
)
"""How much pluralism, how it is lost on the way to seats, and what was done to the count."""


AT_ONCE = 3
"""Outcomes of a store that are held at a time."""


def chosen(results: Results, frame: pd.DataFrame, outcomes: str | Sequence[str] | None) -> list[str]:
    """The outcomes asked for; without any the experiment's primary outcome and those of MAIN that were measured.

    Raises InputError when no run is done, and naming every unknown outcome with the nearest known one.
    """
    from sim.batch.tables import measures

    if frame.empty:
        raise InputError(f"no run in {results.folder} is done yet. majilis status {results.folder} tells why.")
    known = [name for name in measures(frame.columns) if frame[name].dtype.kind in "fi"]
    if outcomes is None:
        primary = results.experiment.get("primary")
        names = [name for name in dict.fromkeys((primary, *MAIN)) if name is not None and name in known]
        return names or known
    asked = list(dict.fromkeys([outcomes] if isinstance(outcomes, str) else outcomes))
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise InputError("\n".join(_unknown("outcome", name, known) for name in unknown))
    return asked


def measured(results: Results, outcomes: str | Sequence[str] | None) -> list[str]:
    """The outcomes asked for, as in :func:`chosen`, of which a store reads no row. Raises InputError as it does."""
    import pandas as pd

    known = getattr(results, "outcomes", None)
    if known is None:  # put together by hand
        return chosen(results, results.to_frame("runs"), outcomes)
    done = any(counts.done for counts in results.counts().values())
    return chosen(results, pd.DataFrame(0.0, index=[0] if done else [], columns=known), outcomes)


def columns_of(results: Results, names: Sequence[str]) -> Iterator[tuple[pd.DataFrame, list[str]]]:
    """Scenario, level, replication and some of the outcomes named, until all have been; and which they are.

    A store of a million runs is held a few columns at a time, and its texts as categories.
    """
    if getattr(results, "outcomes", None) is None:
        yield results.to_frame("runs"), list(names)
        return
    for some in (list(names[i : i + AT_ONCE]) for i in range(0, len(names), AT_ONCE)):
        rows = results.to_arrow("runs", columns=["scenario", "level", "replication", *some])
        frame = rows.to_pandas(strings_to_categorical=True, split_blocks=True, self_destruct=True)
        del rows
        yield frame, some


def scenario_named(results: Results, name: str) -> str:
    """The name itself. Raises InputError with the nearest known name when there is no such scenario."""
    if name not in results.scenarios:
        raise InputError(_unknown("scenario", name, results.scenarios))
    return name


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    """That there is no such name, the nearest ones, and all there are, in lines that a terminal can hold."""
    near = difflib.get_close_matches(name, known, n=3) or [one for one in known if name and name in one][:3]
    guess = f" Did you mean {' or '.join(f'"{one}"' for one in near)}?" if near else ""
    listed = f"({what}s: {', '.join(known)})"
    lines = textwrap.wrap(listed, 78, break_long_words=False, break_on_hyphens=False)
    return "\n  ".join([f'unknown {what} "{name}".{guess}', *lines])


def figure(value: float | None, *, signed: bool = False) -> str:
    """A number for reading: three significant figures, whole thousands; "none" where there is no value."""
    if value is None or math.isnan(value):
        return "none"
    sign = "+" if signed and value > 0 else ""
    size = abs(value)
    if size >= 1000:
        return f"{sign}{value:,.0f}"
    if size < 1e-12:  # what rounding leaves of a difference of equal means
        return "0"
    if size < 1e-5:
        return f"{sign}{value:.0e}"
    return f"{sign}{value:.{min(6, 2 - math.floor(math.log10(size)))}f}"
