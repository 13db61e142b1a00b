"""`majilis explain`: a group's way in one run, told with every ground, and counted over a folder of runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sim.batch.execute import run as run_batch
from sim.cli import explain, run
from sim.scenario.load import load

SMALL = ("--voters", "2000")
UNEXPLAINED = "the list does not meet the law (no details given)"


@pytest.fixture(scope="module")
def outcome():
    """One small run of the enacted scenario."""
    return run.simulated(load("kz-2023").vary("population.voters", 2000, name="kz-2023"), 1, 1)


@pytest.fixture
def ask(outcome, monkeypatch, majilis):
    """`majilis explain` on that run, without running it again for every test."""
    monkeypatch.setattr(explain, "simulated", lambda *_: outcome)
    return lambda *words: majilis("explain", "kz-2023", *words, *SMALL)


def refused(outcome):
    return next(p for p in outcome.model.parties.values() if sum(d.outcome == "refused" for d in p.decisions) > 1)


def test_every_answer_is_told_by_date_with_its_grounds_and_what_the_law_alone_says(outcome, ask):
    party = refused(outcome)
    said = ask(party.name)
    assert said.code == 0
    lines = said.out.splitlines()
    assert max(map(len, lines[:-2])) <= 80
    text = " ".join(said.out.split())
    assert f"{party.name} ({party.key}) in kz-2023: society 1, history 1, level low, 2,000 simulated voters" in text
    assert "SIMULATED: nothing below happened" in text
    days = [line[:10] for line in lines if line[:2] == "20"]
    assert days == sorted(days)
    for answer in party.decisions:
        stage = {"notice": "notice", "list": "list of members"}[answer.stage]
        assert f"{answer.decided} {stage} filed on {answer.filed}: {answer.outcome.upper()}" in text
        for ground in answer.grounds:
            assert ground.message in text
    refusals = [answer for answer in party.decisions if answer.outcome == "refused"]
    assert said.out.count("The law alone, with an ordinary") == sum(answer.discretionary for answer in refusals)
    assert said.out.count("The law alone asks for") == sum(not answer.discretionary for answer in refusals)


def test_a_group_is_found_by_key_name_and_alias(outcome, ask):
    first = ask("amanat_1999").out
    assert ask("Amanat").out == ask("nur otan").out == first
    assert "It was registered before the run starts." in first
    assert f"on the ballot; {outcome.seats['amanat_1999']} seats" in first


def test_json_and_csv_hold_every_answer_and_nothing_of_a_groups_character(outcome, ask):
    party = refused(outcome)
    whole = json.loads(ask(party.key, "--format", "json").out)
    assert [row["decided"] for row in whole["answers"]] == [str(answer.decided) for answer in party.decisions]
    assert [row["grounds"] for row in whole["answers"]] == [list(answer.reasons) for answer in party.decisions]
    rows = list(csv.DictReader(ask(party.key, "--format", "csv").out.splitlines()))
    assert len(rows) == len(party.decisions)
    everything = json.dumps(whole) + ask(party.key).out + ask().out + ask("--format", "json").out
    for inside in ("loyalty", "threat", "persistence", "mood", "valence", repr(party.character.loyalty)):
        assert inside not in everything


def test_without_a_party_all_are_listed_with_what_became_of_them(outcome, ask):
    said = ask()
    assert max(map(len, said.out.splitlines()[:-1])) <= 80  # the command to type next is not broken
    for key in outcome.model.parties:
        assert f"\n  {key} " in said.out
    rows = json.loads(ask("--format", "json").out)
    assert {row["group"]: row["registered"] for row in rows} == {
        key: party.registered for key, party in outcome.model.parties.items()
    }


def test_a_group_of_the_record_that_is_not_in_the_run_is_told_why(ask):
    said = " ".join(ask("alga_2005").out.split())
    assert "Alga (alga_2005) in kz-2023" in said
    assert "It is not in this run: it ceased or merged on 2012-12-21, before the run starts on 2021-03-19." in said
    assert "In the run there is" not in said
    assert "In the run there is Alga Qazaqstan (alga_qazaqstan_2022)." in " ".join(ask("Alga").out.split())
    assert json.loads(ask("alga_2005", "--format", "json").out)["there"] is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("kz-2023", "Amanatt", *SMALL), 'unknown party or group "Amanatt". Did you mean "Amanat" (amanat_1999)'),
        (("kz-2032", "Amanat"), 'unknown scenario "kz-2032". Did you mean "kz-2023"'),
        (("demo", "Amanat"), "demo is an experiment without results. To run it: majilis batch demo"),
        (("kz-2023", "Amanat", "--scenario", "x", *SMALL), "--scenario chooses among those of a folder of results"),
    ],
)
def test_what_cannot_be_explained_is_told(words, message, majilis, tmp_path, monkeypatch, outcome):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(explain, "simulated", lambda *_: outcome)
    said = majilis("explain", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)


def fake(scenario, replication, keep_stations):
    """A run in which Alga is refused at discretion, and registered where the registrar is bound by the law."""
    bound = scenario.practice.discretion == 0
    row = {"group": "alga_qazaqstan_2022", "display": "Alga Qazaqstan", "conduct": "hard_opposition", "origin": "case"}
    days = {"filed": "2022-09-01", "decided": "2022-09-12", "accepted_names": 612}
    no = {"outcome": "refused", "grounds": [UNEXPLAINED], "discretionary": True}
    yes = {"outcome": "confirmed", "grounds": [], "discretionary": False}
    answers = [row | days | {"stage": "notice"} | (yes if bound else no)]
    if bound:
        answers.append(row | days | {"stage": "list", "outcome": "registered", "grounds": [], "discretionary": False})
    party = {
        "party": "alga_qazaqstan_2022",
        "display": "Alga Qazaqstan",
        "conduct": "hard_opposition",
        "origin": "case",
    }
    seats = {"registered": bound, "on_ballot": bound, "seats": 2 * bound}
    return {"runs": [{"society": 1, "history": 1, "enp_seats": 2.0}], "parties": [party | seats], "decisions": answers}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenarios = [load(name) for name in ("kz-2023", "kz-2023-bound-registrar")]
    run_batch(scenarios, 3, workers=1, into=Path("results/two"), simulate=fake, progress=False)
    return "two"


def test_over_a_folder_it_counts_runs_refusals_and_grounds(folder, majilis):
    said = majilis("explain", folder, "Alga Qazaqstan")
    assert said.code == 0
    assert max(map(len, said.out.splitlines())) <= 80
    text = " ".join(said.out.split())
    assert "kz-2023 low 3 3 3 0 0 0 0 3" in text
    assert "kz-2023-bound-registrar low 3 3 3 3 3 3 3 0" in text
    assert "Refused in kz-2023 (level low): 3 times, in 3 of 3 runs, always at discretion" in text
    assert f"3 times in 3 runs, notice: {UNEXPLAINED}" in text
    assert said.out.splitlines()[-1] == "Next: majilis explain kz-2023 alga_qazaqstan_2022"


def test_a_folder_in_json_and_csv_of_one_scenario_or_all(folder, majilis):
    whole = json.loads(majilis("explain", folder, "alga_qazaqstan_2022", "--format", "json").out)
    assert [row["refusals"] for row in whole["courses"]] == [3, 0]
    assert whole["courses"][0]["grounds"] == [{"stage": "notice", "ground": UNEXPLAINED, "refusals": 3, "runs": 3}]
    rows = list(csv.DictReader(majilis("explain", folder, "Alga Qazaqstan", "--format", "csv").out.splitlines()))
    assert [row["registered"] for row in rows] == ["0", "3"]
    one = majilis("explain", folder, "Alga Qazaqstan", "--scenario", "kz-2023", "--format", "json")
    assert [row["scenario"] for row in json.loads(one.out)["courses"]] == ["kz-2023"]


def test_a_folder_lists_its_groups_and_refuses_what_is_not_its_own(folder, majilis):
    assert "  alga_qazaqstan_2022  Alga Qazaqstan\n" in majilis("explain", folder).out
    assert majilis("explain", folder, "OSDP").out.startswith("Social Democrats (jsdp_2007) in results/two")
    for words, message in {
        ("xyzzy",): 'unknown party or group "xyzzy".',
        ("Alga Qazaqstan", "--scenario", "kz-2024"): 'unknown scenario "kz-2024". Did you mean "kz-2023"',
        ("Alga Qazaqstan", "--history", "2"): "results/two holds finished runs; --society, --history and --voters are",
    }.items():
        said = majilis("explain", folder, *words)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(message)
