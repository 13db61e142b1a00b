"""What is wrong with a file, in its own words: the key, what was read, what is allowed, and the nearest known key."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Place = tuple[str, ...]
"""A dotted key in parts."""

_MOST_KEYS = 14  # more are not read
_LIMITS = ("ge", "gt", "le", "lt")


class Setting(NamedTuple):
    """One key of a kind of file; ``table`` is its model where it holds further keys."""

    field: FieldInfo
    table: type[BaseModel] | None


class Fault(NamedTuple):
    """Something wrong at a place."""

    place: Place
    text: str


@cache
def settings(root: type[BaseModel]) -> Mapping[Place, Setting]:
    """Every key that a kind of file may have."""
    found: dict[Place, Setting] = {}

    def walk(model: type[BaseModel], above: Place) -> None:
        for name, field in model.model_fields.items():
            kinds = get_args(field.annotation) or (field.annotation,)  # a table that may be left out is Table | None
            table = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
            found[*above, name] = Setting(field, table)
            if table:
                walk(table, (*above, name))

    walk(root, ())
    return found


def explain(fault: Mapping[str, Any], root: type[BaseModel]) -> Fault:
    """A fault found by pydantic in a file of a kind, in words."""
    place = tuple(str(part) for part in fault["loc"] if not isinstance(part, int))  # an entry of a list has no key
    known = settings(root).get(place)
    kind, key = fault["type"], dotted(place)
    if kind == "extra_forbidden":
        return Fault(place, unknown(place, root, table=isinstance(fault["input"], Mapping)))
    if kind == "missing":
        needed = known.field.description if known else None
        return Fault(place, f"{key} is missing" + (f": {needed}." if needed else "."))
    value = fault["input"]
    if known is None and (above := settings(root).get(place[:-1])):  # a key of the user's own in a table of values
        options = get_args(above.field.annotation)
        known = Setting(FieldInfo.from_annotation(options[1]), None) if len(options) == 2 else None
    if kind == "value_error" and isinstance(value, Mapping):  # of a table as a whole
        which = f" on {value['on']}" if "on" in value else ""
        message = _message(fault)
        return Fault(place, f"{key}{which}: {message}" + ("" if message.endswith(("?", ".")) else "."))
    said = _out_of_range(key, value, known) if known else None
    if said is None or kind.endswith("_type"):
        said = _kind_of_fault(kind, key, value, known, fault)
    return Fault(place, said)


def without_echoes(faults: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Faults found by pydantic, misspelt keys first, without the missing key that a misspelt one stands for."""
    typed = [fault for fault in faults if fault["type"] == "extra_forbidden"]
    rest = [fault for fault in faults if fault["type"] != "extra_forbidden"]
    missing = {tuple(fault["loc"]) for fault in rest if fault["type"] == "missing"}
    meant = set()
    for fault in typed:
        *above, name = fault["loc"]
        beside = {str(loc[-1]): loc for loc in missing if loc[:-1] == tuple(above)}
        meant |= {beside[near] for near in difflib.get_close_matches(str(name), beside, n=1)}
    return [*typed, *(fault for fault in rest if fault["type"] != "missing" or tuple(fault["loc"]) not in meant)]


def unknown(place: Place, root: type[BaseModel], *, table: bool = False) -> str:
    """That there is no such key, the nearest at that place, and where else in the file one of that name belongs."""
    *above, name = place
    every = settings(root)
    here = [key[-1] for key in every if key[:-1] == tuple(above)]
    near = difflib.get_close_matches(name, here, n=1)
    elsewhere = _elsewhere(name, every, table=table, exactly=bool(near))
    advice = f' Did you mean "{near[0]}"?' if near else ""
    if elsewhere:
        options = " or ".join(f'"{key}"' for key in elsewhere[:3])
        advice += f" Or do you mean {options}?" if near else f" You may mean {options}."
    keys = ", ".join(here[:_MOST_KEYS]) + (f" and {len(here) - _MOST_KEYS} more" if len(here) > _MOST_KEYS else "")
    listed = f" (keys: {keys})" if here else ""
    return f'unknown key "{dotted(place)}".{advice}{listed}'


def dotted(place: Sequence[str]) -> str:
    """A key as it is written in a file."""
    return ".".join(place)


