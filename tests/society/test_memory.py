"""An electorate that does not fit is refused before it is made, in the user's words."""

from __future__ import annotations

import re

import pytest

from sim.model import ElectionModel
from sim.scenario.load import load
from sim.society import memory
from sim.strict import InputError


def test_what_does_not_fit_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**9)
    with pytest.raises(InputError, match="up to 6900000 would fit") as refused:
        ElectionModel(load("kz-2023").vary("population.voters", 12_035_578))
    assert re.match(
        r"population\.voters = 12035578: would need about 1\.6 GB of memory, and 1 GB are free", str(refused.value)
    )


def test_what_fits_or_cannot_be_known_is_not_refused(monkeypatch):
    memory.check(20_000)
    monkeypatch.setattr(memory, "available", lambda: None)
    memory.check(10**12)


def test_this_machine_says_what_is_free():
    free = memory.available()
    assert free is None or 10**7 < free < 10**15


def test_a_limit_on_the_process_counts(monkeypatch):
    numbers = {"/sys/fs/cgroup/memory.max": 5_000_000, "/sys/fs/cgroup/memory.current": 3_000_000}
    monkeypatch.setattr(memory, "_first_number", numbers.get)
    monkeypatch.setattr(memory, "_given_back", lambda: 500_000)  # files read, which are no obstacle
    assert memory.available() == 2_500_000
