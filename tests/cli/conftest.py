"""Calls the command as a user would, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from sim.cli import main


class Said(NamedTuple):
    """What the command answered: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def majilis(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command: its words in, its answer out."""

    def call(*words: str) -> Said:
        code = main(words)
        return Said(code, *capsys.readouterr())

    return call