def as_read(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {as_read(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(as_read(part) for part in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        return str(value)


def _elsewhere(name: str, every: Mapping[Place, Setting], *, table: bool, exactly: bool) -> list[str]:
    """Keys of the same kind (table or not) that end in this name, or, unless ``exactly``, else in one very like it."""
    scheduled = ("decades", "amendment")  # has every key of the law once more
    alike = [p for p, setting in every.items() if (setting.table is not None) == table and p[:2] != scheduled]
    same = [dotted(place) for place in alike if place[-1] == name]
    if same or exactly or len(name) < 4:  # short words are like everything
        return same
    near = difflib.get_close_matches(name, sorted({place[-1] for place in alike}), n=1, cutoff=0.85)
    return [dotted(place) for place in alike if near and place[-1] == near[0]]


def _out_of_range(key: str, value: Any, known: Setting) -> str | None:
    """The message for a number outside its limits; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    low, high = _limits(known.field)
    if math.isfinite(value) and _within(value, low, high):
        return None
    said = f"{key} = {as_read(value)} must {_range(low, high) or 'be a finite number'}"
    if (low, high) == (("ge", 0), ("le", 1)) and 1 < value <= 100:
        return f"{said}. Did you mean {_share(value)} ({value:g}%)?"
    default = known.field.default
    return f"{said}; the default is {as_read(default)}." if isinstance(default, (int, float)) else f"{said}."


def _share(percent: float) -> str:
    """A percentage as a share with at least two places: 0.20, 0.075."""
    share = f"{percent / 100:.10f}".rstrip("0")
    return share if len(share.partition(".")[2]) >= 2 else f"{percent / 100:.2f}"


def _limits(field: FieldInfo) -> tuple[tuple[str, float] | None, tuple[str, float] | None]:
    """The lower and the upper limit of a number, each with whether it is itself allowed (``ge``) or not (``gt``)."""
    every = [(name, getattr(mark, name, None)) for mark in _marks(field) for name in _LIMITS]
    found = [(name, limit) for name, limit in every if limit is not None]
    low = max((one for one in found if one[0] in ("ge", "gt")), key=lambda one: one[1], default=None)
    high = min((one for one in found if one[0] in ("le", "lt")), key=lambda one: one[1], default=None)
    return low, high


def _marks(field: FieldInfo) -> Iterator[Any]:
    """Everything that limits a number, also where the key may be left out (``int | None``)."""
    yield from field.metadata
    for option in get_args(field.annotation):
        for mark in getattr(option, "__metadata__", ()):
            yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)


def _within(value: float, low: tuple[str, float] | None, high: tuple[str, float] | None) -> bool:
    above = low is None or (value >= low[1] if low[0] == "ge" else value > low[1])
    below = high is None or (value <= high[1] if high[0] == "le" else value < high[1])
    return above and below


def _range(low: tuple[str, float] | None, high: tuple[str, float] | None) -> str:
    if low and high:
        edge = "" if (low[0], high[0]) == ("ge", "le") else f" ({low[1]:g} excluded)" if low[0] == "gt" else ""
        return f"lie between {low[1]:g} and {high[1]:g}{edge}"
    if low:
        return f"be at least {low[1]:g}" if low[0] == "ge" else f"be above {low[1]:g}"
    if high:
        return f"be at most {high[1]:g}" if high[0] == "le" else f"be below {high[1]:g}"
    return ""


def _kind_of_fault(kind: str, key: str, value: Any, known: Setting | None, fault: Mapping[str, Any]) -> str:
    read = f"{key} = {as_read(value)}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        keys = ", ".join(known.table.model_fields) if known and known.table else ""
        return f"{read} is {_what(value)} where a table belongs" + (f" (keys: {keys})." if keys else ".")
    if isinstance(value, Mapping):
        if known and known.table:
            return f"{key} is one table where a list of tables belongs; write [[{key}]] in two brackets above each."
        return f"{key} is a table; write {_wanted(kind, known)} instead."
    if kind in ("int_type", "float_type", "bool_type", "string_type", "tuple_type", "int_from_float"):
        return f"{read} {_wrong_kind(kind, value, known)}"
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
        near = difflib.get_close_matches(str(value), allowed, n=1)
        *first, last = [as_read(option) for option in allowed]
        options = f"{', '.join(first)} or {last}" if first else last
        return f"{read} is not known; write {options}." + (f' Did you mean "{near[0]}"?' if near else "")
    if kind in ("too_short", "string_too_short"):
        return f"{read} is empty; it needs at least one {'entry' if kind == 'too_short' else 'letter'}."
    if kind == "string_pattern_mismatch":
        plain = sanitised(str(value))
        return f'{read} may hold only small letters, digits, ".", "-" and "_", such as "{plain}".'
    message = _message(fault)
    link = " " if message.startswith("must ") else ": "
    return f"{read}{link}{message}" + ("" if message.endswith(("?", ".")) else ".")


def _message(fault: Mapping[str, Any]) -> str:
    """What a validator of ours said."""
    return str(fault["msg"]).removeprefix("Value error, ").replace("; did you mean", ". Did you mean")


def _wrong_kind(kind: str, value: Any, known: Setting | None) -> str:
    """What a value is and what to write instead, with the same value spelled rightly where that can be told."""
    if isinstance(value, str) and kind != "tuple_type":
        bare = value.strip().lower()
        number = re.fullmatch(r"[+-]?[\d_]+(\.\d+)?", bare) is not None
        if (kind == "bool_type" and bare in ("true", "false")) or (kind in ("int_type", "float_type") and number):
            return f"is text; write {bare} without quotes."
    if kind == "string_type" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'is a number; write "{value}" in quotes.'
    if kind in ("int_type", "int_from_float") and isinstance(value, float):
        nearest = f", such as {round(value)}" if math.isfinite(value) else ""
        return f"is not whole; write a number without a decimal point{nearest}."
    return f"is {_what(value)}; write {_wanted(kind, known)}."


def _what(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"a {type(value).__name__}"


def _wanted(kind: str, known: Setting | None) -> str:
    limits = _range(*_limits(known.field)) if known else ""
    whole = "a whole number" if kind.startswith("int") else "a number"
    if kind in ("bool_type", "bool_parsing"):
        return "true or false, without quotes"
    if kind.startswith("string"):
        return "text in quotes"
    if kind == "tuple_type":
        return "tables under [[...]]" if known and known.table else "a list in square brackets"
    return f"{whole} that must {limits}" if limits else whole


def sanitised(text: str) -> str:
    """A text as a name may be: small letters, digits, points, hyphens and underscores, at most 80 of them."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).lstrip("._-")[:80].rstrip("._-")
    return plain or "scenario"
