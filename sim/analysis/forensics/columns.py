"""Which columns of somebody else's table are which: by what the user says, else by the names offices give them."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.strict import InputError

CANONICAL = ("region", "territory", "station", "voters", "given", "cast", "leader", "observed")
"""Columns by their own names; ``given``, ``cast`` and ``voters`` may be the sum of several."""

FILE_KEYS = (*CANONICAL, "lists", "encoding", "separator")

_KNOWN: dict[str, tuple[str, ...]] = {
    "region": ("regions?|oblast|province|state", "регион|субъект( рф)?|область|облыс|провинция"),
    "territory": (
        "territory",
        "tik|tec|тик",
        "raion|district|county|municipality|район",
        "oik|оик|constituency|округ",
    ),
    "station": (
        "stations?( ?(id|number|no))?|uik|ps|precinct( ?(id|number|no))?|polling station( (id|number|no))?",
        "уик|участок|(номер|№) (уик|участка)|учаске",
    ),
    "voters": (
        "voters|n ?voters|registered( voters)?|eligible( voters)?|electors|electorate|voters registered",
        "inscritos|inscrits|wahlberechtigte|uprawnieni",
        "избирателей|список избирателей|избирателей в списке",
        "(число|количество) избирателей.*(внесенных|включенных|зарегистрированных|в списк).*",
    ),
    "given": (
        "given|issued|(ballots|votes) (given|issued|given out)",
        "выдано( бюллетеней)?|((число|количество) )?(избирательных )?бюллетеней,? выданных.*",
    ),
    "cast": (
        "cast|ballots|voted|turnout count|(ballots|votes) cast|total (votes|ballots)( cast)?",
        "ballots (in (the )?box|found)",
        "((число|количество) )?(избирательных )?бюллетеней,? (содержащихся )?в (переносных|стационарных) ящиках.*",
    ),
    "valid": (
        "valid( (votes|ballots))?|n ?valid",
        "((число|количество) )?(избирательных )?действительных (избирательных )?бюллетеней",
    ),
    "invalid": (
        "invalid( (votes|ballots))?|spoil(t|ed)( ballots)?",
        "((число|количество) )?(избирательных )?недействительных (избирательных )?бюллетеней",
    ),
    "leader": ("leader|leader votes|incumbent|party of power",),
    "observed": ("observed|observers?|наблюдатели?|наблюдение",),
}
"""Names that electoral offices and collectors give to columns; the first pattern that is met decides."""

_NUMBER = re.compile(r"\d{1,2}\s*[.)]?\s+")
_LIST = re.compile(r"\d{1,2}\s*[.)]\s*(?!число|количество|number of)\S.*")


@dataclass(frozen=True)
class Asked:
    """What the user says of a file: columns by canonical name (a part of a name is enough), and how it is written."""

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    encoding: str | None = None
    separator: str | None = None

    def over(self, other: Asked) -> Asked:
        """This, and where it says nothing the other."""
        return Asked(
            {**other.columns, **{k: v for k, v in self.columns.items() if v}},
            self.encoding or other.encoding,
            self.separator or other.separator,
        )


def read_map(path: Path) -> Asked:
    """What a TOML file says of a table's columns. Raises InputError with every fault of the file."""
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InputError(f'{path}: {fault}; write lines such as voters = "Registered"') from None
    faults = []
    for key, value in told.items():
        texts = [value] if isinstance(value, str) else value
        if key not in FILE_KEYS:
            near = difflib.get_close_matches(key, FILE_KEYS, n=1)
            guess = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(FILE_KEYS)}"
            faults.append(f'{path}: no key "{key}"; {guess}')
        elif not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
            faults.append(f"{path}: {key} = {value!r}; write the name of a column in quotes, or several in [ ]")
    if faults:
        raise InputError("\n".join(faults))
    columns = {k: [v] if isinstance(v, str) else list(v) for k, v in told.items() if k not in ("encoding", "separator")}
    return Asked(columns, told.get("encoding"), told.get("separator"))


def plain(name: str) -> str:
    """A column's name as it is compared: small letters, single spaces, no dots of ё, no mark at the start."""
    return " ".join(
        name.replace("\ufeff", "").replace("\xa0", " ").replace("_", " ").casefold().replace("ё", "е").split()
    )


@dataclass
class Chosen:
    """Places of columns in the header by what they are, with notes and faults."""

    places: dict[str, list[int]]
    lists: dict[str, int]
    notes: list[str]
    faults: list[str]

    def names(self, header: Sequence[str]) -> dict[str, str]:
        """What each column is called in the file, sums with a plus."""
        return {key: " + ".join(header[i].strip() for i in at) for key, at in self.places.items() if at}


def choose(header: Sequence[str], asked: Mapping[str, Sequence[str]]) -> Chosen:
    """The columns of a header: those asked for, and the others by names that offices use."""
    names = [plain(name) for name in header]
    out = Chosen({}, {}, [], [])
    for key in (*CANONICAL, "lists"):
        found = [_find(text, names, header, key, out.faults) for text in asked.get(key, ())]
        places = [i for i in found if i is not None]
        if key == "lists":
            out.lists = {header[i].strip(): i for i in places}
        elif places:
            out.places[key] = places
    told = set(asked) & set(CANONICAL)
    for key, patterns in _KNOWN.items():
        if key in told:
            continue
        places = _known(patterns, names)
        if places:
            out.places[key] = places if key in ("given", "cast") else places[:1]
    numbered = {header[i].strip(): i for i, name in enumerate(names) if _LIST.fullmatch(name)}
    out.lists = out.lists or (numbered if len(numbered) > 1 else {})
    return out


def _known(patterns: Sequence[str], names: Sequence[str]) -> list[int]:
    """Columns whose names are as offices write them, with or without a line's number before them."""
    for pattern in patterns:
        known = re.compile(pattern)
        places = [i for i, name in enumerate(names) if known.fullmatch(_NUMBER.sub("", name, count=1))]
        if places:
            return places
    return []


def _find(text: str, names: Sequence[str], header: Sequence[str], key: str, faults: list[str]) -> int | None:
    """The column of a name or of a part of a name that only one column has."""
    wanted = plain(text)
    exact = [i for i, name in enumerate(names) if name == wanted]
    part = exact or [i for i, name in enumerate(names) if wanted and wanted in name]
    if len(part) == 1:
        return part[0]
    if len(part) > 1:
        some = "; ".join(f'"{header[i].strip()}"' for i in part[:4]) + ("; ..." if len(part) > 4 else "")
        faults.append(f'{key}: {len(part)} columns are or contain "{text}" ({some}); write more of the name')
        return None
    near = difflib.get_close_matches(wanted, names, n=1)
    shown = ", ".join(name.strip() for name in header[:12]) + (", ..." if len(header) > 12 else "")
    advice = f'did you mean "{header[names.index(near[0])].strip()}"?' if near else f"the header has: {shown}"
    faults.append(f'{key}: no column "{text}"; {advice}')
    return None
