"""Where scenarios and experiments are: those that ship with the program, by name, and the user's own, by path."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sim.strict import InputError

Kind = Literal["scenario", "experiment"]

OF_SCENARIOS = frozenset(
    {
        "extends",
        "title",
        "case",
        "election",
        "law_day",
        "years_before",
        "decades",
        "level",
        "reading",
        "population",
        "law",
        "practice",
        "mechanism",
    }
)
"""Keys that only a scenario's file has."""

OF_EXPERIMENTS = frozenset(
    {
        "question",
        "estimand",
        "primary",
        "scenarios",
        "levels",
        "against",
        "replications",
        "why_replications",
        "stations",
        "dose",
        "interaction",
        "design",
        "stop",
    }
)
"""Keys that only an experiment's file has."""

MOST_BYTES, MOST_KEYS, MOST_NESTED = 4_000_000, 1_000, 20
"""Size of a file, keys in it (the points of a design apart) and tables within tables beyond which it is refused."""

MOST_DOTS = 1_000
"""Dots before the = of a line beyond which it is not even parsed."""

_A: dict[Kind | None, str] = {"scenario": "a scenario", "experiment": "an experiment"}

_PLACE = re.compile(r"(?P<what>.*) \(at (?P<where>.*)\)")  # how tomllib says where it stopped


@cache
def folder() -> Path:
    """The folder of scenarios: inside the package when installed from a wheel, else beside it."""
    package = Path(__file__).parents[1]
    shipped = package / "_scenarios"
    return shipped if shipped.is_dir() else package.parent / "scenarios"


def shipped(kind: Kind) -> dict[str, Path]:
    """Name to file of everything of a kind that ships with the program, in alphabetical order."""
    place = folder() if kind == "scenario" else folder() / "experiments"
    return {path.stem: path for path in sorted(place.glob("*.toml"), key=lambda path: path.stem)}


def of_decades(name: str) -> bool:
    """Whether a shipped scenario is a run of decades, by its own file or by what it extends."""
    known, seen = shipped("scenario"), set()
    while name in known and name not in seen:
        seen.add(name)
        tree = read(known[name])
        if "decades" in tree:
            return True
        name = str(tree.get("extends", ""))
    return False


def find(asked: str | os.PathLike[str], kind: Kind, beside: Path | None = None) -> Path:
    """The file of a scenario or an experiment, by shipped name or by path.

    What ends in ``.toml`` or holds a separator is a path, from the folder ``beside`` where given. Raises InputError,
    with the nearest name or file, where there is none.
    """
    text = os.fspath(asked)
    if isinstance(asked, str) and not (text.endswith(".toml") or "/" in text or os.sep in text):
        known = shipped(kind)
        if text in known:
            return known[text]
        raise InputError(_unknown(text, kind, known, beside))
    path = (beside / text) if beside else Path(text)
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError(f"{text} is a folder; name one {kind} file in it.")
    raise InputError(f"no file {shown(path)}.{_nearest_file(path)}")


def read(path: Path) -> dict[str, Any]:
    """The TOML tree in a file. Raises InputError with the line where it is not TOML, and for one without measure."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError(f"{shown(path)}: is larger than {MOST_BYTES // 1_000_000} MB; no such file is meant.")
        if any(line.partition(b"=")[0].count(b".") > MOST_DOTS for line in content.splitlines()):
            raise RecursionError  # the parser would take minutes to say so
        tree = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as fault:
        raise InputError(f"{shown(path)}: cannot be read ({fault.strerror}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{shown(path)}: is not UTF-8 text; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as fault:
        found = _PLACE.fullmatch(str(fault))
        where, what = (f", {found['where']}", found["what"]) if found else ("", str(fault))
        raise InputError(f"{shown(path)}{where}: not TOML: {what}.") from None
    except RecursionError:
        raise InputError(f"{shown(path)}: tables or lists are nested too deep.") from None
    except ValueError as fault:  # a number of thousands of digits
        raise InputError(f"{shown(path)}: not TOML: {str(fault).partition(';')[0]}.") from None
    for excess in _beyond_measure(tree):
        raise InputError(f"{shown(path)}: {excess}")
    return tree


def _beyond_measure(tree: Mapping[str, Any]) -> Iterator[str]:
    """What no file of ours has, and what would keep its reader busy or fill its messages: the first such thing."""
    keys = 0
    left: list[tuple[tuple[str, ...], Any]] = [((), tree)]
    while left:
        place, branch = left.pop()
        if isinstance(branch, Mapping):
            keys += 0 if place[:2] == ("design", "point") else len(branch)
            if keys > MOST_KEYS:
                yield f"has more than {MOST_KEYS:,} keys; no such file is meant."
                return
            left += [((*place, key), value) for key, value in branch.items()]
        elif isinstance(branch, list):
            left += [(place, value) for value in branch]
        elif isinstance(branch, int) and not -(2**63) <= branch < 2**63:
            yield f"{'.'.join(place)[:80]}: a whole number has at most 64 bits."
            return
        if len(place) > MOST_NESTED:
            yield f"{'.'.join(place)[:80]}...: tables are nested too deep."
            return


def kind_of(tree: Mapping[str, Any]) -> Kind | None:
    """What a file is by its keys; None where they do not tell."""
    asked, world = len(tree.keys() & OF_EXPERIMENTS), len(tree.keys() & OF_SCENARIOS)
    return None if asked == world else "experiment" if asked > world else "scenario"


def expect(path: Path, tree: Mapping[str, Any], kind: Kind) -> None:
    """Nothing, where a file is of a kind or may be. Raises InputError with the command for it where it is not."""
    found = kind_of(tree)
    if found not in (None, kind):
        named = shown(path)
        raise InputError(f"{named} is {_A[found]}, not {_A[kind]}. To run it: {_command(found, named)}")


def title(path: Path) -> str:
    """The title of a scenario or the question of an experiment, as written in the file; empty where it has none."""
    tree = read(path)
    return str(tree.get("title", tree.get("question", "")))


def shown(path: Path) -> str:
    """A path as the user would write it: from the working folder where it lies inside."""
    whole, here = path.resolve(), Path.cwd()
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else str(path)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' Did you mean "..."?' with the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _unknown(name: str, kind: Kind, known: dict[str, Path], beside: Path | None) -> str:
    own = (beside or Path()) / f"{name}.toml"
    if own.is_file():
        return f'no {kind} named "{name}" ships with the program. Did you mean the file "{name}.toml"?'
    other: Kind = "experiment" if kind == "scenario" else "scenario"
    if name in shipped(other):
        return f'"{name}" is {_A[other]}, not {_A[kind]}. To run it: {_command(other, name)}'
    near = difflib.get_close_matches(name, known, n=3)
    guess = f" Did you mean {' or '.join(as_quoted(near))}?" if near else ""
    return f'unknown {kind} "{name}".{guess} (majilis scenarios lists every {kind}; or give the path of a .toml file)'


def _command(kind: Kind | None, name: str) -> str:
    return f"majilis {'batch' if kind == 'experiment' else 'run'} {shlex.quote(name)}"


def as_quoted(names: Iterable[str]) -> list[str]:
    """Names in the quotes in which a message shows them."""
    return [f'"{name}"' for name in names]


def _nearest_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f" There is no folder {shown(path.parent)}."
    near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.toml")], n=1)
    return f' Did you mean "{shown(path.parent / near[0])}"?' if near else ""
