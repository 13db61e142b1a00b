"""Tebria, the invented country for lessons: complete, fictional, fair by default, managed where a scenario says so."""

from __future__ import annotations

import csv
import re
import tomllib
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import cases
from sim.actors import roster
from sim.law.apportionment import ListVotes, allocate
from sim.law.registration import effective_threshold
from sim.law.rules import SECTIONS
from sim.law.timeline import Law
from sim.malpractice.practice import OPEN, Practice
from sim.model import ElectionModel
from sim.scenario import case as case_files
from sim.scenario import catalogue
from sim.scenario.experiment import load_experiment
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.society.settings import AXES

ROOT = Path(__file__).parents[2]
FOLDER = cases.folder("textbook")
LAW = Law.load(FOLDER)
CASE = case_files.load("textbook", "2")
SCENARIOS = [name for name in catalogue.shipped("scenario") if name.startswith("textbook")]
REGISTERED = [party for party in CASE.parties if party.registered]
WAITING = [party for party in CASE.parties if party.formed and not party.sponsored]
SEEDS = (1, 2, 3)


@cache
def ran(name: str, seed: int = 1) -> ElectionModel:
    """A finished run with few voters, shared between tests."""
    return ElectionModel(sim.load(name).vary("population.voters", 2_000), society=seed, history=seed).run()


def row(model: ElectionModel) -> dict[str, Any]:
    """The outcomes of a run."""
    (outcomes,) = model.outcome.tables()["runs"]
    return outcomes


# --- the case is complete


def test_the_case_says_that_it_is_invented() -> None:
    assert CASE.fictional
    assert "invented" in CASE.title
    assert all(load(name).title.startswith("Tebria (invented), ") for name in SCENARIOS)


def test_five_unequal_regions_of_five_million_voters_and_one_capital() -> None:
    there = CASE.geography
    assert len(there.codes) == 5
    assert all(re.fullmatch(r"TB-[A-Z0-9]+", code) for code in there.codes)
    assert set(there.codes) == set(LAW.regions_on(CASE.day)) == set(cases.about("textbook")["tiles"])
    assert there.register.sum() == 5_000_000
    assert there.register.min() / there.register.sum() == pytest.approx(0.04)
    assert [unit.code for unit in LAW.regions.units if unit.kind == "city"] == ["TB-C"]
    assert CASE.own.venue == CASE.unmobilised == "TB-C"


def test_two_hundred_localities_in_proportion_to_the_register() -> None:
    localities = np.array([region.localities for region in CASE.geography.regions])
    assert localities.sum() == 200
    assert localities.tolist() == (CASE.geography.register * 200 / 5_000_000).tolist()


def test_the_country_is_some_600_kilometres_by_400() -> None:
    west_to_east = CASE.geography.distance("TB-S")[CASE.geography.index("TB-E")]
    south_to_north = np.ptp([region.latitude for region in CASE.geography.regions]) * 111  # kilometres in a degree
    assert 300 < west_to_east < 600
    assert 150 < south_to_north < 400


def test_every_tile_has_a_place_of_its_own() -> None:
    places = [tuple(tile[:2]) for tile in cases.about("textbook")["tiles"].values()]
    assert len(set(places)) == len(places)


def test_every_parameter_of_the_law_is_there_and_holds_together_on_every_day_of_change() -> None:
    assert set(LAW.parameters) == {f"{part}.{rule}" for part, model in SECTIONS.items() for rule in model.model_fields}
    changes = {entry.since.midpoint for parameter in LAW.parameters.values() for entry in parameter.history}
    for day in sorted(changes | {date.min, date.max}):
        assert LAW.on(day)


def test_every_entry_of_the_law_says_that_it_is_invented() -> None:
    for name, parameter in LAW.parameters.items():
        for entry in parameter.history:
            assert entry.source == "invented for teaching", name


