"""What must hold in every life of a party, whatever the history."""

from __future__ import annotations

from datetime import date, timedelta

import networkx as nx
import numpy as np
import pytest
from long_runs import fresh, ran, scenario

from sim.actors import life
from sim.actors.party import Party
from sim.party_system import PartySystem

HISTORIES = range(1, 6)
OPEN_PARTIES = {"practice": {"bans": 0, "prosecution": 0, "suspension": 0}}


@pytest.fixture(scope="module", params=HISTORIES)
def model(request) -> PartySystem:
    return ran(history=request.param)


def test_every_life_follows_the_table_and_its_days_never_run_backwards(model: PartySystem) -> None:
    for party in model.parties.values():
        for before, after in zip(party.past, party.past[1:], strict=False):
            assert after.status in life.LIFE[before.status], party
            assert after.day >= before.day, party
        assert party.past[-1].status == party.status
        for decision in party.decisions:
            assert decision.decided >= decision.filed


def test_steps_are_reached_in_their_order(model: PartySystem) -> None:
    for party in model.parties.values():
        reached = party.reached
        if party.origin in ("latent", "split", "ordered") and reached.formed > model.decades.given_until:
            days = [
                reached.formed,
                reached.noticed,
                reached.confirmed,
                reached.congress,
                reached.filed,
                reached.registered,
            ]
            known = [day for day in days if day is not None]
            assert known == sorted(known), party
            assert days[: len(known)] == known, party  # no step is jumped


def test_every_refusal_has_a_ground_and_every_registration_enough_accepted_names(model: PartySystem) -> None:
    answers = [(party, d) for party in model.parties.values() for d in party.decisions]
    assert answers
    for party, decision in answers:
        if decision.outcome == "refused":
            assert decision.grounds
            assert all(reason for reason in decision.reasons)
        elif decision.outcome == "registered":
            asked = model.rules_on(decision.filed).registration.members
            assert decision.accepted_names >= asked, (party, decision)


def test_nobody_is_registered_who_never_asked(model: PartySystem) -> None:
    for party in model.parties.values():
        if party.reached.formed > model.decades.given_until and party.reached.registered and not party.parties:
            assert any(d.outcome == "registered" for d in party.decisions)


def test_descent_is_a_graph_without_circles_that_graphml_can_hold(model: PartySystem, tmp_path) -> None:
    graph = model.records.lineage()
    assert nx.is_directed_acyclic_graph(graph)
    nx.write_graphml(graph, tmp_path / "lineage.graphml")
    again = nx.read_graphml(tmp_path / "lineage.graphml")
    assert set(again.nodes) == set(graph.nodes)
    ties = [(party.key, kin) for party in model.parties.values() for kin in party.kin]
    kinds = [data["kind"] for *_, data in graph.edges(data=True)]
    assert sum(kind != "goes on" for kind in kinds) == len(ties)


def test_no_member_is_lost_or_counted_twice_when_parties_merge() -> None:
    model = fresh(scenario(until=date(2002, 9, 1))).run()
    one, other = [p for p in model.parties.values() if p.registered][1:3]
    before = one.members + other.members
    model.merge(one, other, "as a test")
    assert (other.members == before).all()
    assert not one.members.any()
    assert (one.status, one.into) == ("merged", other.key)


def test_who_leaves_with_a_splinter_is_no_longer_a_member_of_the_parent() -> None:
    model = fresh(scenario(until=date(2002, 9, 1))).run()
    parent = max((p for p in model.parties.values() if p.registered), key=lambda p: p.members.sum())
    before = parent.members.copy()
    child = model.arrivals.splinter("s", "S", parent, loyalty=0.5, members=3_000, money=1, valence=0)
    assert (parent.members + child.members == before).all()
    assert 2_900 < child.members.sum() <= 3_000
    assert child.kin[0].other == parent.key


def stranger(
    model: PartySystem, *, loyalty: float, each: int, persistence: float = 1.0, key: str = "stranger"
) -> Party:
    """A group with so many names in every region."""
    row = 0
    party = model.arrivals._found_at(key, "Stranger", row=row)
    party.character.loyalty, party.character.persistence = loyalty, persistence
    party.members = np.full(len(party.members), each)
    return party


