"""Numbers that others published beside ours, from the same files.

``python -m sim.analysis.forensics.published 2011.csv.zip 2016.csv.zip`` works them out from the station files of the
Russian Duma elections, which are other people's data and not part of the program, keeps
``results/reference/forensics-published.csv`` and writes the table of docs/forensics.md.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_type_hints

from sim.analysis.forensics.integer_peaks import integer_peaks
from sim.analysis.forensics.klimek import klimek
from sim.analysis.forensics.mixture import mixture
from sim.analysis.forensics.reading import read as read_stations
from sim.analysis.forensics.regression import turnout_share
from sim.analysis.forensics.round_shares import round_shares
from sim.analysis.forensics.settings import ForensicSettings
from sim.analysis.forensics.shpilkin import shpilkin
from sim.analysis.forensics.stations import Stations

NUMBERS, PAGE = "results/reference/forensics-published.csv", "docs/forensics.md"
MOSCOW = "Город Москва"
KAZAKHSTAN_2023 = (3_431_510, 693_938, 547_154, 535_139, 432_920, 331_058, 146_431, 248_291)
"""List votes and votes against all, Central Election Commission 2023."""


class Row(NamedTuple):
    """A number as published and as it comes out here."""

    of: str
    what: str
    published: float
    ours: float
    note: str = ""


def rows(first: Stations, second: Stations) -> list[Row]:
    """Every number, from the stations of 2011 and of 2016."""
    out = []
    for year, there, told, excess in ((2011, first, (60.21, 49.31), 1003.5), (2016, second, (47.88, 54.20), 1502.4)):
        totals, peaks = there.totals(), integer_peaks(there)
        out += [
            Row(f"Duma {year}", "turnout, %", told[0], float(totals["turnout"] or 0)),
            Row(f"Duma {year}", "leader, %", told[1], float(totals["leader"] or 0)),
            Row(f"Duma {year}", "integer peaks, excess", excess, float(peaks.values["excess"]), "100 redraws"),
        ]
    return [*out, *_shpilkin(second), *_fits(first), *_moscow(first), *_kazakhstan()]


def _shpilkin(there: Stations) -> list[Row]:
    found = shpilkin(there).values
    return [
        Row("Duma 2016", "Shpilkin, anomalous votes, million", 12.6, found["anomalous_votes"] / 1e6, "press 2016"),
        Row("Duma 2016", "Shpilkin, turnout without them, %", 36.5, found["turnout"]),
        Row("Duma 2016", "Shpilkin, leader without them, %", 40.0, found["leader"]),
    ]


def _fits(there: Stations) -> list[Row]:
    told = {"f_i": 0.64, "f_e": 0.033, "alpha": 2.3, "theta": 0.559, "tau": 0.529, "nu": 0.324}
    told |= {"s_tau": 0.0814, "s_nu": 0.0697}
    ours, three = klimek(there).values, mixture(there).values
    other = "Mebane's mixture is another model"
    return [
        *(Row("Duma 2011", f"Klimek, {name}", value, ours[name], "transcription") for name, value in told.items()),
        Row("Duma 2011", "mixture, f_i", 0.121, three["f_i"], other),
        Row("Duma 2011", "mixture, f_e", 0.0032, three["f_e"], other),
    ]


def _moscow(there: Stations) -> list[Row]:
    found = turnout_share(there.of_region(MOSCOW), ForensicSettings(least_voters=800)).values["interactions"]
    told = {
        "СПРАВЕДЛИВАЯ": ("Just Russia", 1.040),
        "Либерально": ("LDPR", 1.048),
        "Коммунистическая": ("KPRF", 1.015),
        "ЯБЛОКО": ("Yabloko", 1.062),
    }
    out = []
    for part, (name, value) in told.items():
        (key,) = [held for held in found if part in held]
        out.append(
            Row("Moscow 2011", f"turnout x UR beside {name}", value, found[key]["estimate"], "800 voters and more")
        )
    return out


def _kazakhstan() -> list[Row]:
    found = round_shares({str(i): n for i, n in enumerate(KAZAKHSTAN_2023)}).values
    return [
        Row("Kazakhstan 2023", "round shares, lines", 6, found["round"], f"of {found['lines']}"),
        Row("Kazakhstan 2023", "expected by chance", 0.014, found["expected"]),
    ]


def read(path: Path) -> list[Row]:
    """The rows that were kept."""
    kinds = get_type_hints(Row)
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**{name: kinds[name](line[name]) for name in Row._fields}) for line in csv.DictReader(file)]


def table(held: Sequence[Row]) -> str:
    """The table of docs/forensics.md in Markdown."""
    lines = ["| of | what | published | here | off by | note |", "|---|---|---|---|---|---|"]
    for one in held:
        off = f"{100 * (one.ours / one.published - 1):+.1f} %"
        lines.append(f"| {one.of} | {one.what} | {one.published:g} | {one.ours:.4g} | {off} | {one.note} |")
    return "\n".join(lines)


def settings_table() -> str:
    """Every number the tests are set to, with its mark and its source, in Markdown."""
    lines = ["| setting | default | unit | mark | source or reason |", "|---|---|---|---|---|"]
    for name, field in ForensicSettings.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        lines.append(f"| `{name}` | {field.default} | {extra['unit']} | {extra['mark']} | {extra['source']} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> str:
    """Work the numbers out and write the table, or only write the table anew."""
    from sim.analysis.null_a import placed

    ask = argparse.ArgumentParser(description="Published forensic numbers beside ours")
    ask.add_argument("files", nargs="*", help="station files of 2011 and of 2016; none: the numbers kept")
    given = ask.parse_args(arguments)
    if given.files:
        first, second = (read_stations(path) for path in given.files)
        with Path(NUMBERS).open("w", encoding="utf-8", newline="") as file:
            write = csv.writer(file, lineterminator="\n")
            write.writerow(Row._fields)
            for one in rows(first, second):
                write.writerow([one.of, one.what, one.published, round(float(one.ours), 5), one.note])
    part = table(read(Path(NUMBERS)))
    page = Path(PAGE)
    page.write_text(placed(page.read_text("utf-8"), {"published": part, "settings": settings_table()}), "utf-8")
    return part


if __name__ == "__main__":
    print(main())
