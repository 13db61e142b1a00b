"""What a file leaves out comes from what it extends; names, titles and folders are found as a reader expects."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import catalogue, checks
from sim.scenario.load import load
from sim.scenario.schema import Scenario
from sim.strict import InputError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_tables_are_merged_and_values_replaced(here: Path) -> None:
    write(
        here / "base.toml", 'extends = "kz-2023"\n[practice]\ndiscretion = 0.5\nstuffing = 0.5\n[law.list]\nquota = 0\n'
    )
    write(here / "sub" / "mine.toml", 'extends = "../base.toml"\nlevel = "high"\n[practice]\nstuffing = 0\n')
    found = load("sub/mine.toml")
    assert (found.practice.discretion, found.practice.stuffing, found.practice.stealing) == (0.5, 0, 1)
    assert (found.level, found.law.given) == ("high", {"list.quota": Fraction(0)})


def test_name_and_title_are_the_files_own(here: Path) -> None:
    write(here / "My Plan (2).toml", 'extends = "kz-2023-bound-registrar"\n[practice]\nstuffing = 0\n')
    found = load("My Plan (2).toml")
    assert found.name == "my-plan-2"
    assert found.title == "Kazakhstan 2023, registrar bound by the law; practice.stuffing = 0"
    assert load(here / "My Plan (2).toml") == found


def test_a_file_that_extends_nothing_starts_from_the_defaults(here: Path) -> None:
    assert load(write(here / "bare.toml", "")) == Scenario(name="bare", title="bare")


def test_a_file_made_with_a_windows_editor_is_read(here: Path) -> None:
    (here / "w.toml").write_bytes(b'\xef\xbb\xbfextends = "kz-2023"\r\n[practice]\r\nstuffing = 0\r\n')
    assert load("w.toml").practice.stuffing == 0


@pytest.mark.parametrize(("written", "held"), [("0.05", "1/20"), ('"1/15"', "1/15"), ('"7%"', "7/100"), ("0", "0")])
def test_shares_of_the_law_are_held_exactly(written: str, held: str, here: Path) -> None:
    found = load(write(here / "s.toml", f'extends = "kz-2023"\n[law.list]\nthreshold = {written}\n'))
    assert found.law.given == {"list.threshold": Fraction(held)}


def test_lists_in_the_law_are_taken(here: Path) -> None:
    law = '[law.nomination]\ndeposit_payable = [["1/20", 0.5], [0.07, 0]]\n[law.registration]\nbarred_bases = []\n'
    given = load(write(here / "l.toml", f'extends = "kz-2023"\n{law}')).law.given
    assert given["nomination.deposit_payable"] == ((Fraction(1, 20), Fraction(1, 2)), (Fraction(7, 100), Fraction(0)))
    assert given["registration.barred_bases"] == ()


def test_an_installed_copy_reads_the_scenarios_inside_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = write(here / "sim" / "_scenarios" / "only.toml", 'title = "Only"\n').parent
    monkeypatch.setattr(catalogue, "__file__", str(here / "sim" / "scenario" / "catalogue.py"))
    catalogue.folder.cache_clear()
    try:
        assert catalogue.folder() == inside
        assert load("only").title == "Only"
    finally:
        catalogue.folder.cache_clear()


def test_a_path_is_shown_as_the_user_would_write_it(here: Path) -> None:
    assert catalogue.shown(here / "a.toml") == "a.toml"
    assert catalogue.shown(Path(os.sep) / "elsewhere" / "a.toml") == os.sep + os.path.join("elsewhere", "a.toml")


def test_vary_gives_a_checked_copy_with_a_name_and_a_title_that_say_what_changed() -> None:
    base = load("kz-2023")
    fair = base.vary("practice.discretion", 0)
    assert (fair.name, fair.practice.discretion) == ("kz-2023-practice.discretion-0", 0)
    assert fair.title == "Kazakhstan 2023, law and practice as they were; practice.discretion = 0"
    assert base.practice.discretion == 1
    named = base.vary("level", "high", name="kz-2023", title="The other reading")
    assert (named.name, named.title, named.level) == ("kz-2023", "The other reading", "high")


def test_vary_merges_tables_takes_numpys_numbers_and_returns_to_the_dated_law() -> None:
    base = load("kz-2023-members-500")
    both = base.vary("practice", {"discretion": np.float64(0.5), "audit_zeal": 0})
    assert (both.practice.discretion, both.practice.audit_zeal, both.practice.stuffing) == (0.5, 0, 1)
    assert base.vary("law.registration.members", np.int64(700)).law.given["registration.members"] == 700
    assert base.vary("law.registration.members", None).law.given == {"registration.members_per_region": 0}
    assert base.vary("law.list.threshold", Fraction(1, 15)).law.given["list.threshold"] == Fraction(1, 15)
    assert base.vary("name", "other").name == "other"
    assert base.vary("title", "Other").title == "Other"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("practice.discretio", 0, 'unknown key "practice.discretio". Did you mean "discretion"?'),
        ("discretion", 0, 'unknown key "discretion". You may mean "practice.discretion". (keys: name, '),
        ("", 0, 'unknown key ""'),
        ("practice.discretion", 20, "practice.discretion = 20 must lie between 0 and 1. Did you mean 0.20 (20%)?"),
        ("practice.discretion", "0", 'practice.discretion = "0" is text; write 0 without quotes.'),
        ("practice", 0, "practice = 0 is a number where a table belongs"),
        ("practice", {"stuffin": 0}, 'unknown key "practice.stuffin". Did you mean "stuffing"?'),
        ("population.voters", 0, "population.voters = 0: an election needs at least 1 voter per region"),
        ("practice.discretion", object(), "practice.discretion = <object object"),
    ],
)
def test_vary_explains_what_it_cannot_do(path: str, value: object, message: str) -> None:
    with pytest.raises(InputError) as fault:
        load("kz-2023").vary(path, value)
    assert str(fault.value).startswith(message)


def test_long_changes_give_names_and_titles_that_still_fit() -> None:
    changed = load("kz-2023").vary("practice", dict.fromkeys(type(load("kz-2023").practice).model_fields, 0))
    assert len(changed.name) <= 80
    assert len(changed.title) <= 200
    assert changed.title.endswith("and 14 more")


def remarks(**law: int) -> list[str]:
    base = load("kz-2023").vary("law.registration", law, name="x")
    return [str(remark) for remark in checks.remarks(base)]


def test_the_enacted_law_needs_no_remark() -> None:
    assert checks.remarks(load("kz-2023")) == []


def test_a_threshold_that_nobody_can_meet_is_a_warning() -> None:
    first, second = remarks(members=2_000_000)
    assert first.startswith(
        "warning: law.registration.members = 2000000 exceeds every group's possible members (1203557:"
    )
    assert "reported as missing, not 0" in first
    assert second.startswith("note: members 2000000 (law of the day: 5000) binds new groups only")


def test_a_threshold_that_few_can_meet_is_a_note() -> None:
    assert remarks(members=50_000)[0].startswith("note: law.registration.members = 50000 is more than the 48142 who")


def test_a_regional_rule_above_the_national_one_is_a_note() -> None:
    assert remarks(members_per_region=600) == [
        "note: members_per_region 600 x 20 regions = 12000 is more than members 5000: the regional rule decides."
    ]


def test_a_congress_larger_than_the_membership_is_a_note() -> None:
    (note,) = remarks(initiative_group=7000)
    assert note == (
        "note: initiative_group 7000 is above members 5000; no applicant at the threshold could fill the hall of its "
        "founding congress."
    )


def test_a_bar_that_one_list_at_most_can_pass_is_a_warning() -> None:
    scenario = load("kz-2023").vary("law.list.threshold", "3/5")
    assert [remark.kind for remark in checks.remarks(scenario)] == ["warning"]


@pytest.mark.parametrize(
    ("voters", "said"), [(8_000_001, "needs about 1.0 GB"), (20_000_000, "more than the 12035578 p")]
)
def test_very_many_voters_are_a_note(voters: int, said: str) -> None:
    (note,) = checks.remarks(load("kz-2023").vary("population.voters", voters))
    assert said in note.text