def test_a_compliant_group_without_discretion_is_always_registered() -> None:
    practice = {"discretion": 0, "detention": 0, "audit_zeal": 0}
    for history in HISTORIES:
        spec = scenario(until=date(2005, 6, 30), **OPEN_PARTIES).vary("practice", practice, name="x", title="x")
        model = fresh(spec, history=history)
        model.run_until(model.day(date(2003, 3, 3)))
        party = stranger(model, loyalty=0.05, each=20_000)
        model.run()
        assert party.reached.registered is not None, [d.reasons for d in party.decisions]


def test_a_refused_group_stays_refused_while_nothing_changes() -> None:
    spec = scenario(until=date(2006, 12, 31), **OPEN_PARTIES, appeals={"sue": 0}, conduct={"disheartened": 0})
    model = fresh(spec)
    model.run_until(model.day(date(2003, 3, 3)))
    party = stranger(model, loyalty=0.0, each=20_000)
    model.run()
    assert len(party.decisions) > 20
    assert {decision.outcome for decision in party.decisions} == {"refused"}


def test_a_group_whose_members_fall_is_refused_again_and_again() -> None:
    model = fresh(scenario(until=date(2006, 12, 31), **OPEN_PARTIES, appeals={"sue": 0}))
    model.run_until(model.day(date(2003, 3, 3)))
    party = stranger(model, loyalty=0.0, each=20_000)
    before = party.members.sum()
    model.run()
    assert len(party.decisions) > 10
    assert party.members.sum() < before / 2


def test_who_wins_in_court_is_judged_on_the_law_alone() -> None:
    spec = scenario(
        until=date(2005, 12, 31), practice={"court_dependence": 0, "bans": 0, "prosecution": 0, "suspension": 0}
    )
    model = fresh(spec)
    model.run_until(model.day(date(2003, 3, 3)))
    party = stranger(model, loyalty=0.0, each=20_000)
    model.run()
    assert model.appeals.won
    assert party.cleared == {"notice", "list"}
    assert party.reached.registered is not None


def test_an_unanswered_application_lapses_where_the_law_has_it() -> None:
    spec = scenario(
        until=date(2012, 6, 30),
        practice={"bans": 0, "prosecution": 0},
        queue={"unanswered": 1.0},
        appeals={"sue": 1.0, "win": 1.0},
        conduct={"disheartened": 0},
    )
    model = fresh(spec)
    model.run_until(model.day(date(2009, 6, 1)))
    party = stranger(model, loyalty=0.0, each=20_000)
    party.cleared.add("notice")
    model.run()
    lapsed = [d for d in party.decisions if d.outcome == "lapsed"]
    assert lapsed
    for decision in lapsed:
        assert decision.decided - decision.filed == timedelta(days=90)
    assert any("lapses without an answer" in event.text for event in model.chronicle)


def test_parties_of_the_record_stand_until_it_ends_and_all_must_register_again() -> None:
    model = ran()
    assert model.reregistration.rounds[0][1] == 19
    assert model.reregistration.rounds[0][0] == date(2002, 7, 19)
    for party in model.parties.values():
        if (
            party.reached.formed <= model.decades.given_until
            and not party.parties
            and party.past[-1].day > date(2002, 7, 15)
        ):
            states = [step.status for step in party.past]
            assert "reregistration" in states, party


def test_branches_not_opened_in_time_cost_the_registration() -> None:
    spec = scenario(until=date(2005, 6, 30), branches={"opened": 0.0}, **OPEN_PARTIES)
    spec = spec.vary("practice", {"discretion": 0, "detention": 0}, name="x", title="x")
    model = fresh(spec)
    model.run_until(model.day(date(2003, 3, 3)))
    party = stranger(model, loyalty=0.9, each=20_000)
    model.run()
    assert [step.status for step in party.past][-2:] == ["provisional", "dissolved"]
    assert party.past[-1].day > party.past[-2].day + timedelta(days=180)


def test_a_barred_basis_is_a_ground() -> None:
    spec = scenario(until=date(2005, 6, 30), **OPEN_PARTIES)
    spec = spec.vary("practice", {"discretion": 0, "detention": 0}, name="x", title="x")
    model = fresh(spec)
    model.run_until(model.day(date(2003, 3, 3)))
    party = stranger(model, loyalty=0.9, each=20_000)
    party.basis = "ethnic"
    model.run()
    assert party.reached.registered is None
    assert any(ground.code == "barred_basis" for d in party.decisions for ground in d.grounds)
