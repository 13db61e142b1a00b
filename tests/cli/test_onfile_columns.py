"""Columns that tell several ballots apart, and rows of independents, are spoken about rather than guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SEVERAL = "election,party,votes,seats\n2019,A,60,6\n2019,B,40,4\n2023,A,50,50\n2023,B,40,40\n2023,Independents,10,10\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("v.csv").write_text(SEVERAL, "utf-8")


def test_seats_are_not_given_out_for_several_elections_at_once(majilis):
    said = majilis("seats", "v.csv", "--seats", "10")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        'v.csv: the column "election" tells 2 ballots apart (2019, 2023), and seats are given out for one; choose one '
        "with --election 2023. majilis indices measures several elections at once.\n"
    )


def test_one_election_of_several_is_chosen(majilis):
    said = majilis("seats", "v.csv", "--seats", "10", "--election", "2019", "--format", "json")
    assert json.loads(said.out)["seats"] == {"A": 6, "B": 4}
    assert "--election 2019" in majilis("seats", "v.csv", "--seats", "10", "--election", "2019").out.splitlines()[-1]
    for name, message in {"2024": 'no such election in v.csv; did you mean "2023"?', "x": "known: 2019, 2023"}.items():
        said = majilis("seats", "v.csv", "--seats", "10", "--election", name)
        assert (said.code, said.out) == (2, "")
        assert message in said.err


def test_a_column_that_tells_nothing_apart_is_no_matter(majilis):
    Path("one.csv").write_text("election,region,party,votes\n2023,all,A,60\n2023,all,B,40\n", "utf-8")
    assert json.loads(majilis("seats", "one.csv", "--seats", "10", "--format", "json").out)["seats"] == {"A": 6, "B": 4}
    Path("plain.csv").write_text("party,votes\nA,60\n", "utf-8")
    said = majilis("seats", "plain.csv", "--seats", "10", "--election", "2023")
    assert "plain.csv has no column election; leave the option out." in said.err


def test_districts_are_not_added_up_in_silence(majilis):
    Path("d.csv").write_text("district,party,votes\n1,A,60\n1,B,40\n2,A,10\n2,B,90\n", "utf-8")
    said = majilis("seats", "d.csv", "--seats", "10")
    assert said.code == 2
    assert (
        'the column "district" tells 2 ballots apart (1, 2), and seats are given out for one; add the votes up'
        in said.err
    )


def test_independents_are_one_party_and_that_is_said(majilis):
    said = majilis("indices", "v.csv", "--format", "json")
    assert '"Independents" is counted as one party; --independents singly counts each deputy' in said.err
    assert json.loads(said.out)[1]["enp_seats"] == pytest.approx(1 / (0.25 + 0.16 + 0.01))


def test_independents_count_singly_in_seats_and_as_one_in_votes(majilis):
    one = json.loads(majilis("indices", "v.csv", "--format", "json").out)[1]
    said = majilis("indices", "v.csv", "--independents", "singly", "--format", "json")
    row = json.loads(said.out)[1]
    assert row["enp_seats"] == pytest.approx(1 / (0.25 + 0.16 + 10 * 0.0001))
    assert list(row["banzhaf"]) == ["A", "B", *(f"Independents {n}" for n in range(1, 11))]
    for same in ("enp_votes", "golosov_votes", "gallagher", "loosemore_hanby", "largest_seat_share"):
        assert row[same] == one[same]
    assert "in what needs votes the row is one party" in said.err


@pytest.mark.parametrize("name", ["Independents", "самовыдвиженцы", "Non-partisan"])
def test_independents_are_known_by_several_names(name, majilis):
    Path("i.csv").write_text(f"party,votes,seats\nA,60,6\n{name},40,4\n", "utf-8")
    assert f'"{name}" is counted as one party' in " ".join(majilis("indices", "i.csv").out.split())


def test_a_file_without_independents_is_not_lectured(majilis):
    Path("p.csv").write_text("party,votes,seats\nA,60,6\nB,40,4\n", "utf-8")
    assert "counted as one party" not in majilis("indices", "p.csv").out
