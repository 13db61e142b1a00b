"""Makes the oracle importable, and records each run once a session."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from record import Run, record  # noqa: E402


@pytest.fixture(scope="session")
def recorded() -> Callable[..., Run]:
    """A recorded run of 500 voters, by scenario and seeds; shared between tests, which must not change it."""
    return cache(record)
