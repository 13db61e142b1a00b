"""Kernels are compiled once before workers start, and never again while they are kept."""

from __future__ import annotations

from sim.batch import first_use
from sim.kernels import cache
from sim.strict import InputError


def test_what_was_compiled_is_not_compiled_again(monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(cache, "_mark", lambda: tmp_path / "all")
    monkeypatch.setattr(first_use, "call_kernels", lambda: called.append(1))
    first_use.prepare()
    first_use.prepare()
    assert called == [1]


def test_a_broken_scenario_of_its_own_does_not_stop_a_batch(monkeypatch, tmp_path):
    def refuse():
        raise InputError("kz-2004 was edited")

    monkeypatch.setattr(cache, "_mark", lambda: tmp_path / "all")
    monkeypatch.setattr(first_use, "call_kernels", refuse)
    first_use.prepare()
    assert not cache.all_there()
