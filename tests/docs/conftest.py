"""One tiny finished run for the pages that describe runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.law import rules
from sim.model import ElectionModel
from sim.scenario.schema import Scenario
from sim.strict import Strict


@pytest.fixture(scope="session")
def run_and_rules_read() -> tuple[ElectionModel, set[str]]:
    """A finished run, and the dotted names of the rules of law that were read on the way."""
    read: set[str] = set()
    spec = Scenario.model_validate(
        {
            "name": "tiny",
            "title": "tiny",
            "population": {"voters": 400},
            "mechanism": {"stations": {"count": 300}},
            "law": {"registration": {"members": 5_001}},  # a law nobody has resolved before, so that all of it is read
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, section in rules.SECTIONS.items():
            patch.setattr(section, "__getattribute__", _noting(name, section, read))
        model = ElectionModel(spec).run()
        assert model.outcome.seats
    return model, read


def _noting(name: str, section: type[Strict], read: set[str]) -> Callable[[Strict, str], Any]:
    """Attribute access of a section of the law that writes down which rule was asked for."""
    known = frozenset(section.model_fields)

    def get(self: Strict, attribute: str) -> Any:
        if attribute in known:
            read.add(f"{name}.{attribute}")
        return object.__getattribute__(self, attribute)

    return get
