"""The columns of the stored tables, and how the rows of one run become typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sim.strict import InputError

if TYPE_CHECKING:
    import pyarrow as pa

KEYS = ("key", "scenario", "level", "replication")
"""What every table starts with."""

BOOKKEEPING = (*KEYS, "society", "history", "status", "error", "stations_kept")
"""The columns of ``runs`` that are not measures."""

TABLES = (
    "runs",
    "parties",
    "decisions",
    "funnel",
    "regions",
    "stations",
    "months",
    "lives",
    "lineage",
    "years",
    "elections",
)
"""The tables of the store, as the command offers them; a model may add others."""

_TEXT, _WHOLE, _REAL, _FLAG, _TEXTS = "text", "whole", "real", "flag", "texts"

_COLUMNS: dict[str, dict[str, str]] = {
    "runs": {"society": _WHOLE, "history": _WHOLE, "status": _TEXT, "error": _TEXT, "stations_kept": _FLAG},
    "parties": {
        **dict.fromkeys(("party", "display", "conduct", "origin"), _TEXT),
        **dict.fromkeys(("registered", "on_ballot"), _FLAG),
        **dict.fromkeys(("true_votes", "official_votes"), _WHOLE),
        "official_share": _REAL,
        **dict.fromkeys(("list_seats", "district_seats", "seats"), _WHOLE),
        **dict.fromkeys(("banzhaf", "shapley_shubik"), _REAL),
    },
    "decisions": {
        **dict.fromkeys(("group", "display", "conduct", "origin", "stage", "filed", "decided"), _TEXT),
        "accepted_names": _WHOLE,
        "outcome": _TEXT,
        "grounds": _TEXTS,
    },
    "funnel": {"conduct": _TEXT, "stage": _TEXT, "groups": _WHOLE},
    "regions": {
        **dict.fromkeys(("region", "name"), _TEXT),
        "register": _WHOLE,
        **dict.fromkeys(("true_turnout", "official_turnout", "true_leader_share", "official_leader_share"), _REAL),
        **dict.fromkeys(("stuffed", "stolen"), _WHOLE),
    },
    "stations": {
        "station": _WHOLE,
        "region": _TEXT,
        "district": _WHOLE,
        "kind": _TEXT,
        **dict.fromkeys(("voters", "given", "cast", "leader", "true_cast", "true_leader", "territory"), _WHOLE),
        **dict.fromkeys(("brought", "carousel", "stuffed", "stolen", "moved_in"), _WHOLE),
        **dict.fromkeys(("rewritten_cast", "rewritten_leader", "tabulated", "official_leader"), _WHOLE),
        **dict.fromkeys(("observed", "joined"), _FLAG),
    },
    "lives": {
        **dict.fromkeys(("party", "display", "conduct", "conduct_founded", "origin"), _TEXT),
        "given": _FLAG,
        **dict.fromkeys(("status", "since", "into", "won_over"), _TEXT),
        **dict.fromkeys(("members", "refusals"), _WHOLE),
        **dict.fromkeys(("formed", "noticed", "confirmed", "congress", "filed", "registered"), _TEXT),
    },
    "lineage": dict.fromkeys(("kind", "source", "target", "day"), _TEXT),
    "years": dict.fromkeys(
        (
            *("year", "registered", "registered_disloyal", "formed", "notices", "lists", "refused", "lapsed"),
            *("new", "new_disloyal", "merged", "banned"),
        ),
        _WHOLE,
    ),
    "elections": {
        **dict.fromkeys(("election", "party", "display", "conduct"), _TEXT),
        "share": _REAL,
        "list_seats": _WHOLE,
        "seats_refused": _FLAG,
    },
    "months": {
        "month": _TEXT,
        **dict.fromkeys(("grievance", "belief", "accountability_mean", "accountability_sd"), _REAL),
        "groups_active": _WHOLE,
    },
}


def columns(table: str) -> dict[str, pa.DataType]:
    """The declared columns of a table in their order, with Arrow types; an unknown table has only its key columns.

    Declared because inference would differ between parts: a column of nulls or of empty lists has no type of its own.
    """
    import pyarrow as pa

    arrow = {
        _TEXT: pa.string(),
        _WHOLE: pa.int64(),
        _REAL: pa.float64(),
        _FLAG: pa.bool_(),
        _TEXTS: pa.list_(pa.string()),
    }
    keys = {"key": pa.string(), "scenario": pa.string(), "level": pa.string(), "replication": pa.int64()}
    return keys | {name: arrow[kind] for name, kind in _COLUMNS.get(table, {}).items()}


def typed(table: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows of one run as an Arrow table: declared columns first, others after them in alphabetical order.

    Measures (the other columns of ``runs``) are doubles whatever they count, so that a null in one part and a whole
    number in the next agree; a NaN becomes null. Raises an Arrow error where a value does not fit its column.
    """
    import pyarrow as pa

    declared = columns(table)
    arrays, held = [], _columns_of(rows)
    others = sorted(held.keys() - declared.keys())
    for name in (*declared, *others):
        values: Sequence[Any] = held.get(name, ()) or [None] * len(rows)
        kind = declared.get(name)
        if kind is None and table == "runs" and not any(isinstance(value, str) for value in values):
            kind = pa.float64()
            values = [None if value is None else float(value) for value in values]
        arrays.append(pa.array(values, type=kind, from_pandas=True))
    return pa.table(arrays, names=[*declared, *others])


def _columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """Rows as columns; what a row does not have is None."""
    if not rows:
        return {}
    first = rows[0]
    if len(first) > 1 and all(len(row) == len(first) for row in rows):
        with suppress(KeyError):  # all have the same names
            return dict(zip(first, zip(*map(itemgetter(*first), rows), strict=True), strict=True))
    return {name: [row.get(name) for row in rows] for name in {name for row in rows for name in row}}


def united(table: str, schemas: Sequence[pa.Schema], *, final: bool = True) -> pa.Schema:
    """One schema for parts of a table: columns in the order of :func:`typed`, types wide enough for all parts.

    A column in which no part has a value has no type of its own; with ``final`` it becomes one of doubles. Raises
    InputError where a column is text in one part and a number in another.
    """
    import pyarrow as pa

    declared = list(columns(table))
    plain = [schema.remove_metadata() for schema in schemas]
    try:
        merged = pa.unify_schemas(plain, promote_options="permissive")
    except pa.ArrowException as fault:
        raise InputError(f'the table "{table}" cannot be put together: {fault}. Declare the column\'s type.') from None
    names = [*declared, *sorted(set(merged.names) - set(declared))]
    fields = [merged.field(name) for name in names]
    return pa.schema([pa.field(f.name, pa.float64()) if final and pa.types.is_null(f.type) else f for f in fields])


def measures(names: Iterable[str]) -> list[str]:
    """The columns of ``runs`` that are outcomes, in the order they stand."""
    return [name for name in names if name not in BOOKKEEPING]
