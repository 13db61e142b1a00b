"""A practice at strength 0 changes nothing, whatever its mechanism is set to: the same bytes; at 1 it does."""

from __future__ import annotations

from typing import Any

import pytest
from small_runs import OPEN, READING, fingerprint, ran, scenario

from sim.malpractice import practice
from sim.malpractice.practice import Practice
from sim.scenario.case import Reading
from sim.scenario.schema import Scenario

WATCHED = {"observers": {"share": 0.3}}  # so that putting observers out can matter

Wild = dict[str, dict[str, Any]]
WILD: dict[str, Wild] = {
    "discretion": {"discretion": {"loyalty_weight": 90, "fifty_point": 0.99, "pressure_weight": 50, "mood_spread": 40}},
    "audit_zeal": {"audit": {"struck_with_zeal": 1}},
    "repression": {"repression": {"fear": 1}},
    "detention": {"detention": {"stopped": 1}},
    "sponsorship": {"sponsorship": {"days_to_fill": 1, "margin": 9}},
    "candidate_filtering": {"candidates": {"refused": 0.5}},
    "mobilisation": {"mobilisation": {"spill_over": 0}},
    "stuffing": {
        "commissions": {"turnout_above": 5, "turnout_slope": -4, "rural_turnout": -9, "turnout_noise": 5},
    },
    "stealing": {
        "commissions": {"share_above": 5, "share_slope": -4, "rural_share": -9, "share_noise": 5},
    },
    "rewriting": {
        "rewriting": {
            "share_of_joiners": 1,
            "round_share_only": 0.1,
            "round_turnout_only": 0.1,
            "to_multiple_of_five": 1,
        }
    },
    "observer_expulsion": {"expulsion": {"expelled": 1}},
    "observer_barring": {"barring": {"barred": 1}},
    "carousel": {"carousel": {"stations": 1, "ballots": 25}},
    "tabulation": {"tabulation": {"territories": 1, "moved": 0.1}},
    "criminal_charges": {"candidates": {"charged": 1}},
}
"""The settings that belong to a practice alone; closed media and state resources have none."""

UNRECORDED = {"observer_barring", "carousel", "tabulation", "criminal_charges"}
"""Practices whose amount is 0 until somebody sets it, because nobody has counted them."""

WITHOUT_SETTINGS = {"media_closure", "state_resources"}


def managed(strengths: dict[str, float], wild: Wild | None = None, reading: Reading = READING) -> Scenario:
    """Everything as it was, with some strengths changed and observers to put out."""
    return scenario(practice=strengths, mechanism={**WATCHED, **(wild or {})}, reading=reading.model_dump())


def reading(**changes: Any) -> Reading:
    return READING.model_copy(update=changes)


def test_every_practice_is_tried():
    assert set(WILD) | WITHOUT_SETTINGS == set(Practice.model_fields)
    assert Practice.model_validate(OPEN) == practice.OPEN


@pytest.mark.parametrize("name", WILD)
def test_at_strength_0_the_settings_of_a_practice_change_nothing(name):
    assert fingerprint(ran(managed({name: 0}))) == fingerprint(ran(managed({name: 0}, WILD[name])))


@pytest.mark.parametrize("name", WILD)
def test_at_strength_1_they_change_something(name):
    """So that the test above tests something."""
    for history in range(1, 7):
        if fingerprint(ran(managed({}), history=history)) != fingerprint(ran(managed({}, WILD[name]), history=history)):
            return
    pytest.fail(f"{name}: no history of six moves with its settings")


def test_open_is_open_whatever_the_settings():
    wild: dict[str, dict[str, Any]] = {}
    for sections in WILD.values():
        for section, settings in sections.items():
            wild[section] = {**wild.get(section, {}), **settings}
    wild["commissions"] |= {"pressure": 5, "region_spread": 4, "territory_spread": 4}
    wild["commissions"] |= {"peers": 2, "believed_win": 2, "rival_restraint": 1, "party_member": 0.1}
    wild["observers"] = {**WATCHED["observers"], "deterrence": 9, "displacement": 1, "earlier": 1, "spill_over": 1}
    wild["observers"] |= {"webcams": 0.5, "scanners": 0.5}
    calm, upset = ran(managed(OPEN)), ran(managed(OPEN, wild, reading(pressure=7.0)))
    assert fingerprint(calm) == fingerprint(upset)


def test_with_state_resources_off_the_fitted_appeal_of_the_party_of_power_does_not_matter():
    popular = reading(valence={**READING.valence, "amanat_1999": 6.0})
    off = {"state_resources": 0.0}
    assert fingerprint(ran(managed(off))) == fingerprint(ran(managed(off, reading=popular)))
    assert fingerprint(ran(managed({}))) != fingerprint(ran(managed({}, reading=popular)))


def test_with_mobilisation_off_the_orders_of_the_akims_do_not_matter():
    ordered = reading(orders=dict.fromkeys(READING.orders, 9.0))
    off = {"mobilisation": 0.0}
    assert fingerprint(ran(managed(off))) == fingerprint(ran(managed(off, reading=ordered)))
    assert fingerprint(ran(managed({}))) != fingerprint(ran(managed({}, reading=ordered)))


def test_with_open_media_loyal_and_disloyal_lists_reach_as_many():
    from sim.malpractice.media_closure import MediaSettings, campaign_reach, media_reach

    for reach in (media_reach, campaign_reach):
        assert reach(MediaSettings(), 0, True) == reach(MediaSettings(), 0, False) == reach(MediaSettings(), 1, True)
        assert reach(MediaSettings(), 1, False) < reach(MediaSettings(), 0, False)


@pytest.mark.parametrize("name", Practice.model_fields)
def test_the_lever_of_every_practice_works(name):
    wild = WILD[name] if name in UNRECORDED else None
    for history in range(1, 7):
        on, off = (ran(managed(strengths, wild), history=history) for strengths in ({}, {name: 0}))
        if fingerprint(on) != fingerprint(off):
            return
    pytest.fail(f"{name}: no history of six differs between strength 0 and 1")


@pytest.mark.parametrize("name", sorted(UNRECORDED))
def test_a_practice_nobody_counted_does_nothing_as_shipped(name):
    assert fingerprint(ran(managed({}))) == fingerprint(ran(managed({name: 0})))


@pytest.mark.parametrize("name", ["stuffing", "stealing", "rewriting", "carousel", "tabulation", "observer_barring"])
def test_a_practice_at_the_count_moves_only_the_protocols(name):
    """Honest ballots, members and answers come before the count and stay as they were."""
    wild = WILD[name] if name in UNRECORDED else None
    with_it, without = ran(managed({}, wild)), ran(managed({name: 0}, wild))
    books = [model.counting.ledger for model in (with_it, without)]
    assert (books[0].true_votes == books[1].true_votes).all()
    before = [[event for event in m.chronicle if event.day < m.case.day] for m in (with_it, without)]
    assert before[0] == before[1]
