"""The verb `diff`: two scenarios side by side, law resolved for their day, only what differs."""

from __future__ import annotations

import csv
import json
import shlex
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import WIDTH, Format

if TYPE_CHECKING:
    from sim.scenario.resolved import Change
    from sim.scenario.schema import Scenario

_MARGIN = "  "


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A scenario by name, or its file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    format: Annotated[Format, typer.Option(help="How the differences are printed.")] = Format.table,
) -> None:
    """Show two scenarios side by side: the law of their day, practice, every other setting; only what differs."""
    from sim.scenario.load import load
    from sim.scenario.resolved import changes, resolved

    both = [load(name) for name in (first, second)]
    found = _comparable(both, changes(*map(resolved, both)))
    if format is Format.json:
        typer.echo(json.dumps(_whole(both, found), indent=2, ensure_ascii=False))
    elif format is Format.csv:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(["setting", "a", "b"])
        table.writerows([one.setting, _plain(one.before), _plain(one.after)] for one in found)
    else:
        typer.echo("\n".join([*_heads(both), "", *_lines(both, found), *_next(both, (first, second))]))


def _comparable(both: Sequence[Scenario], found: Sequence[Change]) -> Sequence[Change]:
    """What can be set side by side: of decades beside one election neither the span's settings nor the law of a day."""
    from sim.scenario.resolved import EACH_DAY

    if not _mixed(both):
        return found
    return [one for one in found if not one.setting.startswith("decades") and EACH_DAY not in (one.before, one.after)]


def _mixed(both: Sequence[Scenario]) -> bool:
    """Whether one is a run of decades and the other of one election."""
    return len({one.decades is None for one in both}) == 2


def _whole(both: Sequence[Scenario], found: Sequence[Change]) -> dict[str, Any]:
    """The differences for other programs; shares of the law are exact, as text."""
    heads = [{"name": one.name, "title": one.title, "law_of": _law_of(one)} for one in both]
    rows = [{"setting": one.setting, "a": _plain(one.before), "b": _plain(one.after)} for one in found]
    return {"a": heads[0], "b": heads[1], "differences": rows}


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _law_of(scenario: Scenario) -> str:
    """The day whose law a scenario goes by: that of its election, or each day of a run of decades."""
    from sim.scenario import case as cases

    if scenario.decades is not None and scenario.law_day is None:
        return "each day"
    return str(scenario.law_day or cases.load(scenario.case, scenario.election).day)


def _heads(both: Sequence[Scenario]) -> Iterator[str]:
    for sign, one in zip("AB", both, strict=True):
        yield from _paragraph(f"{sign}  {one.name}: {one.title}", "   ")


def _lines(both: Sequence[Scenario], found: Sequence[Change]) -> Iterator[str]:
    """A block a table of the file, a line a setting."""
    if _mixed(both):
        spans = [sign for sign, one in zip("AB", both, strict=True) if one.decades]
        yield from _paragraph(
            f"{spans[0]} is a run of decades under the law of each day, the other a run of one election: only settings "
            "that both have are compared.",
            "",
        )
        yield ""
    if not found:
        whole = "Nothing differs: both have the same law and the same value of every setting."
        yield "None of these differs." if _mixed(both) else whole
        return
    blocks: dict[str, list[Change]] = {}
    for change in found:
        table, _, rest = change.setting.partition(".")
        blocks.setdefault(table if rest else "scenario", []).append(change)
    keys = [change.setting.partition(".")[2] or change.setting for change in found]
    widest = min(max(map(len, keys)), WIDTH // 2)
    room = (WIDTH - widest - len(_MARGIN) - 4) // 2
    days = [_law_of(one) for one in both]
    on = f"on {days[0]}" if days[0] == days[1] else f"on {days[0]} and {days[1]}"
    for table in ("scenario", "law", "practice", "population", "mechanism", "reading", "decades"):
        if table in blocks:
            head = f"law {on}".replace("on each day", "of each day") if table == "law" else table
            yield f"{head:{widest + len(_MARGIN)}}  {'A':{room}}  B"
            for change in blocks.pop(table):
                yield from _line(change, widest, room)
            yield ""
    count = len(found)
    yield f"{count} {'setting differs' if count == 1 else 'settings differ'}; the rest is the same."
    elections = {one.election for one in both if one.decades is None}
    if both[0].case != both[1].case or len(elections) == 2:
        yield from _paragraph(
            "They rest on different elections, so parties, results, events and what was fitted to them differ as well.",
            "",
        )


def _line(change: Change, widest: int, room: int) -> Iterator[str]:
    """A setting with both values, each in a column of its own; a long key or value takes more lines."""
    from sim.scenario.resolved import said

    key = change.setting.partition(".")[2] or change.setting
    cells = [textwrap.wrap(said(value), room) or [""] for value in (change.before, change.after)]
    if len(key) > widest:
        yield f"{_MARGIN}{key}"
        key = ""
    for number in range(max(map(len, cells))):
        left, right = (cell[number] if number < len(cell) else "" for cell in cells)
        yield f"{_MARGIN}{key if number == 0 else '':{widest}}  {left:{room}}  {right}".rstrip()


def _next(both: Sequence[Scenario], given: tuple[str, str]) -> Iterator[str]:
    yield f"Next: majilis run {shlex.quote(given[1])}"
    if both[0].case == both[1].case:
        yield f"      majilis law {both[0].case} registration.members  (its history and source)"


def _paragraph(text: str, margin: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
