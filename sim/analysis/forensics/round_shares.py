"""National totals at round shares: more lists within a few votes of a whole tenth of a percent than chance gives."""

from __future__ import annotations

from collections.abc import Mapping

from scipy import stats

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings

TEST = "round_shares"
QUESTION = "Round shares: how many national totals lie on a whole 0.1 % of the ballots?"
SOURCE = "noted for the list vote of Kazakhstan 2023; the chance is counted here"
CANNOT = (
    "where between the stations and the total the figures were made, or what they were before; totals that were made "
    "up without rounding pass."
)
PARTS = 1000
"""A whole 0.1 % is a thousandth."""


def round_shares(votes: Mapping[str, int], total: int | None = None, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Lines within ``round_within`` votes of a whole 0.1 % of ``total`` (by default their sum), beside chance.

    By chance a line lies there in (2 k + 1) of every total / 1000 cases, k being ``round_within``.
    """
    base = sum(votes.values()) if total is None else total
    near = settings.round_within
    empty = dict.fromkeys(("lines", "round", "expected", "which"))
    lines = {name: n for name, n in votes.items() if n > 0}
    chance = (2 * near + 1) * PARTS / base if base else 1.0
    if not lines or chance > 0.2:
        why = (
            "no line has votes."
            if not lines
            else f"0.1 % of {base:,} ballots is {base / PARTS:,.1f}; by chance too many lie within {near} votes of it."
        )
        return no_answer(TEST, QUESTION, why, unit="lines", cannot_tell=CANNOT, source=SOURCE, **empty)
    found = [name for name, n in lines.items() if _distance(n, base) <= near * PARTS]
    expected = len(lines) * chance
    p = float(stats.binom.sf(len(found) - 1, len(lines), chance))
    low, high = (float(x) for x in stats.binom.interval(0.95, len(lines), chance))
    plural = "line lies" if len(found) == 1 else "lines lie"
    reading = (
        f"{len(found)} of {len(lines)} {plural} within {near} votes of it ({base:,} ballots); by chance "
        f"{expected:.3f}, p {p:.2g}."
    )
    return Finding(
        TEST,
        QUESTION,
        float(len(found)),
        "lines",
        (low, high),
        "how many lines chance puts there, 95 %",
        ("last digits of a total are even over a thousandth of all ballots", "lines are independent but for their sum"),
        CANNOT,
        SOURCE,
        values={"lines": len(lines), "round": len(found), "expected": expected, "total": base, "which": found},
        p=p,
        reading=reading,
    )


def _distance(votes: int, base: int) -> int:
    """PARTS times the votes between a line and the nearest whole thousandth of the base, exactly."""
    rest = votes * PARTS % base
    return min(rest, base - rest)
