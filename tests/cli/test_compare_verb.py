"""`majilis batch` and `compare` with doses and interactions: kept with the results, shown in every format."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import sim

STUDY = """
question = "Do two changes add up?"
estimand = "the interaction in enp_seats"
primary = "enp_seats"
scenarios = ["kz-2023", "kz-2023-members-500", "kz-2023-bound-registrar", "kz-2023-members-500-bound-registrar"]
levels = ["low"]
replications = 5
dose = "law.registration.members"
[[interaction]]
first = "kz-2023-members-500"
second = "kz-2023-bound-registrar"
both = "kz-2023-members-500-bound-registrar"
"""


def fake(scenario, replication, keep_stations):
    """Each change adds 1, and the two together 1 more and some noise."""
    few, bound = scenario.law.registration.members == 500, scenario.practice.discretion == 0
    extra = (1 + 0.1 * replication) * (few and bound)
    return {"runs": [{"society": 1, "history": 1, "enp_seats": 2 + few + bound + extra + 0.5 * replication}]}


@pytest.fixture
def folder(tmp_path, monkeypatch, majilis):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "sim.model", SimpleNamespace(simulate=fake))
    Path("study.toml").write_text(STUDY, "utf-8")
    said = majilis("batch", "study.toml", "--workers", "1")
    assert said.code == 0, said.err
    return said


def test_a_batch_keeps_dose_and_interactions_and_shows_the_contrast(folder):
    told = json.loads(Path("results/study/resolved.json").read_text("utf-8"))["experiment"]
    assert told["dose"] == "law.registration.members"
    assert told["interactions"] == [
        {
            "first": "kz-2023-members-500",
            "second": "kz-2023-bound-registrar",
            "both": "kz-2023-members-500-bound-registrar",
        }
    ]
    lines = folder.out.splitlines()
    place = lines.index("  interaction members-500 x bound-registrar")
    assert lines[place + 1].split()[1:] == ["+1.30", "+1.10", "to", "+1.50", "5", "of", "5"]
    assert "kz-2023-bound-registrar: practice.discretion 1 -> 0; practice.audit_zeal 1 -> 0" in " ".join(
        folder.out.split()
    )
    assert "shared seeds: 5" in folder.out
    assert max(map(len, lines)) <= 80


def test_every_format_holds_the_interaction(folder, majilis):
    whole = json.loads(majilis("compare", "study", "--format", "json").out)
    (row,) = [row for row in whole["differences"] if row["kind"] == "interaction"]
    assert row["difference"] == pytest.approx(1.3)
    assert row["boot_low"] is not None
    rows = list(csv.DictReader(majilis("compare", "study", "--format", "csv").out.splitlines()))
    assert [r["change"] for r in rows if r["kind"] == "interaction"] == [
        "kz-2023-members-500 x kz-2023-bound-registrar"
    ]
    latex = majilis("compare", "study", "--format", "latex")
    assert latex.out.startswith("% Needs \\usepackage{booktabs}")
    assert "interaction members-500 x bound-registrar" in latex.out
    assert sim.compare(sim.open("results/study")).to_latex() == latex.out
    assert "bootstrap" in majilis("compare", "study", "--bootstrap").out


def test_in_a_notebook_frames_hold_what_scenarios_set(folder):
    runs = sim.open("results/study")
    frame = runs.to_frame(settings=True)
    assert len(frame) == 20
    by_name = frame.groupby("scenario")[["law.registration.members", "practice.discretion"]].first()
    assert by_name.loc["kz-2023"].tolist() == [5000, 1]
    assert by_name.loc["kz-2023-members-500-bound-registrar"].tolist() == [500, 0]
    assert frame["law.registration.members"].dtype.kind == "i"
    assert frame["title"].str.startswith("Kazakhstan 2023, ").all()
    assert "law.list.threshold" not in frame  # the same in all
    plain = runs.to_frame()
    assert not [name for name in plain.columns if "." in name]
    assert list(frame.columns[: len(plain.columns)]) == list(plain.columns)
    shown = runs._repr_html_()
    assert "Do two changes add up?" in shown
    assert "5 of 5" in shown


def test_an_exported_table_may_hold_what_scenarios_set(folder, majilis):
    assert majilis("export", "study", "--to", "runs.csv", "--settings").code == 0
    assert majilis("export", "study", "--to", "plain.csv").code == 0
    texts = (Path(name).read_text("utf-8") for name in ("runs.csv", "plain.csv"))
    rows, plain = (list(csv.DictReader(text.splitlines())) for text in texts)
    assert {row["practice.discretion"] for row in rows} == {"1.0", "0.0"}
    assert "practice.discretion" not in plain[0]


def test_check_tells_doses_and_interactions(folder, majilis):
    text = " ".join(majilis("check", "study.toml").out.split())
    assert "dose law.registration.members: 500 (kz-2023-members-500)" in text
    both = "kz-2023-members-500-bound-registrar"
    assert f"interaction: {both} - kz-2023-members-500 - kz-2023-bound-registrar + kz-2023" in text
    assert "note: interaction" not in text
    odd = STUDY.replace(f'"{both}"', '"kz-2023-open"').replace("law.registration.members", "law.senate.seats")
    Path("odd.toml").write_text(odd, "utf-8")
    text = " ".join(majilis("check", "odd.toml").out.split())
    assert "note: dose law.senate.seats is 50 in every scenario." in text
    assert "note: kz-2023-open is not the changes of kz-2023-members-500 and kz-2023-bound-registrar together" in text
