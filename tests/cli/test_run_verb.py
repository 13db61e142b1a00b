"""`majilis run` shows one election in a page, and as JSON and CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

SMALL = ("--voters", "2000")


@pytest.fixture(scope="module")
def page():
    """The lines of the page of one small run, without calling it again for every test."""
    from sim.cli import run
    from sim.scenario.load import load

    scenario = load("kz-2023").vary("population.voters", 2000, name="kz-2023")
    outcome = run.simulated(scenario, 1, 1)
    return outcome, run.summary(outcome, 1, 1)


def test_the_page_fits_and_its_seats_sum(page):
    outcome, lines = page
    assert max(map(len, lines)) <= 80
    start = next(n for n, line in enumerate(lines) if line.startswith("list "))
    end = next(n for n, line in enumerate(lines) if line.startswith("All "))
    rows = [line for line in lines[start + 1 : end] if not line.startswith("Against all")]
    assert lines[end].split()[-3:] == ["69", "29", "98"]
    for column in (-3, -2, -1):
        assert sum(int(row.split()[column]) for row in rows) == int(lines[end].split()[column])
    assert sum(line.startswith("Independents ") for line in rows) == 1
    assert sum(outcome.seats.values()) == 98


def test_the_page_says_what_it_rests_on(page):
    text = " ".join(" ".join(page[1]).split())
    assert "level low: little manipulation of the count is assumed" in text
    assert "society 1, history 1, 2,000 simulated voters" in text
    for label in ("Turnout true ", "Effective parties ", "Autonomous seats strict ", "Registration ", "The count "):
        assert label in text
    assert "not a forecast; the totals it was fitted to cannot tell low from high." in text


def test_shares_are_those_of_the_ledger(page):
    outcome, lines = page
    leader = next(line for line in lines if line.startswith("Amanat"))
    measures = outcome.measures()
    expected = [f"{100 * measures[f'{kind}_leader_share']:.1f}" for kind in ("true", "official")]
    assert leader.split()[-5:-3] == expected


def test_run_prints_the_page_and_what_comes_next(majilis):
    said = majilis("run", "kz-2023-bound-registrar", *SMALL, "--society", "4", "--history", "2", "--level", "high")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Kazakhstan 2023, registrar bound by the law\nlevel high: much manipulation")
    again = "majilis run kz-2023-bound-registrar --society 4 --history 2 --voters 2000 --level"
    assert said.out.splitlines()[-3:] == [
        f"Next: {again} high --story",
        f"      {again} low",
        "      majilis batch demo",
    ]


def test_the_story_comes_first_in_order_of_days(majilis):
    said = majilis("run", "kz-2023", *SMALL, "--story")
    warning, _, rest = said.out.partition("\n\n")
    assert warning.startswith("SIMULATED")
    story, _, page = rest.partition("\n\n")
    days = [line[:10] for line in story.splitlines() if line[:1] == "2"]
    assert days == sorted(days)
    assert "the events of January 2022" in story
    assert page.startswith("Kazakhstan 2023, law and practice as they were\n")
    assert max(map(len, said.out.splitlines())) <= 80


def test_json_holds_seats_measures_parties_and_story(majilis):
    words = ("run", "kz-2023", *SMALL, "--format", "json")
    whole = json.loads(majilis(*words, "--story").out)
    assert (whole["scenario"], whole["level"], whole["society"], whole["history"]) == ("kz-2023", "low", 1, 1)
    assert sum(whole["seats"].values()) == 98
    assert whole["measures"]["leader_seat_share"] == whole["seats"]["amanat_1999"] / 98
    assert {row["party"]: row["seats"] for row in whole["parties"]}.items() >= whole["seats"].items()
    assert set(whole["story"][0]) == {"day", "text"}
    again = json.loads(majilis(*words).out)
    assert "story" not in again
    del whole["story"]
    assert again == whole


def test_csv_is_a_row_a_party(majilis):
    rows = list(csv.DictReader(majilis("run", "kz-2023", *SMALL, "--format", "csv").out.splitlines()))
    assert {row["scenario"] for row in rows} == {"kz-2023"}
    assert sum(int(row["seats"]) for row in rows) == 98


def test_remarks_go_beside_the_result(majilis):
    said = majilis("run", "kz-2023-members-500", *SMALL, "--format", "json")
    assert said.err.startswith("note: initiative_group 700 is above members 500;")
    json.loads(said.out)


def test_seats_that_nobody_won_are_told(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("high.toml").write_text('extends = "kz-2023"\n[law.list]\nthreshold = "9/10"\n', "utf-8")
    text = " ".join(majilis("run", "high.toml", *SMALL).out.split())
    assert "note: no list passed 90 %: 69 list seats unfilled." in text


def test_votes_that_fill_no_seats_are_not_passed_off_as_list_votes(majilis):
    text = " ".join(majilis("run", "kz-2023-98-districts", *SMALL).out.split())
    assert "note: no seats are filled from lists: the votes shown are those that the lists would have got." in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("kz-2032",), 'unknown scenario "kz-2032". Did you mean "kz-2023"'),
        (("kz-2023", "--voters", "0"), "population.voters = 0: an election needs at least 1 voter per region"),
        (("kz-2023", "--story", "--format", "csv"), "--story has no columns; use it with --format table or json."),
    ],
)
def test_what_cannot_be_run_is_told(words, message, majilis):
    said = majilis("run", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)


def test_classes_of_conduct_have_one_name_each(page):
    from sim.actors.roster import AUTONOMOUS
    from sim.cli.run import CONDUCT
    from sim.figures.style import CONDUCTS

    assert set(CONDUCT) == set(CONDUCTS) >= set().union(*AUTONOMOUS.values())
    assert CONDUCT["pro_regime"] == CONDUCTS["pro_regime"] == "pro-regime"
    text = "\n".join(page[1])
    assert " pro-regime " in text
    for other in ("loyal", "announced"):
        assert other not in text


def test_an_invented_country_is_said_to_be_invented(majilis):
    said = " ".join(majilis("run", "textbook", *SMALL).out.split())
    assert "A simulation of an invented country: nothing in it was fitted" in said
    assert "official totals" not in said


def test_the_error_of_a_sample_is_shown_and_shrinks_with_voters(majilis):
    few, many = (json.loads(majilis("run", "kz-2023", "--voters", n, "--format", "json").out) for n in ("900", "9000"))
    assert few["sampling_error_points"] == pytest.approx(many["sampling_error_points"] * 10**0.5, rel=0.15)
    assert "Sampling error    an honest share of 50 % to" in majilis("run", "kz-2023", "--voters", "900").out


def test_one_to_one_is_not_another_number_of_voters(majilis):
    code, _, err = majilis("run", "kz-2023", "--one-to-one", "--voters", "900")
    assert code == 2
    assert err.strip() == "--one-to-one and --voters 900 contradict each other; leave one out."
