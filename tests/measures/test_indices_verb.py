"""`majilis indices` on anybody's CSV: one row an election, every fault at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from sim.cli.onfile import indices, indices_of
from sim.strict import InputError

app = typer.Typer()
app.command()(indices)

STUDIES = Path(__file__).parents[3] / "shared" / "data"
Write = Callable[[str], Path]
KEYS = [
    "election", "enp_votes", "enp_seats", "gallagher", "loosemore_hanby", "golosov_votes", "golosov_seats",
    "rae_seats", "largest_seat_share", "banzhaf", "shapley_shubik",
]  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "result.csv"
        path.write_bytes(text.encode("utf-8"))
        return path

    return to_file


def ask(path: Path, *words: str) -> Any:
    result = CliRunner().invoke(app, [str(path), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refused(path: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        indices_of(path, [])
    return str(error.value).replace(str(path), "result.csv").splitlines()


def test_json_has_a_row_for_each_election_in_order(write: Write) -> None:
    path = write("election,party,votes,seats\n2,A,50,5\n1,A,100,3\n2,B,50,5\n")
    rows = json.loads(ask(path, "--format", "json").stdout)
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [row["election"] for row in rows] == ["2", "1"]
    assert (rows[0]["enp_votes"], rows[0]["gallagher"]) == (2.0, 0.0)
    assert rows[0]["banzhaf"] == {"A": 0.5, "B": 0.5}
    assert rows[1]["shapley_shubik"] == {"A": 1.0}


def test_the_parlgov_sample_as_it_is() -> None:
    source = STUDIES / "external" / "parlgov_sample.csv"
    if not source.exists():
        pytest.skip(f"no {source}: the collection of studies is not beside this checkout")
    with source.open(encoding="utf-8", newline="") as file:
        published = {row["election_id"]: row for row in csv.DictReader(file)}
    rows = json.loads(ask(source, "--format", "json").stdout)
    assert [row["election"] for row in rows] == list(published)
    for row in rows:
        theirs = published[row["election"]]
        assert row["enp_votes"] == pytest.approx(float(theirs["enp_votes"]), abs=1e-3)
        assert row["enp_seats"] == pytest.approx(float(theirs["enp_seats"]), abs=1e-3)
        assert row["gallagher"] == pytest.approx(float(theirs["disproportionality"]), abs=1e-3)
    text = ask(source).stdout.splitlines()
    assert all(len(line) <= 80 for line in text if not line.startswith("Next: ") and str(source) not in line)


def test_published_percent_and_house_are_used_as_given(write: Write) -> None:
    path = write("party;vote_share;seats;seats_total\nA;40;40;100\nB;30.0;30;100\n")
    (row,) = json.loads(ask(path, "--format", "json").stdout)
    assert row["election"] == "result"
    assert row["enp_votes"] == pytest.approx(4)
    assert row["enp_seats"] == pytest.approx(4)
    assert row["banzhaf"] == {"A": 0.5, "B": 0.5}  # 51 of 100, though 70 seats are listed


def test_where_no_seat_was_won_seat_measures_are_missing_not_zero(write: Write) -> None:
    path = write("party,votes,seats\nA,40,0\nB,60,0\n")
    result = ask(path, "--format", "json")
    (row,) = json.loads(result.stdout)
    assert [key for key, value in row.items() if value is None] == [
        "enp_seats", "gallagher", "loosemore_hanby", "golosov_seats", "rae_seats", "largest_seat_share", "banzhaf",
        "shapley_shubik",
    ]  # fmt: skip
    assert "which is not 0" in result.stderr
    assert " - " in ask(path).stdout
    (plain,) = csv.DictReader(ask(path, "--format", "csv").stdout.splitlines())
    assert (plain["enp_seats"], plain["banzhaf"]) == ("", "")


def test_one_election_is_shown_with_the_power_of_its_parties(write: Write) -> None:
    text = ask(write("party,votes,seats\n[b]A,50,50\nB,49,49\nC,1,1\n")).stdout
    assert "Shapley-Shubik" in text
    assert "[b]A" in text
    assert "0.667" in text
    assert text.splitlines()[-1].startswith("Next: majilis indices ")
    several = ask(write("election,party,votes,seats\n1,A,50,50\n2,A,49,49\n")).stdout
    assert "Shapley-Shubik" not in several


def test_csv_holds_power_as_json(write: Write) -> None:
    (row,) = csv.DictReader(ask(write("party,votes,seats\nA,3,3\nB,1,1\n"), "--format", "csv").stdout.splitlines())
    assert list(row) == KEYS
    assert json.loads(row["banzhaf"]) == {"A": 1.0, "B": 0.0}


def test_votes_are_preferred_to_percent_and_that_is_said(write: Write) -> None:
    notes: list[str] = []
    (row,) = indices_of(write("party,votes,vote_share,seats\nA,1,99,1\nB,1,1,1\n"), notes)
    assert row["enp_votes"] == 2
    assert notes == ['column "vote_share" is not read, because "votes" is there and exact']


def test_every_fault_is_told_at_once_with_its_line(write: Write) -> None:
    whole, seats = "write a whole number, 0 or more, without separators", "write a whole number from 0 to 10000"
    path = write("election,party,votes,seats\n1,A,-5,1.5\n1,A,1,\n,B,nan,20000\n2,A,1,1\n")
    assert refused(path) == [
        f'result.csv line 2: votes "-5" is negative; {whole}',
        f'result.csv line 2: seats "1.5" is not a whole number; {seats}',
        f"result.csv line 3: seats is empty; {seats}",
        'result.csv line 3: "A" is already on line 2; add the rows up or rename one',
        "result.csv line 4: election is empty; write the name of the election",
        f'result.csv line 4: votes "nan" is not a number; {whole}',
        f'result.csv line 4: seats "20000" is too large; {seats}',
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("party,seat\nA,1\n", [
            'result.csv line 1: no column "votes or vote_share"; the header has: party, seat',
            'result.csv line 1: no column "seats"; is "seat" meant?',
        ]),
        ("party,vote_share,seats\nA,0.6,1\nB,0.4,1\n", [
            'result.csv, election "result": vote_share sums to 1 %; write percent (53.9), not fractions (0.539)',
        ]),
        ("party,vote_share,seats\nA,60,1\nB,60,1\n", [
            'result.csv, election "result": vote_share sums to 120 %, more than 100; add a column election where the '
            "file holds several",
        ]),
        ("party,vote_share,seats\nA,150.5,1\n", [
            'result.csv line 2: vote_share "150.5" is too large; write percent as published, 0 to 100, such as 53.9',
        ]),
        ("election_id,party,votes,seats,seats_total\nx,A,0,9,8\nx,B,0,1,9\ny,A,1,9,8\n", [
            'result.csv, election "x": zero votes in total; indices need at least one vote',
            'result.csv, election "x": seats_total is 8 and 9; it must be the same in every row',
            'result.csv, election "y": seats sum to 9, more than seats_total 8; correct one of them',
        ]),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(write: Write, text: str, faults: list[str]) -> None:
    assert refused(write(text)) == faults
