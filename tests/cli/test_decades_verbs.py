"""`majilis run`, `explain`, `check`, `diff` and `scenarios` on runs of decades."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from sim.batch.execute import run as run_all
from sim.cli import decades, lives
from sim.dated import Event
from sim.party_system import PartySystem
from sim.scenario.load import load

SHORT = """
extends = "kz-1999-2026"
title = "2002-2009, few voters"
[decades]
since = 2002-01-01
until = 2009-01-01
[population]
voters = 600
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of seven years with few voters."""
    path = tmp_path_factory.mktemp("decades") / "short.toml"
    path.write_text(SHORT, "utf-8")
    return path


@pytest.fixture(scope="module")
def model(file: Path) -> PartySystem:
    return decades.simulated(load(file), 1, 1)


@pytest.fixture
def ran(model: PartySystem, file: Path, monkeypatch: pytest.MonkeyPatch) -> PartySystem:
    """The one run, also for the command, which would else repeat it; in the folder of its file."""
    monkeypatch.chdir(file.parent)
    monkeypatch.setattr(decades, "simulated", lambda scenario, society, history: model)
    return model


def test_the_page_fits_and_counts_what_the_tables_hold(majilis, ran):
    said = majilis("run", "short.toml")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "SIMULATED: nothing below happened" in said.out
    assert lines[-2].startswith("Next: majilis explain ")
    elections = next(line for line in lines if line.startswith("registered at election"))
    assert elections.split()[-2:] == ["2004", "2007"]
    counts = next(line for line in lines if line.startswith("parties ")).split()[1:]
    days = [held.day for held in ran.terms.held]
    assert counts == [str(sum(decades.standing_on(p, day) for p in ran.records.parties)) for day in days]
    seats = next(line for line in lines if line.startswith("list seats filled")).split()[3:]
    assert seats == [str(sum(held.seats.values())) for held in ran.terms.held]
    since = decades.counted_since(ran)
    formed = len(ran.records.formed(since, ran.end))
    funnel = next(line for line in lines if re.match(r"  all +\d", line))
    assert funnel.split()[1] == str(formed)


def test_shares_and_seats_of_a_party_stand_in_its_row(majilis, ran):
    lines = majilis("run", "short.toml").out.splitlines()
    row = next(line for line in lines if line.startswith(f"  {ran.power.name}"))
    held = ran.terms.held[-1]
    assert row.split()[-2:] == [f"{100 * held.votes[ran.power.key]:.0f}", str(held.seats[ran.power.key])]


def test_the_story_is_in_order_and_loses_no_event(majilis, ran):
    said = majilis("run", "short.toml", "--story")
    story = said.out.partition("\n\n")[2].partition("\n\n")[0].splitlines()
    days = [line[:10] for line in story if line[:1] == "2"]
    assert days == sorted(days)
    assert said.out.startswith("SIMULATED")
    assert said.out.count("SIMULATED") == 1
    assert max(map(len, said.out.splitlines())) <= 80
    lines = decades.gathered(ran.chronicle, decades.names(ran))
    assert sum(line.times for line in lines) == len(ran.chronicle)
    assert len(lines) < len(ran.chronicle)


def test_the_same_refusal_of_the_same_group_is_one_line_until_something_else_happens():
    texts = [
        "the Ministry refuses Red (notice): members 10 accepted, 50 required; Akmola (KZ-11): 1 accepted, 2 required",
        "the Ministry refuses Red 2 (notice): members 10 accepted, 50 required",
        "the Ministry refuses Red (notice): members 12 accepted, 50 required",
        "a court finds for Red against the Ministry (notice)",
        "the Ministry refuses Red (notice): members 13 accepted, 50 required",
        "the Ministry refuses Red 2 (notice): members 9 accepted, 50 required",
        "lists close with 1: Blue",
        "the Ministry refuses Red 2 (notice): members 9 accepted, 50 required",
        "the Ministry refuses Red 2 (list): members 9 accepted, 50 required",
    ]
    events = [Event(date(2005, 1, day + 1), text) for day, text in enumerate(texts)]
    lines = decades.gathered(events, ["Red", "Red 2", "Blue"])
    assert [line.times for line in lines] == [2, 2, 1, 1, 1, 1, 1]
    assert str(lines[0]) == f"2005-01-01  {texts[0]} (2 times, the last on 2005-01-03)"
    assert lines[1].last == date(2005, 1, 6)


def test_names_too_long_for_a_row_keep_what_tells_them_apart():
    assert decades._short("Group of September 2003 (1)", 23) == "Group of Sep 2003 (1)"
    assert decades._short("Party 2 of the record (look-alike) (new name)", 23) == "Party 2 of the...(new)"
    assert decades._short("Republican People's Party", 23) == "Republican People's..."


def test_a_page_has_a_row_for_the_foremost_parties_and_counts_the_others(majilis, ran, monkeypatch):
    monkeypatch.setattr(decades, "_MOST_ROWS", 2)
    lines = majilis("run", "short.toml").out.splitlines()
    assert any(line.startswith(f"  {ran.power.name} ") for line in lines)
    others = [line for line in lines if line.startswith("  others (")]
    counted = sum(int(cell[:-1]) for line in others for cell in line.split() if cell.endswith("#"))
    days = [held.day for held in ran.terms.held]
    every = sum(decades.standing_on(party, day) for party in ran.records.parties for day in days)
    drawn = decades._foremost(
        [p for p in ran.records.parties if any(decades.standing_on(p, day) for day in days)], ran.terms.held, 2
    )
    assert counted == every - sum(decades.standing_on(party, day) for party in drawn for day in days)


def test_json_and_csv_hold_every_life(majilis, ran):
    whole = json.loads(majilis("run", "short.toml", "--format", "json", "--story").out)
    assert len(whole["lives"]) == len(ran.records.parties)
    assert len(whole["story"]) == len(ran.chronicle)
    assert {"measures", "elections", "funnel", "years", "lineage"} <= set(whole)
    rows = list(csv.DictReader(io.StringIO(majilis("run", "short.toml", "--format", "csv").out)))
    assert [row["party"] for row in rows] == [party.key for party in ran.records.parties]


def test_the_graph_is_written_where_the_name_says_so(majilis, ran, tmp_path):
    said = majilis("run", "short.toml", "--lineage", str(tmp_path / "all.graphml"))
    assert said.code == 0
    assert "Lineage: " in said.out
    graph = nx.read_graphml(tmp_path / "all.graphml")
    assert nx.is_directed_acyclic_graph(graph)
    assert {key.partition("/")[0] for key in graph} == {party.key for party in ran.records.parties}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kz-1999-2026", "--lineage", "x.svg"], "let the name end in .graphml"),
        (["kz-1999-2026", "--lineage", "nowhere/x.graphml"], "there is no folder nowhere"),
        (["kz-2023", "--lineage", "x.graphml"], "kz-2023 is a run of one election"),
        (["kz-1999-2026", "--one-to-one"], "--one-to-one is for one election"),
        (["kz-1999-2026", "--story", "--format", "csv"], "--story has no columns"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(majilis, words, told, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(decades, "simulated", lambda *_: pytest.fail("it ran"))
    said = majilis("run", *words)
    assert said.code == 2
    assert told in said.err


# explain


def test_every_party_of_the_record_is_listed_and_those_founded_on_request(majilis, ran):
    listed = majilis("explain", "short.toml").out
    assert max(map(len, listed.splitlines())) <= 80
    shown = majilis("explain", "short.toml", "--show", "all", "--format", "json").out
    rows = json.loads(shown)
    assert {row["group"] for row in rows} == {party.key for party in ran.records.parties}
    assert all(f"  {row['group']} " in listed for row in rows if row["of_the_record"] or row["registered"])
    founded = json.loads(majilis("explain", "short.toml", "--show", "founded", "--format", "json").out)
    assert not any(row["of_the_record"] for row in founded)
    assert len(founded) < len(rows)


def test_a_life_tells_every_state_and_answer_with_all_grounds(majilis, ran):
    one = max(ran.records.parties, key=lambda party: sum(len(d.grounds) for d in party.decisions))
    text = " ".join(majilis("explain", "short.toml", one.key).out.split())
    grounds = [ground.message for answer in one.decisions for ground in answer.grounds]
    assert grounds
    assert all(" ".join(ground.split()) in text for ground in grounds)
    assert all(str(answer.decided) in text for answer in one.decisions)
    whole = json.loads(majilis("explain", "short.toml", one.key, "--format", "json").out)
    assert [step["status"] for step in whole["states"]] == [step.status for step in one.past]
    assert len(whole["answers"]) == len(one.decisions)


def test_a_life_tells_where_a_party_came_from_and_went(ran):
    merged = next(party for party in ran.records.parties if party.status == "merged")
    heir = ran.parties[merged.into]
    assert f"merges into {heir.name} ({heir.key})" in _said(ran, merged)
    assert f"takes in {merged.name} ({merged.key})" in _said(ran, heir)
    faction = next(party for party in ran.records.parties if any(kin.kind == "split" for kin in party.kin))
    parent = ran.parties[faction.kin[0].other]
    assert f"splits from {parent.name} ({parent.key})" in _said(ran, faction)
    assert f"{faction.name} ({faction.key}) breaks away" in _said(ran, parent)


def _said(model: PartySystem, party: Any) -> str:
    lines: Iterator[str] = lives.course(model, party, {n: [] for n in range(len(party.decisions))})
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["zzz"], 'unknown party or group "zzz"'),
        (["otan", "--show", "all"], "--show chooses among the parties"),
    ],
)
def test_unknown_parties_and_idle_options_are_refused(majilis, ran, words, told):
    said = majilis("explain", "short.toml", *words)
    assert said.code == 2
    assert told in said.err
    assert majilis("explain", "kz-2023", "--show", "all", "--voters", "2000").code == 2


def test_a_party_of_the_record_that_comes_later_is_not_in_the_run(majilis, ran):
    said = majilis("explain", "short.toml", "alga_2005")
    assert said.code == 0
    assert "It is not in this run" in said.out


@pytest.fixture(scope="module")
def folder(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("store")
    run_all(load(file), replications=2, into=into, workers=1)
    return into


def test_a_folder_tells_of_lives_by_conduct_and_of_parties_of_the_record(majilis, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    said = majilis("explain", folder.name)
    assert said.code == 0, said.err
    assert max(map(len, said.out.splitlines())) <= 80
    rows = json.loads(majilis("explain", folder.name, "--format", "json").out)
    assert {row["runs"] for row in rows} == {2}
    assert all(row["formed"] >= row["noticed"] >= row["confirmed"] >= row["registered"] for row in rows)
    rows = json.loads(majilis("explain", folder.name, "otan", "--format", "json").out)
    assert rows[0]["registered_at_end"] == 2
    assert "registered at the end in 2" in majilis("explain", folder.name, "otan").out


def test_a_group_that_a_run_founded_is_followed_in_that_run_only(majilis, folder):
    from sim.batch.store import Results

    found = Results.open(folder).to_frame("lives")
    own = found[~found["given"].astype(bool)].iloc[0]
    said = majilis("explain", str(folder), own["party"])
    assert said.code == 2
    assert f"majilis explain {own['scenario']} {own['party']} --society {1000 + own['replication']}" in said.err


# check, diff, scenarios


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[decades]\nunti = 2009-01-01", 'unknown key "decades.unti". Did you mean "until"?'),
        ("[decades.practice]\nbann = 1", 'unknown key "decades.practice.bann". Did you mean "bans"?'),
        ("[decades.practice]\nbans = 40", "decades.practice.bans = 40 must lie between 0 and 1. Did you mean 0.40"),
        (
            "[decades]\nsince = 2012-01-01\nuntil = 2009-01-01",
            "decades: since = 2012-01-01 must be before until = 2009-01-01.",
        ),
        (
            "[decades]\nsince = 2017-01-01\ngiven_until = 2017-01-01\nuntil = 2018-01-01",
            "decades: no election of kazakhstan lies between since = 2017-01-01 and until = 2018-01-01 (",
        ),
        ("[decades]\nsince = 2005-01-01", "decades.given_until = 2002-07-15 is before since = 2005-01-01"),
        ("[decades]\nsince = 1999-09-15", "lists of the election 1999 closed on 1999-08-31"),
        ("decades = 5", "decades = 5 is a number where a table belongs"),
        (
            "[[decades.amendment]]\non = 2005-01-01\npractice.discretio = 0.5",
            'decades.amendment on 2005-01-01: unknown practice "discretio". Did you mean "discretion"?',
        ),
        (
            "[[decades.amendment]]\non = 2005-01-01\npractice.discretion = 5",
            "decades.amendment.practice.discretion = 5 must lie between 0 and 1. Did you mean 0.05 (5%)?",
        ),
        (
            "[[decades.amendment]]\non = 2005-01-01\nlaw.registration.member = 5",
            'unknown key "decades.amendment.law.registration.member". Did you mean "members"?',
        ),
        (
            "[[decades.amendment]]\non = 2050-01-01\npractice.discretion = 0.5",
            "amendment on 2050-01-01: the run lasts from 1999-01-01 to 2026-06-30.",
        ),
        (
            "[[decades.amendment]]\non = 2005-01-01\nlaw.chamber.seats = 5",
            "decades.amendment on 2005-01-01: law on 2005-01-01: seats = 5 but",
        ),
        (
            "[[decades.amendment]]\npractice.discretion = 0.5",
            "decades.amendment.on is missing: the day from which it holds.",
        ),
        (
            "[decades.amendment]\non = 2005-01-01",
            "decades.amendment is one table where a list of tables belongs; write [[decades.amendment]]",
        ),
    ],
)
def test_every_fault_is_told_in_the_words_of_the_file(majilis, tmp_path, monkeypatch, text, told):
    monkeypatch.chdir(tmp_path)
    Path("low.toml").write_text(f'extends = "kz-1999-2026"\n{text}\n', "utf-8")
    said = majilis("check", "low.toml")
    assert said.code == 2
    assert told in said.err
    assert said.err.startswith("low.toml: ")


def test_an_amendment_must_agree_with_the_law_of_later_days_too(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "[[decades.amendment]]\non = 2006-01-01\nlaw.chamber.seats = 77\n"  # 77 until June 2007, 98 after
    Path("low.toml").write_text(f'extends = "kz-1999-2026"\n{text}', "utf-8")
    said = majilis("check", "low.toml")
    assert said.code == 2
    assert re.search(r"decades\.amendment on 2006-01-01: law on 2007-\d\d-\d\d: seats = 77 but", said.err)


def test_case_without_a_fitted_first_election_is_refused(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("low.toml").write_text('case = "textbook"\nelection = "2"\n[decades]\nsince = 1999-01-01\n', "utf-8")
    said = majilis("check", "low.toml")
    assert said.code == 2
    assert "the first election, 1, was not fitted" in said.err


def test_check_speaks_of_the_law_of_each_day_and_of_what_is_scheduled(majilis, tmp_path, monkeypatch):
    text = majilis("check", "kz-1999-2026").out
    assert "law of each day" in text
    assert "members, " not in text
    assert not re.search(r"note|warning", text)
    monkeypatch.chdir(tmp_path)
    Path("low.toml").write_text(
        'extends = "kz-1999-2026"\nelection = "2016"\n'
        "[[decades.amendment]]\non = 2005-01-01\nlaw.registration.members = 9_000_000\nlaw.nomination.deposit = 3\n",
        "utf-8",
    )
    text = " ".join(majilis("check", "low.toml").out.split())
    assert "from 2005-01-01: registration.members = 9,000,000, nomination.deposit = 3" in text
    assert "warning: law.registration.members = 9000000 exceeds every group's possible members" in text
    assert "note: law.nomination.deposit is on record only" in text
    assert "note: election is not read by a run of decades." in text


def test_diff_shows_what_is_scheduled_and_no_law_of_one_day(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("low.toml").write_text(
        'extends = "kz-1999-2026"\n[law.registration]\nmembers = 500\n'
        "[[decades.amendment]]\non = 2005-01-01\nlaw.list.threshold = 0.03\nparties.bans = 0\n",
        "utf-8",
    )
    found = json.loads(majilis("diff", "kz-1999-2026", "low.toml", "--format", "json").out)
    rows = {row["setting"]: (row["a"], row["b"]) for row in found["differences"]}
    assert rows == {
        "law.registration.members": ("of each day", 500),
        "decades.amendment.2005-01-01.law.list.threshold": (None, "3/100"),
        "decades.amendment.2005-01-01.parties.bans": (None, 0),
    }
    assert found["a"]["law_of"] == "each day"
    assert max(map(len, majilis("diff", "kz-1999-2026", "low.toml").out.splitlines())) <= 80


def test_a_run_of_decades_beside_one_election_compares_what_both_have(majilis):
    said = majilis("diff", "kz-1999-2026", "kz-2023")
    assert "A is a run of decades under the law of each day" in " ".join(said.out.split())
    assert "discretion.fifty_point" in said.out


def test_a_run_of_decades_is_listed_by_itself(majilis):
    rows = json.loads(majilis("scenarios", "--format", "json").out)
    assert next(row["base"] for row in rows if row["name"] == "kz-1999-2026") == ""
    assert "\n  kz-1999-2026  " in majilis("scenarios").out
