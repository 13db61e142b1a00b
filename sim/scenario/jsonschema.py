"""The JSON Schema of scenario and experiment files, for editors and for programs that write such files."""

from __future__ import annotations

from typing import Any

from sim.scenario.experiment import ExperimentFile
from sim.scenario.schema import Scenario
from sim.strict import Strict

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDS = {
    "type": "string",
    "description": "another scenario, by shipped name or by path from this file, whose settings this one amends",
}


def scenario_schema() -> dict[str, Any]:
    """What a scenario file may hold; every setting with its mark, its source, its unit and its limits."""
    schema = _schema(Scenario, "Majilis scenario")
    schema["properties"] = {"extends": _EXTENDS} | schema["properties"]
    return schema


def experiment_schema() -> dict[str, Any]:
    """What an experiment file may hold."""
    return _schema(ExperimentFile, "Majilis experiment")


def _schema(kind: type[Strict], title: str) -> dict[str, Any]:
    """The schema of a kind of file, in which what has a default in the loader may be left out as well."""
    schema = kind.model_json_schema()
    needed = [name for name in schema.pop("required", []) if name not in ("name", "title")]
    required = {"required": needed} if needed else {}
    return {"$schema": _DIALECT, **_table(schema), "title": title, **required}


def _table(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a table and of those it refers to, with what only a Python reader needs taken out."""
    out = dict(schema)
    out.pop("title", None)
    if "properties" in out:
        out["properties"] = {name: _key(key) for name, key in out["properties"].items()}
    if "$defs" in out:
        out["$defs"] = {name: _table(table) for name, table in out["$defs"].items()}
    return out


def _key(schema: dict[str, Any]) -> dict[str, Any]:
    """One key: TOML has no null, a table's default is that of its keys, and a source is not said twice."""
    out = {name: value for name, value in schema.items() if name != "title" and value not in ("", None)}
    if isinstance(out.get("default"), dict):
        del out["default"]
    if out.get("source") == out.get("description"):
        out.pop("source", None)
    options = [option for option in out.pop("anyOf", []) if option != {"type": "null"}]
    return (options[0] if len(options) == 1 else {"anyOf": options} if options else {}) | out
