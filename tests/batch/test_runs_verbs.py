"""The verbs batch, compare, status and export, on the tiny model."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest
import tiny_model
import typer
from tiny_model import Tiny
from typer.testing import CliRunner

from sim.cli import runs_store
from sim.strict import InputError

EXPERIMENT = SimpleNamespace(
    name="tiny",
    question="Does the shift move pluralism?",
    estimand="mean paired difference of enp_seats",
    primary="enp_seats",
    scenarios=[Tiny(name="base"), Tiny(name="shifted", shift=0.5)],
    against="base",
    replications=6,
    stations="first",
    text='question = "Does the shift move pluralism?"\n',
)


@pytest.fixture
def majilis(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    experiments = ModuleType("sim.scenario.experiment")
    experiments.load_experiment = lambda name: EXPERIMENT
    monkeypatch.setitem(sys.modules, "sim.scenario.experiment", experiments)
    monkeypatch.setitem(sys.modules, "sim.model", tiny_model)
    app = typer.Typer()
    for verb in (runs_store.batch, runs_store.compare, runs_store.status, runs_store.export):
        app.command()(verb)
    return lambda line: CliRunner().invoke(app, line.split())


def test_from_the_question_to_a_file(majilis, tmp_path):
    done = majilis("batch tiny --workers 1")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Question: Does the shift move pluralism?\nEstimand:")
    assert "Plan: 2 scenarios x 1 level x 6 replications = 12 runs, 1 worker," in done.stdout
    assert "\nPrimary outcome: enp_seats\n" in done.stdout
    assert "\nenp_seats: effective parties, by seats\n" in done.stdout
    assert "+0.500" in done.stdout
    assert done.stdout.rstrip().endswith("majilis export results/tiny --to runs.csv")
    assert max(map(len, done.stdout.splitlines())) <= 80

    table = majilis("compare tiny --against base --outcomes enp_seats,refusals")
    assert "enp_seats (level low)" in table.stdout
    assert "refusals (level low)" in table.stdout
    told = json.loads(majilis("compare results/tiny --format json").stdout)
    assert told["against"] == "base"
    assert told["differences"][0]["difference"] == pytest.approx(0.5)
    assert majilis("compare tiny --format csv --outcomes enp_seats").stdout.count("\n") == 2

    said = majilis("status tiny").stdout
    assert "Complete. Tables: decisions, extra, parties, stations, runs." in said
    assert json.loads(majilis("status tiny --format json").stdout)["scenarios"][0]["done"] == 6
    assert majilis("status tiny --format csv").stdout.splitlines()[1] == "base,low,6,6,0,0"

    assert "12 rows of runs" in majilis("export tiny --to runs.csv").stdout
    assert len(pd.read_csv(tmp_path / "runs.csv")) == 12
    majilis("export tiny --to d.csv --table decisions")
    assert pd.read_csv(tmp_path / "d.csv")["grounds"].iloc[-1] == "members; names"


def test_a_batch_of_fewer_seeds_and_other_voters(majilis):
    done = majilis("batch tiny --workers 1 --replications 1 --voters 7 --into elsewhere")
    assert done.exit_code == 0, done.output
    assert "No comparison: compare needs at least 2 shared seeds; found 1." in done.stdout
    assert '"voters": 7' in Path("elsewhere/resolved.json").read_text()
    refused = majilis("batch tiny --workers 1 --into elsewhere")
    assert isinstance(refused.exception, InputError)
    assert "population.voters was 7, is 100" in str(refused.exception)


def test_failures_are_told_with_their_reason(majilis, monkeypatch):
    monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(simulate=tiny_model.failing))
    done = majilis("batch tiny --workers 1")
    assert done.exit_code == 0
    assert "4 runs failed" in done.stdout
    said = majilis("status tiny").stdout
    assert "ZeroDivisionError: no party passed in base" in said
    assert "To go on: majilis batch\n  results/tiny/experiment.toml --into results/tiny" in said

    def never(*_):
        raise ValueError("no")

    monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(simulate=never))
    done = majilis("batch tiny --workers 1 --into never")
    assert done.exit_code == 1
    assert "No run came through." in done.stdout


def test_bad_input_is_told_in_the_users_words(majilis, tmp_path):
    majilis("batch tiny --workers 1 --replications 2")
    for line, said in {
        "compare tyni": "holds no results",
        "compare tiny --against bas": 'Did you mean "base"?',
        "compare tiny --outcomes enp_seat": 'Did you mean "enp_seats"?',
        "export tiny --to runs.xlsx": "let the name end in .csv, .parquet, .dta, .tex",
        "export tiny --to nowhere/runs.csv": "there is no folder nowhere",
        "export tiny --to runs.csv --table partys": "Did you mean 'parties'?",
        "batch tiny --replications 0": "replications = 0",
    }.items():
        found = majilis(line)
        assert isinstance(found.exception, InputError), (line, found.output)
        assert said in str(found.exception)
    part = next((tmp_path / "results/tiny/parties").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    assert "damaged:" in str(majilis("status tiny").exception)
