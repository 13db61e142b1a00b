"""`majilis scenarios`, `check` and `schema`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from sim.cli.scenarios import listed
from sim.scenario import catalogue
from sim.scenario.jsonschema import experiment_schema, scenario_schema


def test_scenarios_lists_names_and_titles_in_80_columns_variants_below_their_base(majilis):
    said = majilis("scenarios")
    assert said.code == 0
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 80
    place = {line.split()[0]: n for n, line in enumerate(lines) if line.strip()}
    rows = listed()
    assert {row["name"] for row in rows} <= place.keys()
    for row in rows:
        margin = "    " if row["base"] else "  "
        assert lines[place[row["name"]]].startswith(f"{margin}{row['name']}")
        if row["base"]:
            between = lines[place[row["base"]] : place[row["name"]]]
            assert place[row["base"]] < place[row["name"]]
            assert "" not in between, "a blank line stands between a base and its variant"
    assert lines[-1].startswith("Next: majilis run kz-2023")


def test_a_list_of_fifty_long_names_stays_readable(monkeypatch, majilis):
    bases = {f"xy-{year}": f"Xyland {year}, law and practice as they were" for year in (2019, 2023)}
    long = {f"{base}-{n:02}-a-very-long-name-of-a-change": f"Xyland, change {n}" for base in bases for n in range(25)}
    longer = {f"xy-2023-{'x' * 50}": "Xyland 2023, one whose name is longer than any column"}
    every = bases | long | longer
    monkeypatch.setattr(catalogue, "shipped", lambda kind: dict.fromkeys(every if kind == "scenario" else ["ask"]))
    monkeypatch.setattr(catalogue, "title", lambda path: next(titles))
    monkeypatch.setattr(catalogue, "of_decades", lambda name: False)
    titles = iter([*every.values(), "Is it?"])
    lines = majilis("scenarios").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len([line for line in lines if line.startswith("    xy-")]) == 51
    assert f"    xy-2023-{'x' * 50}" in lines


def test_scenarios_as_json_and_csv(majilis):
    rows = json.loads(majilis("scenarios", "--format", "json").out)
    title = "Kazakhstan 2023, law and practice as they were"
    assert {"kind": "scenario", "name": "kz-2023", "title": title, "base": ""} in rows
    assert {row["base"] for row in rows if row["name"] == "kz-2023-members-500-bound-registrar"} == {"kz-2023"}
    assert list(csv.DictReader(majilis("scenarios", "--format", "csv").out.splitlines())) == rows


def test_check_shows_what_a_scenario_comes_to(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(
        'extends = "kz-2023"\n[law.registration]\nmembers_per_region = 600\n[mechanism.observers]\nshare = 0.5\n',
        "utf-8",
    )
    said = majilis("check", "mine.toml")
    text = " ".join(said.out.split())
    assert said.code == 0
    assert text.startswith("OK mine.toml mine: Kazakhstan 2023, law and practice as they were; law.registration.")
    assert "law on 2023-03-19: 5,000 members, 600 in every region" in text
    assert "practice: every practice as it was; level low; 20,000 simulated voters" in text
    assert "other settings: mechanism.observers.share = 0.5" in text
    assert "note: members_per_region 600 x 20 regions = 12000 is more than members 5000: the regional rule dec" in text
    assert text.endswith("1 file checked, no fault. Next: majilis run mine.toml")
    assert max(map(len, said.out.splitlines())) <= 80


def test_check_of_everything_that_ships_finds_no_fault(majilis):
    names = [*catalogue.shipped("scenario"), *catalogue.shipped("experiment")]
    said = majilis("check", *names)
    assert (said.code, said.err) == (0, "")
    assert said.out.count("OK ") == len(names)
    assert "6 scenarios x 2 levels x 20 replications = 240 runs, against kz-2023" in " ".join(said.out.split())
    assert "every practice off" in said.out
    assert "practice: discretion 0, audit_zeal 0, the rest as it was" in " ".join(said.out.split())


def test_check_tells_all_faults_of_all_files_and_exits_with_2(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("good.toml").write_text('extends = "kz-2023"\n', "utf-8")
    Path("bad.toml").write_text('extends = "kz-2023"\nlevel = 1\n[practice]\nstuffing = 30\n', "utf-8")
    Path("broken.toml").write_text("level = ", "utf-8")
    Path("study.toml").write_text('question = "?"\nscenarios = ["bad.toml"]\n', "utf-8")
    said = majilis("check", "good.toml", "bad.toml", "broken.toml", "study.toml", "kz-2032")
    assert said.code == 2
    assert said.out.startswith("OK good.toml\n")
    lines = said.err.splitlines()
    assert 'bad.toml: level = 1 is a number; write "1" in quotes.' not in lines
    assert "bad.toml: practice.stuffing = 30 must lie between 0 and 1. Did you mean 0.30 (30%)?" in lines
    assert any(line.startswith("broken.toml, ") and "not TOML" in line for line in lines)
    assert any(line.startswith("study.toml: estimand is missing") for line in lines)
    assert any('unknown scenario "kz-2032"' in line for line in lines)
    assert lines[-1] == f"{len(lines) - 1} faults"


def test_check_finds_two_files_of_one_name(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("a.toml", "b.toml"):
        Path(file).write_text('name = "baseline"\nextends = "kz-2023"\n', "utf-8")
    said = majilis("check", "a.toml", "b.toml")
    assert (said.code, said.err) == (2, 'two files are named "baseline": a.toml, b.toml.\n1 fault\n')
    assert majilis("check", "a.toml", "a.toml").code == 0


@pytest.mark.parametrize(("words", "made"), [((), scenario_schema), (("--experiment",), experiment_schema)])
def test_schema_prints_the_json_schema(words, made, majilis):
    assert json.loads(majilis("schema", *words).out) == made()
