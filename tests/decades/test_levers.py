"""Levers of a run of decades: inert at 0, alive at 1; amendments on their day; the same bytes every time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from long_runs import fingerprint, fresh, ran, scenario

from sim.law.rules import Overrides
from sim.malpractice.party_policy import OPEN, PartyPractice, PolicySettings, gains, threat
from sim.strict import InputError

WILD: dict[str, dict[str, dict[str, Any]]] = {
    "cooptation": {"policy": {"cooptation_cost": 0.0, "won_over": 9.0}},
    "engineered_splits": {"policy": {"split_cost": 0.0, "splintered": 0.9}},
    "look_alikes": {"policy": {"look_alike_cost": 0.0, "confused": 0.9}},
    "mergers": {"policy": {"merging": 1.0, "into_power": 1.0}},
    "prosecution": {"policy": {"prosecution_cost": 0.0, "frightened": 1.0}},
    "bans": {"policy": {"ban_cost": 0.0}},
    "removal": {"policy": {"struck_off": 1.0}},
    "hall_refusal": {"congress": {"hall_refused": 1.0}},
    "suspension": {"queue": {"unanswered": 1.0, "again_days": 7}},
    "fast_track": {"queue": {"fast_notice_days": 60}},
    "court_dependence": {"appeals": {"win": 1.0}},
}
"""The settings that belong to a practice alone."""

EAGER: dict[str, Any] = {"inertia": 0.0, "budget": 1.0}  # so that the patron does something in a few years


def managed(name: str, strength: float, wild: dict[str, dict[str, Any]] | None = None) -> Any:
    eager = {"inertia": 9.0} if name == "removal" else EAGER  # whom the patron leaves alone is there to be struck off
    parts: dict[str, dict[str, Any]] = {"policy": dict(eager), "practice": {name: strength}}
    for part, settings in (wild or {}).items():
        parts[part] = {**parts.get(part, {}), **settings}
    spec = scenario(**parts)  # few members asked, so that many come as far as their lists
    return spec.vary("law.registration", {"members": 500, "members_per_region": 0}, name="x", title="x")


def test_every_practice_of_the_party_policy_is_tried() -> None:
    assert set(WILD) == set(PartyPractice.model_fields)
    assert not any(value for _, value in OPEN)


@pytest.mark.parametrize("name", WILD)
def test_at_strength_0_the_settings_of_a_practice_change_nothing(name: str) -> None:
    assert fingerprint(ran(managed(name, 0))) == fingerprint(ran(managed(name, 0, WILD[name])))


@pytest.mark.parametrize("name", WILD)
def test_the_lever_of_every_practice_works(name: str) -> None:
    for history in range(1, 9):
        wild = None if name == "court_dependence" else WILD[name]  # a court that always finds for groups is no other
        one, other = (ran(managed(name, strength, wild), history=history) for strength in (0, 1))
        if fingerprint(one) != fingerprint(other):
            return
    pytest.fail(f"{name}: no history of eight differs between strength 0 and 1")


@pytest.mark.parametrize(
    ("name", "act"),
    [("cooptation", "cooptation"), ("engineered_splits", "split"), ("look_alikes", "look_alike"), ("bans", "ban"),
     ("mergers", "merger")],
)  # fmt: skip
def test_an_act_that_is_switched_off_is_never_done_and_else_sometimes(name: str, act: str) -> None:
    never = [ran(managed(name, 0, WILD[name]), history=history).patron.counts.get(act, 0) for history in range(1, 5)]
    some = [ran(managed(name, 1, WILD[name]), history=history).patron.counts.get(act, 0) for history in range(1, 9)]
    assert not any(never)
    assert any(some)


def test_measures_count_events_of_the_period_by_the_conduct_founded_with() -> None:
    since = date(2006, 1, 1)
    model = ran(scenario(counted_from=since))
    measures = model.records.measures()
    own = [p for p in model.parties.values() if p.reached.formed > model.decades.given_until and not p.parties]
    new = [p for p in own if p.reached.registered and p.reached.registered >= since]
    assert measures["registered_new"] == len(new)
    disloyal = ("hard_opposition", "soft_opposition")
    assert measures["registered_new_disloyal"] == sum(p.conduct_founded in disloyal for p in new)
    refused = [d for p in own for d in p.decisions if d.outcome == "refused" and d.decided >= since]
    assert measures["refusals"] == len(refused) > 0
    assert measures["refusals_discretionary"] == sum(d.discretionary for d in refused)
    whole = ran(scenario()).records.measures()
    assert whole["refusals"] > measures["refusals"]


def test_the_same_run_twice_has_the_same_bytes() -> None:
    assert fingerprint(fresh().run()) == fingerprint(ran())


def test_until_an_amendment_two_scenarios_are_the_same() -> None:
    change = {"on": date(2009, 6, 1), "law": {"registration": {"members": 500, "members_per_region": 0}}}
    one, other = ran(), ran(scenario(amendment=[change]))
    before = [[e for e in model.chronicle if e.day < change["on"]] for model in (one, other)]
    assert before[0] == before[1]
    assert next(e for e in other.chronicle if e.day == change["on"]).text.startswith("the scenario amends the law")
    assert other.rules_on(date(2009, 5, 31)).registration.members == 40_000
    assert other.rules_on(date(2009, 6, 1)).registration.members == 500
    assert other.rules_on(date(2012, 1, 1)).registration.members_per_region == 0


def test_amended_practice_holds_from_its_day() -> None:
    change = {"on": date(2009, 6, 1), "practice": {"discretion": 0.0}, "parties": {"bans": 0.0}}
    model = fresh(scenario(amendment=[change]))
    model.run_until(model.day(date(2009, 5, 31)))
    assert (model.practice.discretion, model.party_practice.bans) == (1, 1)
    model.run_until(model.day(date(2009, 6, 2)))
    assert (model.practice.discretion, model.party_practice.bans) == (0, 0)


def test_an_actor_may_amend_the_written_law() -> None:
    model = fresh()
    model.run_until(model.day(date(2005, 1, 1)))
    model.amend(Overrides.model_validate({"registration": {"members": 1000}}), by="the administration")
    assert model.rules_on(model.today).registration.members == 1000
    assert model.rules_on(date(2004, 12, 31)).registration.members == 50_000
    assert model.chronicle[-1].text == "the administration amends the law: registration.members = 1000"
    model.amend(Overrides.model_validate({"registration": {"members_per_region": 5}}), by="the administration")
    assert model.rules_on(model.today).registration.members == 1000  # an earlier amendment stands


def test_an_amendment_that_contradicts_the_law_is_refused_and_changes_nothing() -> None:
    model = fresh()
    with pytest.raises(InputError, match="seats"):
        model.amend(Overrides.model_validate({"chamber": {"seats": 3}}), by="nobody")
    assert model.rules_on(model.today).chamber.seats != 3


def test_a_new_term_for_registering_again_binds_all_who_stand() -> None:
    change = {
        "on": date(2006, 3, 1),
        "law": {"registration": {"reregistration": 4, "members": 500, "members_per_region": 0}},
    }
    model = ran(scenario(amendment=[change]))
    assert len(model.reregistration.rounds) == 2
    assert model.reregistration.rounds[1][0] == date(2006, 3, 3)  # the weekly round after the day


def test_threat_grows_with_support_and_falls_with_loyalty() -> None:
    assert threat(0.1, 0.2) > threat(0.05, 0.2) > threat(0.05, 0.8) > threat(0.0, 0.0)


def test_ideologues_are_not_for_sale_and_moderates_are_not_banned() -> None:
    settings, practice = PolicySettings(), PartyPractice()
    hard = gains(settings, practice, support=0.1, loyalty=0.1, hard=True, registered=True)
    soft = gains(settings, practice, support=0.1, loyalty=0.5, hard=False, registered=True)
    assert "cooptation" not in hard
    assert not {"ban", "prosecution"} & set(soft)
    assert not gains(settings, OPEN, support=0.1, loyalty=0.1, hard=True, registered=True)
    group = gains(settings, practice, support=0.1, loyalty=0.1, hard=True, registered=False)
    assert not {"split", "look_alike"} & set(group)
