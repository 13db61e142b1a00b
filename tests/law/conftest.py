"""The law of Kazakhstan, read once, and small laws written for one test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sim import cases
from sim.law.rules import Overrides, Rules
from sim.law.timeline import Law


@pytest.fixture(scope="session")
def law() -> Law:
    return Law.load(cases.folder("kazakhstan"))


@pytest.fixture(scope="session")
def of_2023(law: Law) -> Rules:
    return law.on(date(2023, 3, 19))


@pytest.fixture
def amended(law: Law) -> Callable[..., Rules]:
    """The law of 2023 with amendments by section."""

    def resolve(**sections: dict[str, object]) -> Rules:
        return law.on(date(2023, 3, 19), Overrides.model_validate(sections))

    return resolve


@pytest.fixture
def case_folder(tmp_path: Path) -> Path:
    """A copy of the case's law files, to be spoilt."""
    for name in ("law.toml", "regions_dated.toml"):
        (tmp_path / name).write_text((cases.folder("kazakhstan") / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path
