"""`majilis seats` on anybody's CSV: exact seats, ties told, and every fault at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sim.cli.onfile import seats
from sim.strict import InputError

app = typer.Typer()
app.command()(seats)

OF_2023 = """party,votes
Amanat,3431510
Auyl,693938
Respublica,547154
Aq Jol,535139
QHP,432920
JSDP,331058
Baytaq,146431
against all,248291
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "votes.csv"
        path.write_bytes(text.encode("utf-8"))
        return path

    return to_file


def ask(path: Path, *words: str) -> Result:
    result = CliRunner().invoke(app, [str(path), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refused(path: Path, *words: str) -> list[str]:
    with pytest.raises(InputError) as error:
        CliRunner().invoke(app, [str(path), *words], catch_exceptions=False)
    return str(error.value).replace(str(path), "votes.csv").splitlines()


def test_the_list_seats_of_2023(write: Write) -> None:
    words = ["--seats", "69", "--threshold-pct", "5", "--against-all", "against all"]
    result = ask(write(OF_2023), *words, "--format", "json")
    assert json.loads(result.stdout) == {
        "seats": {"Amanat": 40, "Auyl": 8, "Respublica": 6, "Aq Jol": 6, "QHP": 5, "JSDP": 4, "Baytaq": 0},
        "unfilled": 0,
        "ties": [],
    }
    by_dhondt = json.loads(ask(write(OF_2023), *words, "--format", "json", "--formula", "dhondt").stdout)
    assert list(by_dhondt["seats"].values()) == [41, 8, 6, 6, 5, 3, 0]


def test_the_two_party_rule_of_2009_on_2007(write: Write) -> None:
    path = write("party,votes\nNur Otan,5247720\nOSDP,269310\nAk Zhol,183346\n")
    result = ask(path, "--seats", "98", "--threshold-pct", "7", "--two-party-rule", "--format", "json")
    assert json.loads(result.stdout)["seats"] == {"Nur Otan": 95, "OSDP": 3, "Ak Zhol": 0}
    assert "Nur Otan alone passed; OSDP got seats by the two-party rule of 2009" in result.stderr


def test_a_table_fits_the_terminal_and_ends_with_what_to_type_next(write: Write) -> None:
    long = "The Very Long Name of a Union of Movements for Everything that is Good and Against All that is Bad"
    path = write(f"party,votes\n{long},70\n[red]B,30\n:smile:,0\n")
    lines = ask(path, "--seats", "10", "--threshold-pct", "7").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines[:-3])  # the path of a temporary file is as long as it is
    assert lines[-1] == f"Next: majilis seats {path} --seats 10 --threshold-pct 7 --formula dhondt"
    text = "\n".join(lines)
    assert "[red]B" in text
    assert ":smile:" in text
    assert "10 of 10 seats of" in text


def test_what_to_type_next_repeats_every_option(write: Write) -> None:
    words = ["--seats", "69", "--threshold-pct", "5", "--base", "cast", "--cast", "6524487", "--two-party-rule"]
    words += ["--against-all", "against all", "--ties", "votes"]
    told = ask(write(OF_2023), *words, "--formula", "dhondt").stdout.splitlines()[-1]
    for word in words:
        assert word in told
    assert told.endswith("--formula hare")


def test_csv_output_is_a_table(write: Write) -> None:
    result = ask(write("party,votes\nA,3\nB,1\n"), "--seats", "4", "--format", "csv")
    assert list(csv.reader(result.stdout.splitlines())) == [
        ["party", "votes", "seats"],
        ["A", "3", "3"],
        ["B", "1", "1"],
    ]


def test_a_tie_is_told_and_recorded(write: Write) -> None:
    told = "tie for the last seat between X and Y (equal remainders); "
    told += "decided by order of registration (law of 2009), recorded"
    path = write("party,votes\nX,10\nY,10\n")
    result = ask(path, "--seats", "3", "--format", "json")
    assert told in result.stderr
    tie = {"parties": ["X", "Y"], "over": "the last seat", "equal": "remainders", "won_by": ["X"], "rule": "order"}
    assert json.loads(result.stdout) == {"seats": {"X": 2, "Y": 1}, "unfilled": 0, "ties": [tie]}
    assert told in " ".join(ask(path, "--seats", "3").stdout.split())
    by_votes = ask(path, "--seats", "3", "--ties", "votes", "--format", "json")
    assert "the larger number of votes, then order of registration, recorded" in by_votes.stderr


def test_no_list_passed_is_an_answer(write: Write) -> None:
    path = write("party,votes\nX,10\nY,10\n")
    result = ask(path, "--seats", "98", "--threshold-pct", "60", "--format", "json")
    assert json.loads(result.stdout) == {"seats": {"X": 0, "Y": 0}, "unfilled": 98, "ties": []}
    assert "no list passed 60%: list seats unfilled" in result.stderr
    assert "no list passed 60%: list seats unfilled" in ask(path, "--seats", "98", "--threshold-pct", "60").stdout


def test_exactly_on_the_threshold_of_the_file(write: Write) -> None:
    path = write("party,votes\nA,7\nB,93\n")
    for threshold, seats_won in [("7", {"A": 1, "B": 9}), ("7.0000000001", {"A": 0, "B": 10})]:
        result = ask(path, "--seats", "10", "--threshold-pct", threshold, "--format", "json")
        assert json.loads(result.stdout)["seats"] == seats_won


def test_a_coalition_may_have_its_own_bar(write: Write) -> None:
    path = write("party;votes;threshold_pct\nBloc;8;10\nA;8;\nB;84;\n")
    result = ask(path, "--seats", "10", "--threshold-pct", "7", "--format", "json")
    assert json.loads(result.stdout)["seats"] == {"Bloc": 0, "A": 1, "B": 9}


def test_spreadsheets_write_marks_semicolons_and_empty_rows(write: Write) -> None:
    path = write('\ufeffParty;Votes\r\n"A; B";3\r\n;\r\nC;1\r\n\r\n')
    assert json.loads(ask(path, "--seats", "4", "--format", "json").stdout)["seats"] == {"A; B": 3, "C": 1}


def test_a_row_that_looks_like_against_all_is_pointed_out(write: Write) -> None:
    result = ask(write(OF_2023), "--seats", "69", "--threshold-pct", "5", "--format", "json")
    assert '"against all" is read as a list' in result.stderr


def test_a_misspelt_optional_column_is_pointed_out(write: Write) -> None:
    result = ask(write("party,votes,treshold_pct\nA,3,5\n"), "--seats", "4", "--format", "json")
    assert 'column "treshold_pct" is not read; if "threshold_pct" is meant, rename it' in result.stderr


WHOLE = "write a whole number, 0 or more, without separators"


def test_every_fault_is_told_at_once_with_its_line(write: Write) -> None:
    path = write("party,votes\nA,-5\nA,\n,nan\nB,inf\nC,1.5\nD,five\nE,1_000\nF,9999999999999999999\nG,1,2\n")
    words = ["--seats", "0", "--threshold-pct", "107", "--formula", "hondt", "--base", "cats", "--ties", "lot"]
    assert refused(path, *words, "--against-all", "AA") == [
        f'votes.csv line 2: votes "-5" is negative; {WHOLE}',
        f"votes.csv line 3: votes is empty; {WHOLE}",
        'votes.csv line 3: "A" is already on line 2; add the rows up or rename one',
        "votes.csv line 4: party is empty; write the name of the list",
        f'votes.csv line 4: votes "nan" is not a number; {WHOLE}',
        f'votes.csv line 5: votes "inf" is not a number; {WHOLE}',
        f'votes.csv line 6: votes "1.5" is not a whole number; {WHOLE}',
        f'votes.csv line 7: votes "five" is not a number; {WHOLE}',
        f'votes.csv line 8: votes "1_000" is not a number; {WHOLE}',
        f'votes.csv line 9: votes "9999999999999999999" is too large; {WHOLE}',
        'votes.csv line 10: 3 cells, the header has 2; put text that holds the delimiter between quotes ("), '
        "and write numbers without separators",
        '--against-all "AA": no such row in votes.csv; did you mean "A"?',
        '--threshold-pct "107" is too large; write percent from 0 to 100, such as 7',
        "--seats 0: write a number from 1 to 10000",
        '--formula "hondt" is unknown; did you mean "dhondt"?',
        '--ties "lot" is unknown; known: order, votes',
        '--base "cats" is unknown; did you mean "cast"?',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "votes.csv: the file is empty; write a header and one row for each party"),
        ("party,votes\n", "votes.csv line 1: a header without rows; write one row for each party"),
        ("party,votes\nA,0\n", "votes.csv: zero votes in total; seats need at least one vote"),
        ("party,vote\nA,1\n", 'votes.csv line 1: no column "votes"; is "vote" meant?'),
        ("name,votes\nA,1\n", 'votes.csv line 1: no column "party"; the header has: name, votes'),
        ("party,votes,Votes\nA,1,2\n", 'votes.csv line 1: two columns are named "votes"; rename or delete one'),
        ('party,votes\n"A,1\n', "votes.csv line 2: not CSV (unexpected end of data); close every quote"),
        (
            "party,votes,threshold_pct\nA,1,-3\n",
            'votes.csv line 2: threshold_pct "-3" is negative; write percent from 0 to 100, such as 7',
        ),
    ],
)
def test_a_file_that_cannot_be_used(write: Write, text: str, fault: str) -> None:
    assert refused(write(text), "--seats", "5") == [fault]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--threshold-pct", "-1"], '--threshold-pct "-1" is negative; write percent from 0 to 100, such as 7'),
        (["--threshold-pct", "nan"], '--threshold-pct "nan" is not a number; write percent from 0 to 100, such as 7'),
        (["--threshold-pct", "7%"], '--threshold-pct "7%" is not a number; write percent from 0 to 100, such as 7'),
        (["--base", "cast"], "--base cast: add --cast N, the number of ballots cast"),
        (["--cast", "9"], "--cast 9: add --base cast, or leave it out; the base is valid votes"),
        (
            ["--base", "cast", "--cast", "9"],
            "--cast 9 is smaller than the 10 votes in votes.csv; give all ballots cast",
        ),
        (["--seats", "-1"], "--seats -1: write a number from 1 to 10000"),
    ],
)
def test_options_that_cannot_be(write: Write, words: list[str], fault: str) -> None:
    assert refused(write("party,votes\nA,4\nB,6\n"), "--seats", "5", *words) == [fault]


def test_against_all_has_no_bar(write: Write) -> None:
    path = write("party,votes,threshold_pct\nA,4,\nnone,6,5\n")
    fault = 'votes.csv line 3: "none" wins no seats; leave its threshold_pct empty'
    assert refused(path, "--seats", "5", "--against-all", "none") == [fault]


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv", "--seats", "5")[0].endswith("give the path of a CSV file")
    path = tmp_path / "cyrillic.csv"
    path.write_bytes("party,votes\nАуыл,1\n".encode("cp1251", errors="replace"))
    assert refused(path, "--seats", "5") == ['votes.csv: not UTF-8 text; save it as "CSV UTF-8"']
