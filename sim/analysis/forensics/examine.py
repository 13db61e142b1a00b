"""Every test on one table of stations, and what they found as text, as JSON and as a schema."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.forensics import digits, klimek, mixture, regression, shpilkin
from sim.analysis.forensics import integer_peaks as peaks
from sim.analysis.forensics import round_shares as rounds
from sim.analysis.forensics.columns import Asked
from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.reading import read, told
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Stations

WIDTH = 80

CAUTION = (
    "No test here measures fraud. Each compares the table with a picture of honest stations that may be wrong; places "
    "that differ honestly fail some of them. With several tests one may fail by chance alone. No region and no station "
    "is accused by any of this."
)
SIMULATED = (
    "SIMULATED protocols under assumptions, no evidence about real stations. The shapes come from what was assumed; "
    "official is what was published, true what voters did."
)

_TESTS: dict[str, tuple[Callable[[Stations, ForensicSettings], Finding], tuple[str, ...], str, str, str]] = {
    peaks.TEST: (peaks.integer_peaks, ("voters", "cast"), peaks.QUESTION, peaks.CANNOT, peaks.SOURCE),
    shpilkin.TEST: (shpilkin.shpilkin, ("voters", "cast"), shpilkin.QUESTION, shpilkin.CANNOT, shpilkin.SOURCE),
    klimek.TEST: (klimek.klimek, ("voters", "cast"), klimek.QUESTION, klimek.CANNOT, klimek.SOURCE),
    mixture.TEST: (mixture.mixture, ("voters", "cast"), mixture.QUESTION, mixture.CANNOT, mixture.SOURCE),
    digits.LAST: (digits.last_digit, (), digits.LAST_QUESTION, digits.LAST_CANNOT, digits.LAST_SOURCE),
    digits.SECOND: (digits.second_digit, (), digits.SECOND_QUESTION, digits.SECOND_CANNOT, digits.SECOND_SOURCE),
    regression.TURNOUT: (
        regression.turnout_share,
        ("voters", "cast"),
        regression.TURNOUT_QUESTION,
        regression.TURNOUT_CANNOT,
        regression.TURNOUT_SOURCE,
    ),
    regression.OBSERVERS: (
        regression.observers,
        ("voters", "cast"),
        regression.OBSERVERS_QUESTION,
        regression.OBSERVERS_CANNOT,
        regression.OBSERVERS_SOURCE,
    ),
}
"""Every test on stations, what it needs, and its words; round shares go by totals."""

TESTS = (*_TESTS, rounds.TEST)

_FIGURES: dict[str, tuple[str, ...]] = {
    peaks.TEST: ("excess", "mc_sd", "observed", "mc_mean", "draws", "stations"),
    shpilkin.TEST: ("anomalous_votes", "anomalous_share", "turnout", "leader", "peak"),
    klimek.TEST: ("f_i", "f_e", "alpha", "theta", "tau", "nu", "s_tau", "s_nu"),
    mixture.TEST: ("f_i", "f_e", "alpha", "theta", "turnout", "share", "bic_gain"),
    digits.LAST: ("mean", "expected_mean", "zero_five", "n"),
    digits.SECOND: ("mean", "n"),
    regression.TURNOUT: ("slope", "slope_se", "slope_per_voter", "others_per_voter", "n"),
    regression.OBSERVERS: ("share", "share_se", "turnout", "turnout_se", "observed", "stations"),
    rounds.TEST: ("lines", "round", "expected"),
}
"""The figures of each test that other programs may rely on; null where the test gives no answer."""


@dataclass(frozen=True)
class Examination:
    """What every test found in one table; of simulated stations beside what they find in the true count."""

    title: str
    stations: Stations | None
    findings: Mapping[str, Finding]
    truth: Examination | None = None
    notes: tuple[str, ...] = ()

    def __getitem__(self, test: str) -> Finding:
        return self.findings[test]

    def to_dict(self) -> dict[str, Any]:
        """``about`` (what was read, totals, shapes), an object for each test, and ``true`` where it is simulated."""
        told_of: dict[str, Any] = {"title": self.title, "caution": CAUTION, "notes": list(self.notes)}
        there = self.stations
        if there is not None:
            told_of |= {
                "simulated": there.simulated,
                "leader_name": there.leader_name,
                "columns": dict(there.columns),
                "rows": there.rows or len(there),
                "excluded": {
                    reason: {"rows": len(lines), "first": list(lines[:20])} for reason, lines in there.excluded.items()
                },
                "totals": there.totals(),
                "shapes": there.shapes() if _has(there, ("voters", "cast")) else None,
            }
        out = {"about": told_of, **{name: found.to_dict() for name, found in self.findings.items()}}
        if self.truth is not None:
            out["true"] = self.truth.to_dict()
        return _clean(out)

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON; what has no value is null."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def to_text(self, width: int = WIDTH) -> str:
        """Everything in words, in lines of at most ``width`` columns."""
        return "\n".join(self._lines(width))

    def _lines(self, width: int) -> Iterator[str]:
        yield from _wrap(f"Election forensics of {self.title}", width)
        there = self.stations
        if there is not None and there.simulated:
            yield from _wrap(SIMULATED, width)
        if there is not None:
            yield from _head(there, width)
        for note in self.notes:
            yield from _wrap(f"note: {note}", width, "  ")
        for found in self.findings.values():
            yield ""
            yield from found.lines(width)
        if self.truth is not None:
            yield from ("", *_wrap("The same tests on what voters did (known only because it is simulated)", width))
            for found in self.truth.findings.values():
                yield from _wrap(f"{found.test}: {found.reading or 'no answer, ' + found.why}", width, "  ")
        yield ""
        yield from _wrap(CAUTION, width)


def _head(there: Stations, width: int) -> Iterator[str]:
    totals = there.totals()
    parts = [f"{len(there):,} stations"]
    if "voters" not in there.missing:
        parts.append(f"{totals['voters']:,} voters")
    if _has(there, ("voters", "cast")) and totals["turnout"] is not None:
        parts.append(f"turnout {totals['turnout']:.2f} %")
    if _has(there, ("cast",)) and totals["leader"] is not None:
        parts.append(f"leader {totals['leader']:.2f} % of ballots")
    yield from _wrap(", ".join(parts) + f'. Leader: "{there.leader_name}".', width)
    for key, name in there.columns.items():
        if key not in ("leader", name):
            yield from _wrap(f"{key} is {name}", width, "  ")
    for reason, lines in there.excluded.items():
        yield from _wrap(f"left out: {told(reason, lines)}", width, "  ")


def _has(there: Stations, needed: tuple[str, ...]) -> bool:
    """Whether a table has what a test needs, or something that stands for it."""
    return not any(there.missing.get(key, "").endswith("left out") for key in needed)


def _wrap(text: str, width: int, margin: str = "") -> list[str]:
    held = text.replace(" %", "\0%")
    lines = textwrap.wrap(
        held, width, initial_indent=margin, subsequent_indent=margin and margin + "  ", break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in lines]


def _clean(value: Any) -> Any:
    """Plain Python, with null for what is not a number."""
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def examine(
    table: Stations | Path | str | Any,
    settings: ForensicSettings = DEFAULTS,
    *,
    asked: Asked | None = None,
    truth: Stations | None = None,
) -> Examination:
    """Every test on a table of stations: a :class:`Stations`, a file, or a data frame with the canonical columns.

    Raises InputError where a file or frame cannot be read. ``truth`` are the same stations as voters left them, of a
    simulation.
    """
    there = (
        table if isinstance(table, Stations) else read(table, asked) if isinstance(table, Path | str) else framed(table)
    )
    findings: dict[str, Finding] = {}
    for name, (test, needed, question, cannot, source) in _TESTS.items():
        if _has(there, needed):
            findings[name] = test(there, settings)
            continue
        lacking = " and ".join(f'"{key}"' for key in needed if not _has(there, (key,)))
        empty = dict.fromkeys(_FIGURES[name])
        findings[name] = no_answer(
            name, question, f"the table has no column {lacking}.", unit="", cannot_tell=cannot, source=source, **empty
        )
    findings[rounds.TEST] = rounds.round_shares(*_national(there), settings)
    beside = examine(truth, settings) if truth is not None else None
    return Examination(there.title or "a table", there, findings, beside, there.notes)


def of_totals(votes: Mapping[str, int], title: str, settings: ForensicSettings = DEFAULTS) -> Examination:
    """The one test that national totals of lists allow."""
    note = "national totals only: every other test needs stations"
    return Examination(title, None, {rounds.TEST: rounds.round_shares(votes, None, settings)}, None, (note,))


def _national(there: Stations) -> tuple[dict[str, int], int]:
    """Sums of the leader and of every other list that is known, and of the ballots in the box."""
    votes = {there.leader_name: int(there.leader.sum())} | {k: int(v.sum()) for k, v in there.lists.items()}
    return votes, int(there.cast.sum())


def framed(frame: Any) -> Stations:
    """A pandas data frame with canonical columns as stations, checked as a file is."""
    from sim.analysis.forensics.reading import from_rows

    rows = [(1, [str(name) for name in frame.columns])]
    columns = [
        ["" if value is None or value != value else str(value) for value in frame[name].tolist()]
        for name in frame.columns
    ]
    rows += [(line, list(row)) for line, row in enumerate(zip(*columns, strict=True), start=2)]
    return from_rows(Path("a data frame"), rows, Asked(), [])


def of_run(frame: Any, title: str) -> tuple[Stations, Stations]:
    """The stations of one simulated run, official and true, from a table of the store."""
    from sim.analysis.forensics.stations import Names

    def names(column: str) -> Names:
        return np.asarray(frame[column].to_numpy(object))

    def whole(column: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.asarray(frame[column].to_numpy(np.int64))

    official = Stations(
        region=names("region"),
        station=names("station"),
        voters=whole("voters"),
        given=whole("given"),
        cast=whole("cast"),
        leader=whole("official_leader" if "official_leader" in frame else "leader"),  # as published
        territory=names("territory" if "territory" in frame else "district"),
        observed=np.asarray(frame["observed"].to_numpy(bool)),
        leader_name="party of power",
        title=title,
        rows=len(frame),
        simulated=True,
    )
    kept = official.voters > 0
    notes = () if kept.all() else (f"{int((~kept).sum())} stations without voters are left out",)
    official = replace(official.take(kept), notes=notes)
    true_cast, true_leader = whole("true_cast")[kept], whole("true_leader")[kept]
    return official, replace(
        official, given=true_cast, cast=true_cast, leader=true_leader, title=f"{title}, true count"
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of what ``majilis forensics --format json`` prints."""
    number = {"type": ["number", "null"]}
    text = {"type": ["string", "null"]}
    pair = {"type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    common: dict[str, Any] = {
        "question": {"type": "string"},
        "refused": {"type": "boolean", "description": "true where the test does not answer; why says so"},
        "why": text,
        "estimate": number,
        "unit": {"type": "string"},
        "interval": pair,
        "interval_of": {"type": "string"},
        "p": number,
        "reading": text,
        "assumptions": {"type": "array", "items": {"type": "string"}},
        "cannot_tell": {"type": "string"},
        "warning": text,
        "source": {"type": "string"},
    }
    tests = {
        name: {
            "type": "object",
            "properties": {**common, **dict.fromkeys(figures, number)},
            "required": [*common, *figures],
        }
        for name, figures in _FIGURES.items()
    }
    about = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "caution": {"type": "string"},
            "notes": {"type": "array", "items": {"type": "string"}},
            "simulated": {"type": "boolean"},
            "leader_name": {"type": "string"},
            "columns": {"type": "object", "description": "what was read as what; sums with a plus"},
            "rows": {"type": "integer"},
            "excluded": {"type": "object", "description": "rows left out, by reason"},
            "totals": {"type": "object", "description": "stations, voters, turnout and leader in percent"},
            "shapes": {"type": ["object", "null"], "description": "spreads in points; turnout by ballots in the box"},
        },
        "required": ["title", "caution", "notes"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Majilis forensics",
        "type": "object",
        "properties": {
            "about": about,
            **tests,
            "true": {"$ref": "#", "description": "of a simulation: the true count"},
        },
        "required": ["about", rounds.TEST],
    }
