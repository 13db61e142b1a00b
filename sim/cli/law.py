"""The verb `law`: what the law of a case says, on any day, with its act and its source."""

from __future__ import annotations

import csv
import difflib
import json
import sys
import textwrap
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim import cases
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.law.parameter import Enacted
    from sim.law.timeline import Law

WIDTH = 80
"""Columns that every terminal has."""


class Format(StrEnum):
    """How figures are printed."""

    table = "table"
    json = "json"
    csv = "csv"


def law_table(case: str, on: str | None = None) -> list[dict[str, Any]]:
    """A row for every parameter: its latest value, or that of a day (YYYY-MM-DD), since when, and on what authority."""
    day = _day(on) if on else date.max
    rows = []
    for name, parameter in law_of(case).parameters.items():
        standing = parameter.on(day)
        since = str(standing.entry.since) if standing.entry else None
        rows.append(
            {
                "parameter": name,
                "value": _plain(standing.value),
                "unit": parameter.unit,
                "since": since,
                "status": standing.status,
                "title": parameter.title,
            }
        )
    return rows


def law_parameter(case: str, parameter: str, on: str | None = None) -> dict[str, Any]:
    """One parameter on a day (YYYY-MM-DD; the latest value without one): value, act, source, and its whole history."""
    found = law_of(case).parameter(parameter)
    standing = found.on(_day(on) if on else date.max)
    return {
        "case": case,
        "parameter": found.name,
        "title": found.title,
        "unit": found.unit,
        "on": on,
        "status": standing.status,
        "value": _plain(standing.value),
        "reason": standing.reason,
        "entry": _entry(standing.entry) if standing.entry else None,
        "before": {
            "status": found.before.status,
            "value": _plain(found.before.value),
            "reason": found.before.reason,
        },
        "history": [_entry(entry) for entry in found.history],
    }


def law(
    case: Annotated[str, typer.Argument(help="A case that ships with the program, such as kazakhstan.")],
    parameter: Annotated[
        list[str] | None, typer.Argument(metavar="RULE", help="Rules, such as registration.members.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="The law of this day.")] = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.table,
    figure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw their histories into this png, svg or pdf instead.")
    ] = None,
) -> None:
    """Show what the law says, since when, by which act, and who says so."""
    if figure is not None:
        _draw(case, parameter, figure, on)
    elif not parameter:
        rows = law_table(case, on)
        lines, again = _table_lines(rows, case, on), f"majilis law {case} registration.members --on 2016-03-20"
        _print(rows, rows, lines, format)
        typer.echo(f"Next: {again}", err=format is not Format.table)
    else:
        _answer(case, parameter, on, format)


def _answer(case: str, names: Sequence[str], on: str | None, format: Format) -> None:
    """Print one rule or several, one below the other."""
    answers = [law_parameter(case, name, on) for name in dict.fromkeys(names)]
    lines = [line for answer in answers for line in ("", *_answer_lines(answer))][1:]
    history = [
        {"parameter": answer["parameter"]} | entry | {"variants": len(entry["variants"])}
        for answer in answers
        for entry in answer["history"]
    ]
    _print(answers[0] if len(answers) == 1 else answers, history, lines, format)
    again = f"majilis law {case}" + (f" --on {on}" if on else "")
    typer.echo(f"Next: {again}", err=format is not Format.table)


def _draw(case: str, names: Sequence[str] | None, file: Path, on: str | None) -> None:
    """Write a picture of the histories of some rules, or of those that the figure chooses."""
    if on is not None:
        raise InputError("--figure draws the whole history; leave --on out.")
    known = law_of(case)
    for name in names or ():
        known.parameter(name)
    from sim.figures import law_timeline, save

    save(law_timeline(case, list(dict.fromkeys(names)) if names else None), file)
    typer.echo(file)


def law_of(case: str) -> Law:
    """The law of a case. Raises InputError, with the nearest name, where there is no such case."""
    from sim.law.timeline import Law

    if case not in cases.names():
        near = difflib.get_close_matches(case, cases.names(), n=1)
        advice = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(cases.names())}."
        raise InputError(f'unknown case "{case}". {advice}')
    return Law.load(cases.folder(case))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f'--on "{text}" is not a day; write YYYY-MM-DD, such as 2016-03-20.') from None


