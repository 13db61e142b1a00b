"""Registration over whole runs: grounds, clocks, minima, a mind that keeps, and founders that scenarios share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
from small_runs import OPEN, fresh, ran, scenario

from sim.actors.party import Character, Decision, Party
from sim.actors.registrar import UNEXPLAINED
from sim.law.registration import effective_threshold
from sim.model import ElectionModel
from sim.scenario.schema import Scenario
from sim.strict import InputError

SEEDS = (1, 2, 3, 4)
ENACTED = scenario()
BOUND = scenario(practice={"discretion": 0})
EASY = scenario(
    practice={"discretion": 0},
    law={"registration": {"members": 700, "members_per_region": 20, "initiative_group": 200}},
)
STRICT = scenario(law={"registration": {"members": 50_000}})
WORLDS = {"enacted": ENACTED, "bound": BOUND, "easy": EASY, "strict": STRICT}


def new_groups(model: ElectionModel) -> list[Party]:
    """Groups that formed during the run."""
    return [party for party in model.parties.values() if party.reached.formed > model.start]


def answers(spec: Scenario) -> Iterator[tuple[ElectionModel, Party, Decision]]:
    """Every decision of the runs of a scenario over the seeds."""
    for seed in SEEDS:
        model = ran(spec, society=seed, history=seed)
        for party in new_groups(model):
            for decision in party.decisions:
                yield model, party, decision


@pytest.mark.parametrize("world", ["enacted", "bound", "easy"])  # few try at 50,000 members
def test_there_is_something_to_see(world):
    outcomes = [decision.outcome for _, _, decision in answers(WORLDS[world])]
    assert {"confirmed", "registered", "refused"} == set(outcomes)
    assert len(outcomes) > 20


@pytest.mark.parametrize("world", WORLDS)
def test_every_refusal_has_a_ground_and_nothing_else_has_one(world):
    for _, _, decision in answers(WORLDS[world]):
        assert (decision.outcome == "refused") == bool(decision.grounds)
        assert all(ground.message for ground in decision.grounds)
        assert not decision.discretionary or decision.outcome == "refused"
        assert (
            decision.outcome in {"notice": ("confirmed", "refused"), "list": ("registered", "refused")}[decision.stage]
        )


@pytest.mark.parametrize("world", WORLDS)
def test_clocks_never_run_backwards(world):
    for seed in SEEDS:
        model = ran(WORLDS[world], society=seed, history=seed)
        for party in new_groups(model):
            steps = party.reached
            days = [steps.formed, steps.noticed, steps.confirmed, steps.congress, steps.filed, steps.registered]
            reached = [day for day in days if day is not None]
            assert days == reached + [None] * (len(days) - len(reached)), f"{party.key} skipped a step"
            assert reached == sorted(reached)
            filed = [decision.filed for decision in party.decisions]
            assert filed == sorted(filed)
            assert all(a.decided <= b.filed for a, b in zip(party.decisions, party.decisions[1:], strict=False))


@pytest.mark.parametrize("world", WORLDS)
def test_an_answer_comes_when_it_is_due(world):
    """A notice after the usual days; a list after the statutory ones, and those on which its names are checked."""
    for model, _, decision in answers(WORLDS[world]):
        days, settings = (decision.decided - decision.filed).days, model.spec.mechanism.registrar
        assert days > 0
        if decision.stage == "notice":
            assert days == settings.notice_days
        else:
            assert days == model.rules_on(decision.filed).registration.review_days + settings.check_days


def test_a_refused_group_waits_before_it_tries_again():
    for _, party, decision in answers(ENACTED):
        later = [other for other in party.decisions if other.filed >= decision.decided]
        if decision.outcome == "refused" and later:
            assert (later[0].filed - decision.decided).days >= ENACTED.mechanism.founding.refile_days


@pytest.mark.parametrize("world", WORLDS)
def test_who_is_registered_has_the_members_the_law_asks_for(world):
    for model, _, decision in answers(WORLDS[world]):
        law = model.rules_on(decision.filed).registration
        if decision.outcome == "registered":
            assert decision.accepted_names >= law.members
            assert decision.accepted_names >= law.members_per_region * len(model.law.regions_on(decision.filed))
        elif decision.outcome == "confirmed":
            assert decision.accepted_names >= law.initiative_group


def test_no_more_names_are_accepted_than_were_filed():
    model = fresh(BOUND, history=1)
    filed: dict[tuple[str, str, date], int] = {}
    take_in = model.registration.file

    def noted(party, stage):
        filed[party.key, stage, model.today] = int(party.members.sum())
        take_in(party, stage)

    model.registration.file = noted
    model.run()
    for party in new_groups(model):
        for decision in party.decisions:
            assert decision.accepted_names <= filed[party.key, decision.stage, decision.filed]


@pytest.mark.parametrize("world", ["bound", "easy"])
def test_without_discretion_every_refusal_is_by_the_law(world):
    for _, _, decision in answers(WORLDS[world]):
        assert UNEXPLAINED not in decision.grounds
        assert not decision.discretionary


def test_with_discretion_some_are_refused_who_meet_the_law():
    assert any(decision.discretionary for _, _, decision in answers(ENACTED))
    assert any(UNEXPLAINED in decision.grounds for _, _, decision in answers(ENACTED))


def test_members_are_never_negative_whole_persons():
    for spec in WORLDS.values():
        for seed in SEEDS:
            for party in ran(spec, society=seed, history=seed).parties.values():
                assert party.members.dtype == np.int64
                assert (party.members >= 0).all()


def stranger(
    model: ElectionModel, *, loyalty: float, each: int, key: str = "stranger", persistence: float = 1.0
) -> Party:
    """A group with so many members in every region, put into a model before its first day."""
    regions = len(model.geography.regions)
    party = Party(
        model,
        key=key,
        name=key.title(),
        conduct="hard_opposition",
        origin="latent",
        position=np.zeros(3),
        valence=0.0,
        character=Character(loyalty=loyalty, persistence=persistence, money=1.0, profile=np.ones(regions)),
        formed=model.today,
    )
    party.members = np.full(regions, each)
    model.parties[key] = party
    return party


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("loyalty", [0.0, 1.0])
def test_without_discretion_a_group_that_complies_is_registered(seed, loyalty):
    model = fresh(BOUND, history=seed)
    party = stranger(model, loyalty=loyalty, each=1_500)
    model.run()
    assert [decision.outcome for decision in party.decisions] == ["confirmed", "registered"]
    assert party.registered
    assert party.on_ballot


@pytest.mark.parametrize("seed", SEEDS)
def test_without_discretion_a_group_too_small_is_refused_for_its_size_only(seed):
    spec = scenario(
        practice={"discretion": 0},
        law={"registration": {"members": 5000, "members_per_region": 200, "initiative_group": 100}},
        mechanism={"recruitment": {"names": 0, "leave": 0}},
    )
    model = fresh(spec, history=seed)
    party = stranger(model, loyalty=1.0, each=248)  # enough for a congress and for every region, too few for a list
    model.run()
    lists = [decision for decision in party.decisions if decision.stage == "list"]
    assert lists
    for decision in lists:
        assert {ground.code for ground in decision.grounds} == {"members"}


def test_a_mind_made_up_stays_made_up():
    model = fresh(ENACTED)
    first, last = date(2022, 1, 6), date(2023, 3, 19)  # one period of pressure
    days = [first + timedelta(days=n) for n in range(0, (last - first).days, 20)]
    minds = set()
    for n in range(40):
        party = stranger(model, loyalty=n / 40, each=1, key=f"stranger_{n}")
        for stage in ("notice", "list"):
            mind = {model.registrar.wants_refusal(party, stage, day, 1) for day in days}
            assert len(mind) == 1
            minds |= mind
            before = model.registrar.wants_refusal(party, stage, date(2021, 6, 1), 1)
            assert before >= mind.pop()  # less pressure to register, never more consent
    assert minds == {True, False}


def test_a_refused_group_with_nothing_changed_stays_refused():
    model = fresh(ENACTED)
    party = stranger(model, loyalty=0.0, each=20_000)
    model.run()
    assert len(party.decisions) > 15
    assert {decision.outcome for decision in party.decisions} == {"refused"}
    assert {decision.stage for decision in party.decisions} == {"notice"}


def test_who_gives_up_easily_is_refused_once():
    model = fresh(ENACTED)
    party = stranger(model, loyalty=0.0, each=20_000, persistence=0.0)
    model.run()
    assert [decision.outcome for decision in party.decisions] == ["refused"]
    assert party.status == "lapsed"


def test_a_party_that_was_ordered_is_registered_and_none_is_ordered_without_sponsorship():
    for seed in SEEDS:
        ordered = [party for party in ran(ENACTED, society=seed, history=seed).parties.values() if party.sponsored]
        assert ordered
        assert all(party.registered for party in ordered)
        free = ran(scenario(practice={"sponsorship": 0}), society=seed, history=seed)
        assert not any(party.sponsored for party in free.parties.values())
        assert {party.key for party in ordered}.isdisjoint(free.parties)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_higher_threshold_keeps_groups_away_and_brings_none(seed):
    """Founders are shared: whoever forms under 50,000 also forms under 5,000 and under 500, as the same group."""
    fewest = scenario(law={"registration": {"members": 500}})
    strict, enacted, open_ = (ran(spec, society=seed, history=seed) for spec in (STRICT, ENACTED, fewest))
    for narrow, wide in ((strict, enacted), (enacted, open_)):
        groups = {party.key: party for party in new_groups(narrow)}
        others = {party.key: party for party in new_groups(wide)}
        assert groups.keys() <= others.keys()
        for key, party in groups.items():
            assert party.reached.formed == others[key].reached.formed
            assert party.character.money == others[key].character.money
            assert np.array_equal(party.character.profile, others[key].character.profile)
            if party.origin == "case":
                assert np.array_equal(party.position, others[key].position)
                assert party.character.loyalty == others[key].character.loyalty


def test_a_latent_group_is_the_same_group_in_every_scenario():
    for seed in (2, 4, 6):
        strict, open_ = (
            ran(scenario(law={"registration": {"members": 500}}, practice=practice), society=1, history=seed - 1)
            for practice in ({}, {"sponsorship": 0, "discretion": 0})
        )
        for key in strict.parties.keys() & open_.parties.keys():
            if strict.parties[key].origin == "latent":
                assert np.array_equal(strict.parties[key].position, open_.parties[key].position)
                assert strict.parties[key].conduct == open_.parties[key].conduct


def test_a_low_threshold_can_be_watched_for_as_long_as_a_file_may_ask_for():
    longest = next(limit.le for limit in Scenario.model_fields["years_before"].metadata if hasattr(limit, "le"))
    model = ran(scenario(voters=60, years_before=longest, law={"registration": {"members": 500}}))
    slots = [party.slot for party in model.parties.values() if party.slot >= 0]
    assert len(set(slots)) == len(slots)
    assert max(slots) < 64  # bits of awareness
    gone = [party for party in model.parties.values() if party.status in ("lapsed", "ended")]
    assert len(model.parties) - len(slots) >= len(gone) > 0  # places of those who are gone are free again


def test_more_groups_than_awareness_has_bits_are_refused_in_the_users_words():
    registration = {"members": 0, "members_per_region": 0, "initiative_group": 10, "congress_in_person": False}
    flood = scenario(
        voters=60, practice=OPEN, law={"registration": registration}, mechanism={"formation": {"rate": 50}}
    )
    with pytest.raises(
        InputError, match=r"parties and groups known to voters at once; lower mechanism\.formation\.rate"
    ):
        fresh(flood).run()


def test_the_congress_may_be_dispensed_with():
    model = ran(scenario(practice={"discretion": 0}, law={"registration": {"congress_in_person": False}}))
    held = [event.text for event in model.chronicle if "founding congress" in event.text and "holds" in event.text]
    assert held
    assert all("without meeting in person" in text for text in held)


def test_the_binding_number_after_2022_is_the_regional_one():
    """FINDINGS: for who recruits in proportion to people, 5,000 with 200 a region is worth more than 17,000."""
    model = fresh()
    rules = model.rules_on(model.case.day)
    threshold = effective_threshold(
        rules, dict(zip(model.geography.codes, model.geography.register.tolist(), strict=True))
    )
    assert threshold > 2.5 * rules.registration.members


def test_a_rate_of_nobody_brings_nobody():
    model = fresh(scenario(practice={"sponsorship": 0}, mechanism={"formation": {"rate": 0}})).run()
    assert not [party for party in new_groups(model) if party.origin == "latent"]


@pytest.mark.parametrize(
    "names",
    [1_100, 10_000_000],
)
def test_no_group_has_more_members_than_there_are_voters(names):
    model = ran(scenario(practice={"discretion": 0}, mechanism={"recruitment": {"names": names}}))
    for party in model.parties.values():
        assert (party.members <= model.geography.register).all()


@pytest.mark.parametrize("members", [5_000, 20_000, 50_000])
def test_a_party_ordered_months_ahead_stands(members):
    """Both satellites of 2022-23 stood; the number asked for must not keep them out by the clock alone."""
    for seed in range(1, 7):
        model = ran(scenario(law={"registration": {"members": members}}), history=seed)
        assert all(party.on_ballot for party in model.parties.values() if party.sponsored)
