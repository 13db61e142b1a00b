"""Plans and run keys."""

import pytest
from tiny_model import Population, Tiny

from sim.batch.plan import RESULTS_VERSION, Run, plan
from sim.strict import InputError


def test_the_key_is_a_function_of_all_settings_the_replication_and_the_version(monkeypatch):
    base = Run(Tiny(name="a"), 1).key
    others = [
        Run(Tiny(name="a"), 2).key,
        Run(Tiny(name="b"), 1).key,
        Run(Tiny(name="a", level="high"), 1).key,
        Run(Tiny(name="a", population=Population(voters=101)), 1).key,
    ]
    monkeypatch.setattr("sim.batch.plan.RESULTS_VERSION", RESULTS_VERSION + 1)
    others.append(Run(Tiny(name="a"), 1).key)
    assert len({base, *others}) == 6
    assert len(base) >= 16


def test_keeping_stations_does_not_change_the_key():
    assert Run(Tiny(name="a"), 1, True).key == Run(Tiny(name="a"), 1, False).key


def test_the_key_does_not_depend_on_the_order_of_declaration():
    class Turned(Tiny):
        def model_dump_json(self, **_):
            return '{"title":"","shift":0.0,"population":{"voters":100},"name":"a","level":"low","case":"kazakhstan"}'

    assert Run(Turned(name="a"), 1).key == Run(Tiny(name="a"), 1).key


def test_a_plan_stopped_early_holds_pairs():
    runs = plan([Tiny(name="a"), Tiny(name="b")], 3)
    assert [(r.scenario.name, r.replication) for r in runs[:4]] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert [r.keep_stations for r in runs] == [True, True, False, False, False, False]
    assert not any(r.keep_stations for r in plan([Tiny(name="a")], 3, "none"))
    assert all(r.keep_stations for r in plan([Tiny(name="a")], 3, "all"))


def test_every_fault_of_a_plan_is_told_at_once():
    with pytest.raises(InputError) as fault:
        plan([Tiny(name="a"), Tiny(name="a", shift=1)], 0, "firts")
    text = str(fault.value)
    assert '2 scenarios are named "a" (level low)' in text
    assert "replications = 0" in text
    assert "Did you mean 'first'?" in text


def test_the_same_name_at_two_levels_is_no_duplicate():
    assert len(plan([Tiny(name="a", level="low"), Tiny(name="a", level="high")], 2)) == 4


def test_replications_may_be_listed():
    runs = plan([Tiny(name="a")], [7, 5, 6, 7])
    assert [(r.replication, r.keep_stations) for r in runs] == [(5, True), (6, False), (7, False)]
    for none in ([], 0):
        with pytest.raises(InputError, match="a batch needs at least 1"):
            plan([Tiny(name="a")], none)
    with pytest.raises(InputError, match="replication -1 is negative"):
        plan([Tiny(name="a")], [-1, 2])
