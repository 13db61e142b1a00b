"""The reference of every setting of a scenario, written from the models that declare them.

``python -m sim.scenario.reference`` prints it; docs/parameters.md holds what it prints.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.actors.settings import Pressure
from sim.law.timeline import Law
from sim.malpractice.practice import OPEN, Practice
from sim.scenario import case as case_files
from sim.scenario.case import Case
from sim.scenario.explain import Place, Setting, dotted, settings
from sim.scenario.schema import Scenario

_INTRO = """\
# Settings

Every setting of a scenario by its dotted path, as it is written in a file or in `vary`. This page is generated from
the models in the code and must not be edited: `python -m sim.scenario.reference > docs/parameters.md` writes it anew.
What the settings do is told in [odd.md](odd.md).

Marks say where a default comes from. *sourced*: a published number, with the reference. *calibrated*: fitted to data
by this project. *prototype*: a value that a throwaway prototype found and that awaits a fit of the model itself.
*assumed*: nobody knows it; vary it before resting anything on it. A dash: a choice of the user, neither right nor
wrong. Numbers are shown to four significant figures."""

_PRACTICE = """\
## Practices

One lever for each link of the menu of manipulation, each between 0 and 1. At its *enacted* value a practice is as it
was, in the amounts of its mechanism; at its *open* value it is switched off and changes nothing. Enacted is the
default."""

_LAW = """\
## The law

What a scenario leaves out is the dated law of the case. The table shows the law of the case {case} on the day of its
election {election}, {day}; on other days of a run other values may hold. Status: *enacted*, a source gives the value;
*assumed*, none does; *absent*, the law had no such rule; *unknown*, it may have had one. `majilis law {case}` and the
name of a rule print its whole history. Several rules are on record and can be asked for, but nothing in a run reads
them yet: [odd.md](odd.md) lists those that act."""


def markdown() -> str:
    """The whole page."""
    case = case_files.load(_default("case"), _default("election"))
    own: dict[Place, Setting] = {
        place: one for place, one in settings(Scenario).items() if len(place) == 1 and not one.table
    }
    parts = [_INTRO, "## Scenario", _table(own), _practices(), *_section("population")]
    parts += ["## Mechanisms", _words(_model("mechanism"))]
    for name in _model("mechanism").model_fields:
        parts += _section("mechanism", name)
    parts += [*_section("reading"), *_decades(), _law(case)]
    return "\n\n".join(parts) + "\n"


def _default(name: str) -> Any:
    return Scenario.model_fields[name].default


def _model(*place: str) -> type[BaseModel]:
    """The model of a table of the scenario."""
    table = settings(Scenario)[place].table
    assert table is not None
    return table


def _section(*place: str) -> Iterable[str]:
    """Heading, words and table of the settings right below a place."""
    below = {where: one for where, one in settings(Scenario).items() if where[:-1] == place and _plain(one)}
    level = "##" if len(place) == 1 else "###"
    return f"{level} {dotted(place)}", _words(_model(*place)), _table(below)


def _plain(one: Setting) -> bool:
    """Whether a setting is written in one line: it is no table, or a dated series."""
    return one.table is None or one.table is Pressure


def _words(model: type[BaseModel]) -> str:
    """What a model says of itself, in one paragraph, without the signs of the markup of docstrings."""
    said = inspect.getdoc(model) or ""
    return " ".join(re.sub(r":\w+:`~?([^`]*)`", r"\1", said).replace("``", "`").split())


def _table(rows: Mapping[Place, Setting]) -> str:
    head = ("setting", "default", "unit", "mark", "source or reason")
    return _drawn(head, [_row(place, setting.field) for place, setting in rows.items()])


def _row(place: Place, field: FieldInfo) -> tuple[str, ...]:
    extra: dict[str, Any] = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    said, mark = field.description or "", extra.get("mark", "")
    if bracketed := re.fullmatch(r"(.*) \[(\w+)\]", said):  # a reading's fields have no default to mark
        said, mark = bracketed[1], bracketed[2]
    if place[0] == "reading":
        default = "that of the level"
    else:
        default = "required" if field.is_required() else _shown(field.default)
    return f"`{dotted(place)}`", default, extra.get("unit", ""), mark or "-", said


def _decades() -> Iterable[str]:
    """A run of decades: its own settings, then those of each of its parts; amendments without every rule of law."""
    yield from _section("decades")
    for name in _model("decades").model_fields:
        if settings(Scenario)["decades", name].table is not None and name not in ("pressure", "elite"):
            yield from _section("decades", name)


def _practices() -> str:
    rows = []
    for name, field in Practice.model_fields.items():
        what = (field.description or "").partition(". ")[0]
        extra = field.json_schema_extra
        mark = str(extra["mark"]) if isinstance(extra, dict) else "-"
        rows.append((f"`practice.{name}`", _shown(field.default), _shown(getattr(OPEN, name)), mark, what))
    return "\n\n".join([_PRACTICE, _drawn(("practice", "enacted", "open", "mark", "what it scales"), rows)])


def _law(case: Case) -> str:
    rows = []
    for place, setting in settings(Scenario).items():
        if place[0] == "law" and setting.table is None:
            extra = setting.field.json_schema_extra
            unit = str(extra["unit"]) if isinstance(extra, dict) else ""
            value, status, source = _standing(case.law, dotted(place[1:]), case)
            rows.append((f"`{dotted(place)}`", value, unit, status, f"{setting.field.description}. {source}"))
    said = _LAW.format(case=case.name, election=_default("election"), day=f"{case.day.day} {case.day:%B %Y}")
    return "\n\n".join([said, _drawn(("rule", "value", "unit", "status", "what it says, and the source"), rows)])


def _standing(law: Law, name: str, case: Case) -> tuple[str, str, str]:
    """A rule's value on election day, its status, and its source without the address."""
    standing = law.parameter(name).on(case.day)
    source = (standing.entry.source if standing.entry else "") or standing.reason
    return _shown(standing.value), standing.status, source.partition(" | ")[0]


def _shown(value: Any) -> str:
    """A value as a file would have it, floats to four figures."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (tuple, list)):
        nested = [f"({_shown(part)})" if isinstance(part, (tuple, list)) else _shown(part) for part in value]
        return ", ".join(nested) or "none"
    return str(value)


def _drawn(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    print(markdown(), end="")
