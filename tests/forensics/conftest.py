"""Tables of stations to examine: published files where they are there, and invented ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.analysis.forensics import Stations, read
from sim.analysis.forensics.nulls import honest
from sim.cli import main

EXTERNAL = Path(__file__).parents[3] / "shared" / "data" / "external"


def published(year: int) -> Path:
    path = EXTERNAL / f"russia_{year}_stations.csv.zip"
    if not path.exists():
        pytest.skip(f"{path.name} is not here: other people's data are not part of the program")
    return path


@pytest.fixture(scope="session")
def russia() -> Callable[[int], Stations]:
    """The stations of a year's election, read once."""
    held: dict[int, Stations] = {}

    def of(year: int) -> Stations:
        if year not in held:
            held[year] = read(published(year))
        return held[year]

    return of


@pytest.fixture(scope="session")
def clean() -> Stations:
    """An election in which nobody did anything."""
    return honest(7, stations=2_000)


@pytest.fixture
def majilis(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The command: its words in, its answer out."""

    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return call
