"""`majilis law` answers in 80 columns, in JSON and in CSV, and says what it did not understand."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from sim.cli.law import law, law_parameter, law_table
from sim.strict import InputError

app = typer.Typer()
app.command()(law)


def ask(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_parameter_is_listed_with_its_latest_value() -> None:
    lines = ask("kazakhstan").splitlines()
    assert lines[0] == "Law of kazakhstan, latest values"
    assert "registration.members                  5,000 members        2022-01-05/2022-09-19" in lines
    assert "registration.initiative_regions_share 2/3                  2022-01-05/2022-09-19" in lines
    assert lines[-1].startswith("Next: majilis law kazakhstan ")


def test_the_list_can_be_had_for_a_day() -> None:
    rows = {row["parameter"]: row for row in law_table("kazakhstan", on="1999-10-10")}
    assert rows["registration.members"]["value"] == 3000
    assert rows["registration.members_per_region"]["status"] == "unknown"
    assert rows["registration.members_per_region"]["since"] is None
    assert rows["list.threshold"]["value"] == "7/100"
    assert "unknown" in ask("kazakhstan", "--on", "1999-10-10")


def test_one_parameter_on_a_day_comes_with_act_source_and_history() -> None:
    text = ask("kazakhstan", "registration.members", "--on", "2016-03-20")
    assert "2016-03-20: 40,000 members" in text
    assert "Law amending the law on political parties" in text
    assert "Moscow Times/AP" in text
    assert "50,000 (enacted)" in text
    assert text.splitlines()[-1] == "Next: majilis law kazakhstan --on 2016-03-20"


@pytest.mark.parametrize("on", [None, "1995-01-01", "2004-09-19"])
def test_no_answer_is_wider_than_a_terminal(on: str | None) -> None:
    more = ["--on", on] if on else []
    names = [row["parameter"] for row in law_table("kazakhstan")]
    for words in [[], *([name] for name in names)]:
        for line in ask("kazakhstan", *words, *more).splitlines():
            assert len(line) <= 80, line


def test_absent_unknown_and_assumed_are_said() -> None:
    assert "1990-01-01: absent; taken as 0 members" in ask("kazakhstan", "registration.members", "--on", "1990-01-01")
    assert "unknown; taken as 0" in ask("kazakhstan", "nomination.deposit", "--on", "1999-10-10")
    text = ask("kazakhstan", "list.threshold_base", "--on", "2004-09-19")
    assert "  assumed     the published results of 2004" in text
    assert "  but         cast in CEC resolution" in text


def test_json_holds_the_whole_answer_exactly() -> None:
    answer = json.loads(ask("kazakhstan", "list.threshold", "--on", "2023-03-19", "--format", "json"))
    assert (answer["value"], answer["entry"]["since"]) == ("1/20", "2021-05-05/2021-12-31")
    assert [entry["value"] for entry in answer["history"]] == ["7/100", "7/100", "1/20", "1/20"]
    assert answer == law_parameter("kazakhstan", "list.threshold", "2023-03-19")
    assert len(json.loads(ask("kazakhstan", "--format", "json"))) == len(law_table("kazakhstan"))


def test_csv_is_a_table() -> None:
    rows = list(csv.DictReader(ask("kazakhstan", "--format", "csv").splitlines()))
    assert {row["parameter"]: row["value"] for row in rows}["registration.barred_bases"] == "ethnic, religious, gender"
    history = list(csv.DictReader(ask("kazakhstan", "registration.members", "--format", "csv").splitlines()))
    assert [row["value"] for row in history] == ["3000", "50000", "40000", "20000", "5000"]


@pytest.mark.parametrize(
    ("case", "parameter", "on", "message"),
    [
        ("kazakstan", "registration.members", None, 'unknown case "kazakstan". Did you mean "kazakhstan"?'),
        ("zzz", "registration.members", None, 'unknown case "zzz". Known: '),
        ("kazakhstan", "registration.member", None, 'Did you mean "registration.members"?'),
        ("kazakhstan", "registration.members", "20.03.2016", "write YYYY-MM-DD"),
        ("kazakhstan", "registration.members", "2016-02-30", '--on "2016-02-30" is not a day'),
    ],
)
def test_what_is_not_understood_is_said_with_the_nearest_known(
    case: str, parameter: str, on: str | None, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        law_parameter(case, parameter, on)
    assert message in str(refused.value)


def test_the_law_starts_without_the_heavy_libraries() -> None:
    heavy = "{'mesa', 'numpy', 'pandas', 'matplotlib', 'scipy', 'numba', 'pyarrow', 'networkx'}"
    code = f"import sys, sim.law.timeline, sim.law.registration; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
