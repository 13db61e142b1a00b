"""Designs: many scenarios from one, by a grid, a list, or a sample of the space that some settings span."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from sim.scenario import catalogue
from sim.scenario.explain import as_read, settings, unknown
from sim.scenario.load import varied_together
from sim.scenario.schema import Scenario
from sim.strict import InputError, Strict

MOST_POINTS = 100_000
"""Points of a design beyond which it is refused; each is a scenario of its own, with all its replications."""

MOST_FACTORS = 100

Value = bool | int | float | str
Text = Annotated[str, Field(min_length=1)]


class Factor(Strict):
    """A setting that a design varies: by values (grid, zip) or within a range (latin, sobol)."""

    setting: Text = Field(description="dotted key of the setting, such as practice.discretion")
    values: Annotated[tuple[Value, ...], Field(min_length=1)] | None = Field(
        None, description="its values in turn, in designs of kind grid and zip"
    )
    low: float | None = Field(None, description="where its range begins, in designs of kind latin and sobol")
    high: float | None = Field(None, description="where its range ends")
    scale: Literal["linear", "log"] = Field(
        "linear", description="how the range is filled: evenly, or in its logarithm"
    )


class Design(Strict):
    """Which points are run beside the scenarios of an experiment.

    ``grid``: every combination of values. ``zip``: the first values of all settings, the second ones, and so on.
    ``list``: the points as they stand. ``latin``: a Latin hypercube (McKay, Beckman & Conover 1979). ``sobol``: a
    scrambled Sobol sequence (Owen 1998); its number of points is a power of two. Samples are a function of ``seed``.
    """

    kind: Literal["grid", "zip", "list", "latin", "sobol"] = Field(description="grid, zip, list, latin or sobol")
    base: Text | None = Field(None, description="scenario that points are made from; the one compared with by default")
    points: Annotated[int, Field(ge=1)] | None = Field(None, description="number of points, of latin and sobol")
    seed: Annotated[int, Field(ge=0)] = Field(1, description="seed of the sample, of latin and sobol")
    factor: tuple[Factor, ...] = Field((), description="a setting that is varied; each under [[design.factor]]")
    point: tuple[dict[str, Any], ...] = Field(
        (), description="the settings of a point, of list; each under [[design.point]], written as in a scenario"
    )


def faults_of(design: Design) -> list[str]:
    """What is wrong with a design, in the words of the file; nothing where its points can be made."""
    sampled = design.kind in ("latin", "sobol")
    if design.kind == "list":
        faults = [] if design.point else ["design.point is missing: a list needs at least one [[design.point]]."]
        faults += ["design.factor: a list has points, not factors."] if design.factor else []
    else:
        faults = [] if design.factor else [f"design.factor is missing: a {design.kind} needs at least one."]
        faults += [f"design.point: a {design.kind} has factors, not points."] if design.point else []
    if len(design.factor) > MOST_FACTORS:
        faults.append(f"design.factor: {len(design.factor)} stand there; at most {MOST_FACTORS} are varied.")
    names = [factor.setting for factor in design.factor]
    faults += [f'design.factor: "{name}" stands there twice.' for name in {n for n in names if names.count(n) > 1}]
    for factor in design.factor:
        faults += _of_factor(factor, sampled=sampled)
    if sampled and design.points is None:
        faults.append(f"design.points is missing: how many points the {design.kind} design has.")
    if not sampled and design.points is not None:
        faults.append(f"design.points = {design.points}: the points of a {design.kind} are counted, not chosen.")
    if design.kind == "sobol" and design.points and design.points & (design.points - 1):
        below = 1 << (design.points.bit_length() - 1)
        faults.append(f"design.points = {design.points}: a Sobol design has a power of two; {below} or {2 * below}.")
    if design.kind == "zip" and len({len(factor.values or ()) for factor in design.factor}) > 1:
        counts = ", ".join(f"{factor.setting} {len(factor.values or ())}" for factor in design.factor)
        faults.append(f"design: zip needs as many values of each factor; found {counts}.")
    if not faults and size(design) > MOST_POINTS:
        faults.append(f"design: {size(design):,} points are asked for; at most {MOST_POINTS:,} are made.")
    return faults


def _of_factor(factor: Factor, *, sampled: bool) -> Iterator[str]:
    name = f'design.factor "{factor.setting}"'
    place = tuple(factor.setting.split("."))
    known = settings(Scenario).get(place)
    if place[0] in ("name", "title", "level", "case", "election"):
        yield f"{name}: is no setting that a design varies."
    elif known is None:
        yield f"{name}: {unknown(place, Scenario)}"
    elif known.table is not None:
        yield f"{name}: is a table; name one setting in it."
    if not sampled:
        if factor.values is None:
            yield f"{name}: values is missing."
        if factor.low is not None or factor.high is not None:
            yield f"{name}: low and high are of latin and sobol; write values = [...]."
        return
    if factor.values is not None:
        yield f"{name}: values are of grid and zip; write low and high."
    if factor.low is None or factor.high is None:
        yield f"{name}: low and high are both needed."
    elif not factor.low < factor.high:
        yield f"{name}: low = {factor.low:g} must lie below high = {factor.high:g}."
    elif factor.scale == "log" and factor.low <= 0:
        yield f"{name}: low = {factor.low:g}: a logarithmic range begins above 0."


def size(design: Design) -> int:
    """How many points a design has."""
    if design.kind == "list":
        return len(design.point)
    if design.kind in ("latin", "sobol"):
        return design.points or 0
    lengths = [len(factor.values or ()) for factor in design.factor]
    return math.prod(lengths) if design.kind == "grid" else min(lengths, default=0)


def points(design: Design) -> Iterator[dict[str, Any]]:
    """The points as dotted key to value, in an order that is part of the design."""
    names = [factor.setting for factor in design.factor]
    if design.kind == "list":
        yield from (dict(_flat(point)) for point in design.point)
    elif design.kind in ("latin", "sobol"):
        yield from (dict(zip(names, row, strict=True)) for row in _sample(design))
    else:
        turns = product if design.kind == "grid" else zip
        yield from (dict(zip(names, row, strict=True)) for row in turns(*(f.values or () for f in design.factor)))


def scenarios(design: Design, base: Scenario) -> list[Scenario]:
    """The scenario of every point, named after the base and the number of the point.

    Raises InputError for every point that is no scenario that can be run, of the first few that are not.
    """
    width = len(str(size(design)))
    found, faults = [], []
    for number, point in enumerate(points(design), start=1):
        name = f"{base.name[: 78 - width]}-p{number:0{width}}"
        try:
            found.append(varied_together(base, point, name=name))
        except InputError as fault:
            said = ", ".join(f"{key} = {as_read(value)}" for key, value in point.items())
            faults += [f"design, point {number} ({said}): {line}" for line in str(fault).splitlines()]
            if len(faults) >= 5:
                break
    if faults:
        raise InputError("\n".join(faults))
    return found


def _sample(design: Design) -> list[list[float | int]]:
    """The points of a sampled design; (points, factors), each value in the type of its setting."""
    import inspect

    from scipy.stats import qmc

    kind = qmc.LatinHypercube if design.kind == "latin" else qmc.Sobol
    seed = "rng" if "rng" in inspect.signature(kind).parameters else "seed"  # SciPy renamed it in 1.15
    sampler = kind(len(design.factor), **{seed: design.seed})
    columns = [
        _scaled(factor, column)
        for factor, column in zip(design.factor, sampler.random(design.points).T.tolist(), strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _scaled(factor: Factor, column: Sequence[float]) -> list[float | int]:
    """Fractions of a range as values of the setting: whole numbers where it holds such."""
    low, high = factor.low or 0.0, factor.high or 0.0
    whole = _is_whole(factor.setting)
    values: list[float | int] = []
    for part in column:
        if factor.scale == "log":
            value = low * (high / low) ** part
        else:
            value = low + (high - low) * part
        values.append(round(value) if whole else float(f"{value:.6g}"))  # as many digits as a reader takes in
    return values


def _is_whole(setting: str) -> bool:
    """Whether a setting holds whole numbers only."""
    kinds = set(_leaves(settings(Scenario)[tuple(setting.split("."))].field.annotation))
    return int in kinds and not kinds & {float, Fraction}


def _leaves(kind: Any) -> Iterator[Any]:
    """The plain types within an annotation."""
    inside = get_args(kind)
    if not inside:
        yield kind
    for part in inside:
        yield from _leaves(part)


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        place = f"{above}.{key}" if above else str(key)
        if isinstance(value, Mapping):
            yield from _flat(value, place)
        else:
            yield place, value


def base_named(design: Design, by_name: Mapping[str, Scenario], otherwise: str) -> tuple[Scenario | None, list[str]]:
    """The scenario that points are made from, or why there is none among the scenarios of the experiment."""
    name = design.base or otherwise
    if name in by_name:
        return by_name[name], []
    guess = catalogue.did_you_mean(name, by_name)
    return None, [f'design.base = "{name}" is none of the scenarios.{guess} (scenarios: {", ".join(by_name)})']