@pytest.mark.parametrize(
    ("day", "members", "per_region", "in_person", "threshold", "effective"),
    [
        (date(2000, 1, 1), 5_000, 100, True, Fraction(5, 100), 5_000),
        (date(2010, 1, 1), 2_500, 100, True, Fraction(5, 100), 2_500),
        (date(2016, 1, 1), 2_500, 100, True, Fraction(3, 100), 2_500),
        (CASE.day, 1_000, 0, False, Fraction(3, 100), 1_000),
    ],
)
def test_the_law_is_dated(
    day: date, members: int, per_region: int, in_person: bool, threshold: Fraction, effective: int
) -> None:
    rules = LAW.on(day)
    law = rules.registration
    assert (law.members, law.members_per_region, law.congress_in_person) == (members, per_region, in_person)
    assert rules.list.threshold == threshold
    register = dict(zip(CASE.geography.codes, CASE.geography.register.tolist(), strict=True))
    assert effective_threshold(rules, register) == effective


def test_on_election_day_the_law_is_simple_and_leaves_no_rule_that_only_bars() -> None:
    rules = LAW.on(CASE.day)
    assert (rules.chamber.list_seats, rules.chamber.district_seats, rules.chamber.district_rule) == (98, 0, "plurality")
    assert (rules.list.formula, rules.list.two_party_rule, rules.list.blocs) == ("hare", False, True)
    assert not rules.ballot.against_all
    assert not rules.registration.barred_bases
    assert (rules.registration.initiative_group, rules.registration.review_days) == (100, 30)
    assert (rules.funding.founding, rules.funding.campaign) == (0, 0)


def test_seven_registered_parties_one_of_which_governs() -> None:
    conduct = [party.conduct for party in REGISTERED]
    assert len(REGISTERED) == 7
    assert conduct.count("party_of_power") == 1
    assert conduct.count("pro_regime") == 2
    assert {"soft_opposition", "hard_opposition"} <= set(conduct)
    for axis in range(len(AXES)):  # nobody can call the country one-dimensional
        assert np.ptp([party.position[axis] for party in REGISTERED]) >= 1.5


def test_parties_stand_in_order_of_registration() -> None:
    days = [party.registered for party in REGISTERED if party.registered]
    assert days == sorted(days)
    assert CASE.parties[: len(REGISTERED)] == tuple(REGISTERED)


def test_three_groups_try_before_election_2_and_one_waits_for_an_order() -> None:
    start = CASE.day.replace(year=CASE.day.year - load("textbook").years_before)
    assert len(WAITING) == 3
    assert all(party.formed and start < party.formed < CASE.lists_close for party in WAITING)
    assert all(party.conduct in roster.DISLOYAL for party in WAITING)
    assert len(CASE.ordered) == 1


@pytest.mark.parametrize("level", ["low", "high"])
def test_both_readings_have_every_list_of_the_record_and_every_region(level: str) -> None:
    reading = CASE.readings[level]
    assert set(reading.valence) == {party.key for party in REGISTERED} | CASE.ordered
    assert sum(reading.valence.values()) == pytest.approx(0)
    assert set(reading.orders) == set(CASE.geography.codes)
    assert reading.orders[CASE.unmobilised] == 0
    assert all(order > 0 for code, order in reading.orders.items() if code != CASE.unmobilised)


def test_the_two_readings_differ_in_pressure_alone() -> None:
    low, high = (CASE.readings[level].model_dump() for level in ("low", "high"))
    assert (low.pop("pressure"), high.pop("pressure")) == (-3.0, -0.75)
    assert low == high


@pytest.mark.parametrize("election", ["1", "2"])
def test_seats_of_the_invented_results_follow_from_the_invented_law(election: str) -> None:
    with (FOLDER / "elections.csv").open(encoding="utf-8", newline="") as lines:
        rows = [line for line in csv.DictReader(lines) if line["election"] == election]
    assert {line["status"] for line in rows} == {"invented"}
    by = {(line["variable"], line["party"]): line["value"] for line in rows}
    day = date.fromisoformat(rows[0]["date"])
    assert day == case_files.load("textbook", election).day
    rules = LAW.on(day)
    votes = {party: int(value) for (variable, party), value in by.items() if variable == "votes"}
    assert list(votes) == [party.key for party in REGISTERED]
    valid, cast = int(by["valid_votes", ""]), int(by["ballots_cast", ""])
    assert sum(votes.values()) == valid < cast
    assert 100 * cast / int(by["register", ""]) == pytest.approx(float(by["turnout_pct", ""]))
    given = allocate(
        [ListVotes(party, n) for party, n in votes.items()],
        rules.chamber.list_seats,
        rules.list.threshold,
        valid,
        rules.list.formula,
    )
    assert given.seats == {party: int(by["list_seats", party]) for party in votes}


