"""The dose of every scenario: the value of one setting, for figures that put an outcome over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.resolved import number, planned_settings, said
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.batch.store import Results


def doses(results: Results, setting: str) -> dict[str, float]:
    """The value of a dotted setting in every scenario of a store, in the unit of the setting; yes is 1 and no is 0.

    A rule of law that a scenario does not amend has the value of the scenario's election day, and a setting that is
    left to the case the case's figure.

    Raises InputError for a setting that no scenario has, with the nearest, and for one that is no number.
    """
    held = planned_settings(results.planned)
    values = {name: one.values[setting] for name, one in held.items() if setting in one.values}
    if not values:
        raise InputError(_unknown(setting))
    found = {name: number(value) for name, value in values.items()}
    if other := [name for name, value in found.items() if value is None]:
        raise InputError(f'{setting} is "{said(values[other[0]])}" in {other[0]}: a dose must be a number.')
    if lacking := [name for name in held if name not in found]:
        raise InputError(f"{setting} has no value in {', '.join(lacking)}.")
    return {name: value for name, value in found.items() if value is not None}


def _unknown(setting: str) -> str:
    from sim.scenario.explain import settings, unknown
    from sim.scenario.schema import Scenario

    place = tuple(setting.split("."))
    if place in settings(Scenario):
        return f"{setting} is a table of settings; a dose is one of them."
    return unknown(place, Scenario)
