"""The law of Kazakhstan as a jurist would ask for it, and every row of the research table found in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.law.parameter import Period
from sim.law.rules import SECTIONS
from sim.law.timeline import Law
from sim.strict import InputError

TIMELINE = Path(__file__).resolve().parents[3] / "shared/data/kazakhstan/law_timeline.csv"

ELECTIONS = {
    "1995-12-09": (0, 67),
    "1999-10-10": (3000, 77),
    "2004-09-19": (50000, 77),
    "2007-08-18": (50000, 107),
    "2012-01-15": (40000, 107),
    "2016-03-20": (40000, 107),
    "2021-01-10": (20000, 107),
    "2023-03-19": (5000, 98),
}


@pytest.mark.parametrize("day", ELECTIONS)
def test_members_and_seats_at_every_election(law: Law, day: str) -> None:
    rules = law.on(date.fromisoformat(day))
    assert (rules.registration.members, rules.chamber.seats) == ELECTIONS[day]


def test_the_chamber_of_2007_had_ninety_eight_list_seats_and_nine_of_the_assembly(law: Law) -> None:
    chamber = law.on(date(2007, 8, 18)).chamber
    assert (chamber.list_seats, chamber.district_seats, chamber.quota_seats) == (98, 0, 9)


def test_the_chamber_of_2023_was_mixed_and_its_districts_plurality(law: Law) -> None:
    chamber = law.on(date(2023, 3, 19)).chamber
    assert (chamber.list_seats, chamber.district_seats, chamber.district_rule) == (69, 29, "plurality")
    assert law.on(date(1999, 10, 10)).chamber.district_rule == "majority runoff"


def test_the_threshold_was_seven_percent_until_2021_and_its_base_changed_three_times(law: Law) -> None:
    days = ["1999-10-10", "2004-09-19", "2007-08-18", "2012-01-15", "2021-01-10", "2023-03-19"]
    found = [law.on(date.fromisoformat(day)).list for day in days]
    assert [rules.threshold for rules in found] == [Fraction(7, 100)] * 5 + [Fraction(5, 100)]
    assert [rules.threshold_base for rules in found] == ["cast", "valid", "valid", "cast", "cast", "cast"]


def test_the_threshold_base_before_2009_is_assumed_and_said_to_be(law: Law) -> None:
    base = law.parameters["list.threshold_base"]
    assert [base.on(date(year, 10, 10)).status for year in (1995, 1999, 2004, 2007, 2012)] == [
        "absent",
        "assumed",
        "assumed",
        "assumed",
        "enacted",
    ]
    assert "published results" in base.on(date(1999, 10, 10)).reason


def test_the_two_party_rule_came_in_2009_with_both_reported_minimums(law: Law) -> None:
    assert not law.on(date(2009, 2, 8)).list.two_party_rule
    rules = law.on(date(2012, 1, 15)).list
    assert (rules.two_party_rule, rules.two_party_minimum, rules.two_party_correction) == (True, 2, Fraction(7, 10))
    [entry] = law.parameters["list.two_party_minimum"].history
    assert [variant.value for variant in entry.variants] == [7]


def test_the_regional_minimum_before_2020_keeps_both_numbers(law: Law) -> None:
    entry = law.parameters["registration.members_per_region"].on(date(2016, 3, 20)).entry
    assert entry is not None
    assert (entry.value, [variant.value for variant in entry.variants]) == (600, [1000])


def test_the_senate_at_its_dates(law: Law) -> None:
    years = {1996: 47, 2004: 39, 2008: 47, 2021: 49, 2023: 50}
    assert {year: law.on(date(year, 1, 1)).senate.seats for year in years} == years


def test_when_the_line_against_all_went_is_assumed(law: Law) -> None:
    against_all = law.parameters["ballot.against_all"]
    for day, value in ((date(1999, 10, 10), True), (date(2004, 9, 19), False), (date(2021, 1, 10), False)):
        assert (against_all.on(day).status, against_all.on(day).value) == ("assumed", value)
    assert against_all.on(date(2023, 3, 19)).value is True


def test_the_amendments_of_2022_fell_between_january_and_september(law: Law) -> None:
    for rule in ("members", "members_per_region", "initiative_group", "congress_deadline", "congress_in_person"):
        last = law.parameters[f"registration.{rule}"].history[-1]
        assert last.since == Period(date(2022, 1, 5), date(2022, 9, 19)), rule
        assert last.known_on == date(2022, 9, 19)


def test_a_congress_in_person_is_assumed_since_2002_and_written_in_2022(law: Law) -> None:
    congress = law.parameters["registration.congress_in_person"]
    assert [congress.on(date(year, 12, 1)).status for year in (1999, 2003, 2022)] == ["unknown", "assumed", "enacted"]
    assert congress.on(date(2003, 1, 1)).value


def test_one_chamber_since_the_constitution_of_2026(law: Law) -> None:
    rules = law.on(date(2026, 8, 1))
    assert (rules.parliament.chambers, rules.chamber.seats, rules.chamber.district_seats) == (1, 145, 0)


def test_every_rule_is_given_and_every_day_on_which_law_changed_is_consistent(law: Law) -> None:
    assert set(law.parameters) == {f"{part}.{rule}" for part, model in SECTIONS.items() for rule in model.model_fields}
    changes = {e.since.midpoint for p in law.parameters.values() for e in p.history}
    for day in sorted(changes | {date.min, date.max}):
        assert law.on(day)


# ------------------------------------------------------------------ the research table, row by row

WORDS: dict[str, Any] = {
    "banned": False,
    "present": True,
    "in person, no proxies": True,
    "professional, permanent": True,
    "only states and inter-state organisations, no foreign NGOs": "states only",
    "votes of those who took part in voting": "cast",
    "equal remainders: the party registered first": "order of registration",
    "ethnic, religious, gender basis": ("ethnic", "religious", "gender"),
    "application lapses if neither approved nor refused in about 3 months": 90,
    "0% if >=7% last time; 50% if 5-7%; 70% if 3-5%": (
        (Fraction(7, 100), Fraction(0)),
        (Fraction(5, 100), Fraction(1, 2)),
        (Fraction(3, 100), Fraction(7, 10)),
    ),
    "refunded at >=7% of votes": Fraction(7, 100),
    "deputies lose the seat if they leave the party": True,
    "unexpunged criminal record": True,
    "ended (party lists)": False,
    "Ministry of Justice": "Ministry of Justice",
}
RULES = {
    "min_members": ["registration.members"],
    "min_members_per_region": ["registration.members_per_region"],
    "initiative_group_min": ["registration.initiative_group"],
    "organising_committee_min": ["registration.organising_committee"],
    "congress_attendance": ["registration.congress_in_person"],
    "time_to_hold_congress": ["registration.congress_deadline"],
    "documents_deadline_after_congress": ["registration.filing_deadline"],
    "branch_registration_deadline": ["registration.branches_deadline"],
    "review_period": ["registration.review_days"],
    "re-application rule": ["registration.lapse_days"],
    "party_basis_bans": ["registration.barred_bases"],
    "registrar": ["registration.registrar"],
    "threshold_pct": ["list.threshold"],
    "threshold_base": ["list.threshold_base"],
    "tie_rule": ["list.ties"],
    "two_party_guarantee_minimum": ["list.two_party_minimum"],
    "electoral_blocs": ["list.blocs"],
    "against_all": ["ballot.against_all"],
    "seats_list": ["chamber.list_seats"],
    "seats_smd": ["chamber.district_seats"],
    "seats_apk": ["chamber.quota_seats"],
    "seats_total": ["chamber.seats"],
    "senate_seats": ["senate.seats"],
    "chambers": ["parliament.chambers"],
    "deposit_list": ["nomination.deposit"],
    "deposit_discount": ["nomination.deposit_payable"],
    "deposit_refund": ["nomination.deposit_refund"],
    "deposit_maslikhat": ["nomination.maslikhat_deposit"],
    "imperative mandate": ["mandate.imperative"],
    "foreign observers": ["observation.foreign"],
    "polling_stations": ["stations.count"],
    "territorial commissions": ["commissions.professional"],
    "candidate bar": ["nomination.record_bar"],
    "self-nomination to maslikhats": ["nomination.maslikhat_self"],
}
IN_OTHER_WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("two_party_guarantee", "2009-02-09"): {
        "list.two_party_rule": True,
        "list.two_party_correction": Fraction(7, 10),
    },
    ("initiative_group_min for first notice", "2019-06-26"): {"registration.notice_by": "initiative group"},
    ("list_quota", "2020-05"): {"list.quota": Fraction(3, 10), "list.quota_groups": ("women", "youth")},
    ("list_quota", "2022"): {
        "list.quota": Fraction(3, 10),
        "list.quota_groups": ("women", "youth", "persons with disabilities"),
        "list.quota_in_seats": True,
    },
    ("list_max_length", "2022"): {"list.max_length": Fraction(13, 10)},
    ("candidate_min_age/residence", "2022"): {"nomination.min_age": 25, "nomination.residence": 10},
}
NOT_RULES = {
    "law exists",
    "election law adopted",
    "parties before -> applied -> re-registered",
    "powers",
    "implements 2022 system",
    "districts formed",
    "preamble removed",
}


def rows() -> list[dict[str, str]]:
    """The research table, with "same" written out."""
    if not TIMELINE.exists():
        return []
    with TIMELINE.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    for above, row in pairwise(table):
        row["source"] = above["source"] if row["source"] == "same" else row["source"]
    return table


def meant(row: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """The rules a row sets, with their values."""
    other = IN_OTHER_WORDS.get((row["parameter"], row["date"]))
    if other:
        yield from other.items()
        return
    text = row["new_value"]
    if text in WORDS:
        value = WORDS[text]
    elif row["unit"] == "%":
        value = Fraction(int(text), 100)
    else:
        value = int(text.split(" ")[0])
    for name in RULES[row["parameter"]]:
        yield name, value


def test_the_research_table_is_at_hand() -> None:
    if not rows():
        pytest.skip("../shared is absent: the research table cannot be compared with the law file")


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['date']}-{row['parameter']}")
def test_every_row_of_the_research_table_is_in_the_law_file(law: Law, row: dict[str, str]) -> None:
    when = Period.read(row["date"])
    if row["parameter"] in NOT_RULES:
        [note] = [note for note in law.notes if note.title == row["parameter"]]
        assert (note.since, note.source, note.confidence) == (when, row["source"], row["confidence"])
        return
    for name, value in meant(row):
        found = [
            entry
            for entry in law.parameters[name].history
            if entry.value == value and entry.since.first <= when.last and entry.since.last >= when.first
        ]
        assert found, f"{name} = {value} in {when}"
        assert any(entry.source == row["source"] for entry in found), f"{name}: source"
        assert any(entry.confidence == row["confidence"] for entry in found), f"{name}: confidence"
        assert all(entry.known_on <= when.last for entry in found), f"{name}: dated later than its source"


# -------------------------------------------------------------------------------- faults in a law file


def spoil(folder: Path, old: str, new: str) -> None:
    path = folder / "law.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_copied_case_loads(case_folder: Path, law: Law) -> None:
    assert Law.load(case_folder).parameters == law.parameters


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[ballot.against_all]", "[ballot.against_al]", 'no such rule. Did you mean "ballot.against_all"'),
        ("value = 3000", 'value = "3000"', "registration.members.history.0.value: Input should be a valid integer"),
        ('since = "1996"', 'since = "in 1996"', "not part of a date"),
        ('title = "law exists"', 'titel = "law exists"', "notes.0.title: Field required"),
        ("[sources]", "edition = 3\n[sources]", "edition = 3: must be a table"),
        ("[sources]", "[sources", "law.toml"),
        (
            'since = "2009-02"\nvalue = 40000',
            'since = "2001"\nvalue = 40000',
            "must come after the entry of 2002-07-15",
        ),
    ],
)
def test_a_faulty_law_file_is_refused_in_its_own_words(case_folder: Path, old: str, new: str, fault: str) -> None:
    spoil(case_folder, old, new)
    with pytest.raises(InputError) as refused:
        Law.load(case_folder)
    assert fault in str(refused.value)
    assert "Value error" not in str(refused.value)


def test_all_faults_are_told_at_once(case_folder: Path) -> None:
    path = case_folder / "law.toml"
    text = path.read_text(encoding="utf-8").replace("ballot.against_all", "ballot.against_al")
    path.write_text(text.replace("value = 3000", "value = -1"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        Law.load(case_folder)
    message = str(refused.value)
    assert "ballot.against_al: no such rule" in message
    assert "ballot.against_all: missing" in message
    assert "registration.members.history.0.value" in message


def test_a_case_without_a_law_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read; a case needs this file"):
        Law.load(tmp_path)


def test_an_unknown_parameter_is_told_the_nearest(law: Law) -> None:
    assert law.parameter("list.threshold").name == "list.threshold"
    with pytest.raises(
        InputError, match=r'unknown parameter "registration\.member"\. Did you mean "registration\.members"'
    ):
        law.parameter("registration.member")
    with pytest.raises(InputError, match=r'Did you mean "list\.blocs"'):
        law.parameter("bloc")
    with pytest.raises(InputError, match=r'unknown parameter "zzz"\.$'):
        law.parameter("zzz")
