"""Majilis: a laboratory for managed elections. What is needed is imported when it is first used."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import figures as figures
    from sim.analysis.compare import compare as compare
    from sim.analysis.forensics.examine import examine as forensics
    from sim.batch.execute import run as run
    from sim.batch.store import Results as Results
    from sim.model import ElectionModel as ElectionModel
    from sim.party_system import PartySystem as PartySystem
    from sim.scenario.experiment import load_experiment as load_experiment
    from sim.scenario.load import load as load
    from sim.scenario.schema import Scenario as Scenario
    from sim.strict import InputError as InputError

    open = Results.open
    __version__: str

__all__ = [
    "ElectionModel",
    "InputError",
    "PartySystem",
    "Results",
    "Scenario",
    "__version__",
    "compare",
    "figures",
    "forensics",
    "load",
    "load_experiment",
    "open",
    "run",
]

_HOMES = {
    "ElectionModel": "sim.model:ElectionModel",
    "InputError": "sim.strict:InputError",
    "PartySystem": "sim.party_system:PartySystem",
    "Results": "sim.batch.store:Results",
    "Scenario": "sim.scenario.schema:Scenario",
    "compare": "sim.analysis.compare:compare",
    "figures": "sim.figures",
    "forensics": "sim.analysis.forensics.examine:examine",
    "load": "sim.scenario.load:load",
    "load_experiment": "sim.scenario.experiment:load_experiment",
    "open": "sim.batch.store:Results.open",
    "run": "sim.batch.execute:run",
}
"""Where each public name lives."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    module, _, inside = _HOMES[name].partition(":")
    with warnings.catch_warnings():  # Mesa's own progress bar, which is never shown, asks a notebook for ipywidgets
        warnings.filterwarnings("ignore", message="IProgress not found")
        found: Any = importlib.import_module(module)
    for part in inside.split(".") if inside else ():
        found = getattr(found, part)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


def _version() -> str:
    """The version that is installed; a checkout that is not installed has none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("majilis")
    except PackageNotFoundError:
        return "not installed"
