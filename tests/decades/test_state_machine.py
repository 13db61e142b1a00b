"""The table of states: complete, with ends that nothing follows, and refused elsewhere."""

from __future__ import annotations

import typing
from datetime import date

import pytest
from long_runs import fresh

from sim.actors import life


def test_every_state_has_its_row_and_every_row_known_states() -> None:
    states = set(typing.get_args(life.Status))
    assert set(life.LIFE) == states
    assert set().union(*life.LIFE.values()) | {"group"} == states
    assert all(not life.LIFE[state] for state in life.GONE)
    assert all(life.LIFE[state] for state in states - life.GONE)


def test_every_state_can_end() -> None:
    def ends(state: life.Status, seen: frozenset[str] = frozenset()) -> bool:
        if state in life.GONE:
            return True
        return any(ends(after, seen | {state}) for after in life.LIFE[state] if after not in seen)

    assert all(ends(state) for state in life.LIFE)


def test_a_step_that_the_table_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot become 'registered'"):
        life.check("group", "registered")
    model = fresh()
    party = next(iter(model.parties.values()))
    with pytest.raises(ValueError, match="is before that"):
        party.become("merged", date(1990, 1, 1))