# --- nothing real is named

COMMON = {"Republic", "People's Party", "National Party"}  # spellings too common in English to point at anybody


def real_names() -> set[str]:
    """Every name of a region or a party of the Kazakh case, in all its spellings, and of the country."""
    content = tomllib.loads((cases.folder("kazakhstan") / "parties.toml").read_text("utf-8"))
    regions = Law.load(cases.folder("kazakhstan")).regions.units
    names = {"Kazakhstan", "Majilis", "Mazhilis", "KZ"}
    for party in content["party"]:
        names |= {party["name"], *party.get("aliases", ()), party.get("kazakh", ""), party.get("russian", "")}
        names |= {former["name"] for former in party.get("names", ())}
    for unit in regions:
        names |= {unit.code, unit.name, unit.base, *unit.aliases, *(former.name for former in unit.former)}
    return {name for name in names if name} - COMMON


def values(tree: Any) -> list[str]:
    """Every key and text of a parsed file: what a lesson can meet; comments are for who writes cases."""
    if isinstance(tree, dict):
        return [text for key, value in tree.items() for text in (str(key), *values(value))]
    if isinstance(tree, list | tuple):
        return [text for value in tree for text in values(value)]
    return [tree] if isinstance(tree, str) else []


@pytest.mark.parametrize(
    "path",
    [*FOLDER.glob("*.toml"), *FOLDER.glob("*.csv"), *(catalogue.shipped("scenario")[name] for name in SCENARIOS)],
    ids=lambda path: path.name,
)
def test_no_real_region_or_party_is_named(path: Path) -> None:
    text = path.read_text("utf-8")
    said = "\n".join(values(tomllib.loads(text))) if path.suffix == ".toml" else text
    found = [name for name in real_names() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)]
    assert found == []


def test_no_run_of_the_managed_country_names_a_real_region_or_party() -> None:
    model = ran("textbook-managed")
    said = "\n".join([event.text for event in model.chronicle] + values(model.outcome.tables()))
    assert [name for name in real_names() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)] == []


# --- the scenarios


def test_the_scenarios_of_the_lessons_are_there() -> None:
    assert set(SCENARIOS) >= {
        "textbook",
        "textbook-managed",
        "textbook-managed-bound-registrar",
        "textbook-managed-observers-everywhere",
        "textbook-managed-open-media",
    }
    for name in SCENARIOS:
        assert (load(name).case, load(name).election) == ("textbook", "2")


def test_the_default_of_teaching_is_the_law_of_the_day_with_every_practice_off() -> None:
    assert load("textbook").practice == OPEN
    assert load("textbook").law.given == {}


def test_the_managed_country_has_every_practice_on_and_barriers_of_the_same_share_as_the_real_ones() -> None:
    managed = load("textbook-managed")
    assert managed.practice == Practice()
    assert managed.law.given["registration.members"] == pytest.approx(50_000 / 12_035_578 * 5_000_000, rel=0.02)
    rules = LAW.on(CASE.day, managed.law)
    register = dict(zip(CASE.geography.codes, CASE.geography.register.tolist(), strict=True))
    assert effective_threshold(rules, register) == 22_500 > rules.registration.members  # the regional minimum decides
    assert rules.list.threshold == Fraction(7, 100)