def _plain(value: Any) -> Any:
    """A value as JSON can hold it, exactly: a fraction becomes its text."""
    if isinstance(value, Fraction):
        return str(value)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _entry(entry: Enacted[Any]) -> dict[str, Any]:
    """An entry of a history as the law file has it."""
    fields = {key: _plain(getattr(entry, key)) for key in type(entry).model_fields if key != "variants"}
    variants = [{"value": _plain(v.value), "source": v.source, "why_not": v.why_not} for v in entry.variants]
    return fields | {"since": str(entry.since), "status": entry.status, "variants": variants}


def _words(value: Any) -> str:
    """A plain value as a reader says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        pairs = any(isinstance(part, list) for part in value)
        return ("; " if pairs else ", ").join(_words(part) for part in value) or "none"
    if isinstance(value, str) and value.replace("/", "", 1).isdecimal():
        percent = Fraction(value) * 100
        return f"{percent} %" if percent.denominator == 1 else value
    return f"{value:,}" if isinstance(value, int) else str(value)


def _measured(value: Any, unit: str) -> str:
    """A plain value with its unit, where it is a number of something."""
    return f"{_words(value)} {unit}" if type(value) is int else _words(value)


def _table_lines(rows: list[dict[str, Any]], case: str, on: str | None) -> list[str]:
    """The table of all parameters, 80 columns wide at most."""
    names, dates = max(len(row["parameter"]) for row in rows), len("2022-01-05/2022-09-19")
    room = WIDTH - names - dates - 2
    lines = [f"Law of {case}, {on or 'latest values'}", f"{'parameter':{names}} {'value':{room}} since"]
    for row in rows:
        first, *more = textwrap.wrap(_measured(row["value"], row["unit"]), room)
        lines.append(f"{row['parameter']:{names}} {first:{room}} {row['since'] or row['status']}")
        lines += [f"{'':{names}} {part}" for part in more]
    return lines


def _answer_lines(answer: dict[str, Any]) -> list[str]:
    """One parameter: the value of the day with its authority, then everything that was ever in force."""
    entry, value = answer["entry"], _measured(answer["value"], answer["unit"])
    silent = "" if entry else f"{answer['status']}; taken as "
    lines = [
        *textwrap.wrap(f"{answer['parameter']}: {answer['title']}", WIDTH),
        *textwrap.wrap(f"{answer['on'] or 'latest'}: {silent}{value}", WIDTH),
    ]
    if entry:
        lines += _wrapped("act", f"{entry['act']}, {entry['citation']}".rstrip(", "))
        lines += _wrapped("since", entry["since"])
        lines += _wrapped("source", entry["source"])
        checked = "read in the text of the act" if entry["checked"] else "not checked against the text of the act"
        lines += _wrapped("confidence", f"{entry['confidence']}; {checked}")
        lines += _wrapped("note", entry["note"])
        for variant in entry["variants"]:
            lines += _wrapped("but", f"{_words(variant['value'])} in {variant['source']}: {variant['why_not']}")
    lines += _wrapped(answer["status"], answer["reason"])
    lines.append("history")
    before = answer["before"]
    lines += _wrapped("before", f"{_words(before['value'])} ({before['status']}: {before['reason']})")
    for past in answer["history"]:
        lines += _wrapped(past["since"], f"{_words(past['value'])} ({past['status']}) {past['act']}", margin=24)
    return lines


def _wrapped(label: str, text: str, margin: int = 14) -> list[str]:
    """A labelled paragraph with a hanging margin; nothing for an empty text."""
    if not text:
        return []
    return textwrap.wrap(f"  {label:{margin - 2}}{text}", WIDTH, subsequent_indent=" " * margin, break_on_hyphens=False)


def _print(whole: Any, rows: list[dict[str, Any]], lines: list[str], format: Format) -> None:
    if format is Format.json:
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    elif format is Format.csv:
        table = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({key: _words(cell) if isinstance(cell, list) else cell for key, cell in row.items()})
    else:
        typer.echo("\n".join(lines))
