"""One frozen summary: what small runs of fixed seeds give, changed only with a line in the CHANGELOG.

``python tests/baseline/test_frozen.py`` writes the file anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.measures.names import MEASURES
from sim.model import simulate
from sim.scenario.load import load

FROZEN = Path(__file__).with_name("summary.json")
SCENARIOS = ("kz-2023", "kz-2023-bound-registrar", "kz-2023-open")


def summary() -> dict[str, dict[str, float | None]]:
    """Measures of replication 1 of three scenarios at both levels with 2,000 voters."""
    out = {}
    for name in SCENARIOS:
        for level in ("low", "high"):
            spec = load(name).vary("population.voters", 2_000, name=name).model_copy(update={"level": level})
            measures = simulate(spec, 1)["runs"][0]
            out[f"{name}/{level}"] = {key: value for key, value in measures.items() if not isinstance(value, str)}
    return out


def test_the_names_an_experiment_is_checked_against_are_those_of_a_run():
    for measures in json.loads(FROZEN.read_text("utf-8")).values():
        assert tuple(sorted(measures.keys() - {"society", "history"})) == MEASURES


def test_small_runs_give_what_they_gave():
    now, frozen = summary(), json.loads(FROZEN.read_text("utf-8"))
    assert now.keys() == frozen.keys()
    for run, measures in frozen.items():
        assert now[run].keys() == measures.keys()
        for name, value in measures.items():
            expected = value if value is None else pytest.approx(value, rel=1e-6, abs=1e-9)
            assert now[run][name] == expected, f"{run}: {name}"


if __name__ == "__main__":
    FROZEN.write_text(json.dumps(summary(), indent=1, sort_keys=True) + "\n", "utf-8")
