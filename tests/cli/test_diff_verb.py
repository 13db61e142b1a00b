"""`majilis diff` shows two scenarios side by side: only what differs, law resolved, in 80 columns."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest


def test_only_what_differs_is_shown_side_by_side(majilis):
    said = majilis("diff", "kz-2023", "kz-2023-members-500-bound-registrar")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    cells = [line.split() for line in lines if line.startswith("  ")]
    assert ["registration.members", "5,000", "500"] in cells
    assert ["registration.members_per_region", "200", "0"] in cells
    assert ["discretion", "1", "0"] in cells
    assert not any(cell[0] == "list.threshold" for cell in cells)
    assert any(line.startswith("law on 2023-03-19") for line in lines)
    assert "4 settings differ; the rest is the same." in lines


@pytest.mark.parametrize(
    "pair",
    [("kz-1999", "textbook"), ("kz-2023", "kz-2023-qurultai-law"), ("kz-2007", "kz-2023"), ("kz-2023", "kz-2023-open")],
)
def test_no_line_is_wider_than_a_terminal(pair, majilis):
    said = majilis("diff", *pair)
    assert max(map(len, said.out.splitlines())) <= 80
    assert [line for line in said.out.splitlines() if line.startswith("Next: ")]


def test_the_law_is_that_of_each_days_own_and_of_another_day_where_asked(majilis):
    rows = {
        row["setting"]: row
        for row in json.loads(majilis("diff", "kz-2007", "kz-2023", "--format", "json").out)["differences"]
    }
    assert (rows["law.registration.members"]["a"], rows["law.registration.members"]["b"]) == (50_000, 5_000)
    assert (rows["law.list.threshold"]["a"], rows["law.list.threshold"]["b"]) == ("7/100", "1/20")
    later = json.loads(majilis("diff", "kz-2023", "kz-2023-qurultai-law", "--format", "json").out)
    assert (later["a"]["law_of"], later["b"]["law_of"]) == ("2023-03-19", "2026-07-01")
    assert {"setting": "law.chamber.list_seats", "a": 69, "b": 145} in later["differences"]
    text = " ".join(majilis("diff", "kz-2007", "kz-2023").out.split())
    assert "law on 2007-08-18 and 2023-03-19" in text
    assert "They rest on different elections" in text


def test_where_nothing_differs_it_says_so(majilis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("same.toml").write_text('extends = "kz-2023"\ntitle = "Same"\n[law.registration]\nmembers = 5000\n', "utf-8")
    said = majilis("diff", "kz-2023", "same.toml")
    assert "Nothing differs: both have the same law and the same value of every setting." in said.out
    assert json.loads(majilis("diff", "kz-2023", "same.toml", "--format", "json").out)["differences"] == []
    assert majilis("diff", "kz-2023", "same.toml", "--format", "csv").out == "setting,a,b\n"


def test_json_and_csv_hold_the_same(majilis):
    whole = json.loads(majilis("diff", "kz-2023-open", "kz-2023", "--format", "json").out)
    rows = list(csv.DictReader(majilis("diff", "kz-2023-open", "kz-2023", "--format", "csv").out.splitlines()))
    assert [(row["setting"], row["a"], row["b"]) for row in rows] == [
        (row["setting"], str(row["a"]), str(row["b"])) for row in whole["differences"]
    ]
    assert {"setting": "practice.stuffing", "a": 0, "b": 1} in whole["differences"]


def test_what_is_not_there_comes_with_the_nearest(majilis):
    said = majilis("diff", "kz-2023", "kz-2023-opne")
    assert said.code == 2
    assert 'unknown scenario "kz-2023-opne". Did you mean "kz-2023-open"' in said.err
