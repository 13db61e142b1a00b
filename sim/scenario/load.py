"""From files to scenarios: what a file extends, what it sets, and every reason why it cannot be run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_origin

from pydantic import BaseModel, ValidationError

from sim.scenario import catalogue, checks
from sim.scenario.explain import (
    Fault,
    Place,
    as_read,
    dotted,
    explain,
    sanitised,
    settings,
    unknown,
    without_echoes,
)
from sim.scenario.schema import Scenario
from sim.strict import InputError

type Tree = dict[str, Any]

_VOTERS = ("population", "voters")
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class Written:
    """A file with everything it extends: the merged tree, and which file each key was last written in."""

    tree: Tree
    files: dict[Place, Path] = field(default_factory=dict)


def load(name_or_path: str | os.PathLike[str]) -> Scenario:
    """The scenario of that name among those that ship with the program, or in that TOML file.

    Raises:
        InputError: no such scenario, or one that cannot be run; the message names every fault at once, each with its
            file, its key, what was read and what is allowed.
    """
    path = catalogue.find(name_or_path, "scenario")
    written = _written(path)
    try:
        return checked(written.tree, Scenario)
    except Faulty as refused:
        said = [f"{_file(fault, written, path)}: {fault.text}" for fault in refused.faults]
        raise InputError("\n".join(said)) from None


def varied[S: Scenario](scenario: S, path: str, value: Any, *, title: str | None = None, name: str | None = None) -> S:
    """A scenario with another value at a dotted path, checked like a file; a table is merged into what is there.

    Raises InputError as :func:`load` does.
    """
    named = name if name is not None else sanitised(f"{scenario.name}-{path}-{_words(value)}")
    return varied_together(scenario, {path: value}, title=title, name=named)


def varied_together[S: Scenario](scenario: S, changes: Mapping[str, Any], *, name: str, title: str | None = None) -> S:
    """A scenario with other values at several dotted paths at once; what stays the same is shared with it.

    Raises InputError as :func:`load` does.
    """
    places = {path: tuple(path.split(".")) for path in changes}
    if strangers := [place for place in places.values() if not _known(place)]:
        raise InputError("\n".join(unknown(place, Scenario) for place in strangers))
    change: Tree = {}
    for path, value in changes.items():
        branch: Any = _plain(value)
        for part in reversed(places[path]):
            branch = {part: branch}
        change = _merged(change, branch)
    tree = _merged(scenario.model_dump(), change)
    if "name" not in change:
        tree["name"] = name
    if "title" not in change:
        tree["title"] = title if title is not None else _with_changes(scenario.title, change)
    try:
        return _sharing(checked(tree, type(scenario)), scenario)
    except Faulty as refused:
        raise InputError("\n".join(fault.text for fault in refused.faults)) from None


def _sharing[M: BaseModel](new: M, old: M) -> M:
    """A model in which tables that are equal to those of another are the same objects: a large design holds many."""
    shared = {}
    for name in type(new).model_fields:
        ours, theirs = getattr(new, name), getattr(old, name)
        if isinstance(ours, BaseModel) and type(ours) is type(theirs):
            shared[name] = theirs if ours == theirs else _sharing(ours, theirs)
    return new.model_copy(update=shared)


def _known(place: Place) -> bool:
    """Whether there is a setting at a place, or one that holds keys of the user's own (``reading.valence``)."""
    every = settings(Scenario)
    open_table = every.get(place[:-1])
    return place in every or (open_table is not None and get_origin(open_table.field.annotation) is dict)