def flat(scenario: Scenario) -> dict[str, object]:
    """Settings of a scenario by dotted key, without what it is called."""

    def leaves(tree: dict[str, Any], above: str = "") -> dict[str, object]:
        out: dict[str, object] = {}
        for key, value in tree.items():
            out |= leaves(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
        return out

    return {key: value for key, value in leaves(scenario.model_dump()).items() if key not in ("name", "title")}


@pytest.mark.parametrize(
    ("change", "settings"),
    [
        ("bound-registrar", {"practice.discretion": 0, "practice.audit_zeal": 0}),
        ("observers-everywhere", {"mechanism.observers.share": 1}),
        ("open-media", {"practice.media_closure": 0}),
    ],
)
def test_each_scenario_changes_what_its_title_says(change: str, settings: dict[str, object]) -> None:
    base, own = flat(load("textbook-managed")), flat(load(f"textbook-managed-{change}"))
    assert {key: value for key, value in own.items() if value != base[key]} == settings


# --- what comes out


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fair_run_refuses_nobody_at_will_and_announces_what_was_cast(seed: int) -> None:
    model = ran("textbook", seed)
    out, book = row(model), model.outcome.ledger
    assert out["refusals_discretionary"] == 0
    assert (out["stuffed_votes"], out["stolen_votes"], out["rewritten_votes"]) == (0, 0, 0)
    assert np.array_equal(book.votes, book.true_votes)
    assert np.array_equal(book.invalid, book.true_invalid)
    assert not model.counting.acts.any()
    assert "young_oaks_2024" not in model.parties


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fair_run_has_several_parties_and_a_governing_one_without_a_majority(seed: int) -> None:
    out = row(ran("textbook", seed))
    assert out["enp_seats"] > 3
    assert out["leader_seat_share"] < 0.5
    assert out["registered_new_disloyal"] > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_managed_run_differs_in_every_link(seed: int) -> None:
    fair, managed = row(ran("textbook", seed)), row(ran("textbook-managed", seed))
    assert managed["registered_new_disloyal"] == 0 < fair["registered_new_disloyal"]
    assert managed["stuffed_votes"] > 0
    assert managed["stolen_votes"] > 0
    assert managed["official_leader_share"] > managed["true_leader_share"] > fair["true_leader_share"]
    assert managed["official_turnout"] > managed["true_turnout"] > fair["true_turnout"]
    assert managed["leader_seat_share"] > 0.5 > fair["leader_seat_share"]
    assert managed["enp_seats"] < fair["enp_seats"] - 1


def test_observers_everywhere_hold_back_a_part_and_change_no_vote() -> None:
    managed, watched = ran("textbook-managed"), ran("textbook-managed-observers-everywhere")
    assert np.array_equal(managed.outcome.ledger.true_votes, watched.outcome.ledger.true_votes)
    gap = [row(model)["official_leader_share"] - row(model)["true_leader_share"] for model in (managed, watched)]
    assert 0 < gap[1] < gap[0]


# --- the page for teachers

PAGE = (ROOT / "docs" / "textbook.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^`([a-z0-9-]+\.toml)`\n```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """A folder with every file that the page asks a class to write."""
    for name, text in BLOCKS.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_every_file_of_the_lessons_can_be_run(lesson: Path) -> None:
    asked = [path for path in lesson.iterdir() if "question" in tomllib.loads(path.read_text("utf-8"))]
    assert len(asked) == 4
    named = {scenario.name for path in asked for scenario in load_experiment(path).scenarios}
    own = {path.stem for path in lesson.iterdir()} - {path.stem for path in asked}
    assert own <= named <= own | set(SCENARIOS)


def test_the_page_names_only_scenarios_and_files_that_are_there() -> None:
    ran_or_checked = re.findall(r"^majilis (?:run|batch) (\S+)", PAGE, re.MULTILINE)
    assert len(ran_or_checked) == 8
    assert set(ran_or_checked) <= set(SCENARIOS) | set(BLOCKS)
    assert set(re.findall(r"`(textbook(?:-[a-z]+)*)`", PAGE)) <= set(SCENARIOS) | {"textbook"}


def test_each_lock_alone_holds_the_door(lesson: Path) -> None:
    """Lesson 2 in small: the same groups are refused, never try, or pass, by which locks are open."""

    def registered(asked: Scenario) -> int:
        model = ElectionModel(asked.vary("population.voters", 2_000), society=1, history=1).run()
        return row(model)["registered_new_disloyal"]

    shut, bound = load("textbook-managed"), load("textbook-managed-bound-registrar")
    door, both = load(lesson / "open-door.toml"), load(lesson / "both-locks-open.toml")
    assert registered(both) > registered(door) + registered(bound) + registered(shut)