class Faulty(Exception):
    """A tree that is no scenario that can be run, with every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def checked[S: Scenario](tree: Tree, kind: type[S]) -> S:
    """The scenario that a whole tree describes. Raises Faulty."""
    try:
        scenario = validated(tree, kind)
    except Faulty as refused:
        few = [fault.place == _VOTERS and " must be at least 1;" in fault.text for fault in refused.faults]
        voters = checks.too_few(tree["population"]["voters"]) if any(few) else ""
        told = [fault._replace(text=voters) if f else fault for fault, f in zip(refused.faults, few, strict=True)]
        raise Faulty([*told, *_beyond(tree, kind, told)]) from None
    if faults := checks.faults(scenario):
        raise Faulty(faults)
    return scenario


def _beyond(tree: Tree, kind: type[Scenario], told: Sequence[Fault]) -> list[Fault]:
    """Faults of what is spelled rightly, found by leaving out what is not: everything is told at once."""
    rest = deepcopy(tree)
    for fault in told:
        branch: Any = rest
        for step in fault.place[:-1]:
            branch = branch.get(step) if isinstance(branch, dict) else None
        if isinstance(branch, dict) and fault.place:
            branch.pop(fault.place[-1], None)
    rest |= {key: value for key, value in {"name": "x", "title": "x"}.items() if key not in rest}
    stood_in = _stand_in(rest, kind)
    try:
        found = checks.faults(validated(rest, kind))
    except Faulty:
        return []
    return [fault for fault in found if not any(fault.place == place for place in stood_in)]


def _stand_in(tree: Tree, kind: type[Scenario]) -> list[Place]:
    """Fill what a table that is there needs and lacks with nothing (0, no entries); returns the places filled."""
    filled = []
    for place, one in settings(kind).items():
        branch: Any = tree
        for step in place[:-1]:
            branch = branch.get(step) if isinstance(branch, dict) else None
        if isinstance(branch, dict) and len(place) > 1 and one.field.is_required() and place[-1] not in branch:
            branch[place[-1]] = {} if get_origin(one.field.annotation) is dict else 0.0
            filled.append(place)
    return filled


def validated[M: BaseModel](tree: Tree, kind: type[M]) -> M:
    """A tree as a frozen model, without turning text into numbers or the reverse. Raises Faulty."""
    try:
        return kind.model_validate(_plain(tree), strict=True)
    except ValidationError as refused:
        # a list of wrong entries is told of twice: as wrong entries, and as too short without them
        told = [dict(fault) for fault in refused.errors() if fault["type"] != "too_short" or not fault["input"]]
        raise Faulty([explain(fault, kind) for fault in without_echoes(told)]) from None


def _written(path: Path, above: tuple[Path, ...] = ()) -> Written:
    """A file merged over what it extends. Raises InputError for a circle, and for a base that is not there."""
    chain = (*above, path)
    if path.resolve() in {one.resolve() for one in above}:
        circle = " -> ".join(catalogue.shown(one) for one in chain)
        raise InputError(f"{catalogue.shown(chain[0])}: extends goes in a circle: {circle}.")
    tree = catalogue.read(path)
    catalogue.expect(path, tree, "scenario")
    base = Written({})
    extends = tree.pop("extends", None)
    if extends is not None:
        if not isinstance(extends, str):
            said = f"extends = {as_read(extends)}: write one name or file in quotes."
            raise InputError(f"{catalogue.shown(path)}: {said}")
        try:
            under = catalogue.find(extends, "scenario", beside=path.parent)
        except InputError as fault:
            raise InputError(f'{catalogue.shown(path)}: extends = "{extends}": {fault}') from None
        base = _written(under, chain)
    named = {"name": tree.get("name", sanitised(path.stem))}
    titled = {} if "title" in tree or "title" not in base.tree else {"title": _with_changes(base.tree["title"], tree)}
    whole = _merged(base.tree, tree | named | titled)
    whole.setdefault("title", whole["name"])
    return Written(whole, base.files | {place: path for place, _ in _leaves(tree)})


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Tree:
    """One tree laid over another: tables are merged key by key, anything else is replaced."""
    out = dict(base)
    for key, value in over.items():
        below = out.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        out[key] = _merged(cast(Tree, below), value) if both else value
    return out


def _leaves(tree: Mapping[str, Any], above: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every key that holds no table, with its value."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _file(fault: Fault, written: Written, path: Path) -> str:
    """The file to put right: the one that wrote the key, or a key inside the table that is at fault, last."""
    inside = [where for place, where in written.files.items() if place[: len(fault.place)] == fault.place]
    return catalogue.shown(inside[-1] if inside and path not in inside else path)


def _plain(value: Any) -> Any:
    """A value as a frozen model takes it: lists as tuples, NumPy's numbers as Python's own."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_plain(part) for part in value)
    if isinstance(value, BaseModel):
        return _plain(value.model_dump())
    return value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value


def _with_changes(title: Any, changes: Mapping[str, Any]) -> str:
    """A title that says what was changed, for those that give none."""
    said = [
        f"{dotted(place)} = {as_read(_plain(value))}"
        for place, value in _leaves(changes)
        if place not in (("name",), ("title",))
    ]
    rest = f" and {len(said) - 3} more" if len(said) > 3 else ""
    whole = "; ".join([str(title), ", ".join(said[:3]) + rest]) if said else str(title)
    return whole if len(whole) <= _LONGEST_TITLE else whole[: _LONGEST_TITLE - 3] + "..."


def _words(value: Any) -> str:
    """A value as part of a name."""
    if isinstance(value, Mapping):
        return "-".join(f"{key}-{_words(part)}" for key, part in value.items())
    return str(_plain(value)).replace("(", "").replace(")", "").replace("/", "-of-")
