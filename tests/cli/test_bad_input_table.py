"""The table of bad input, row by row, each with the command that meets it and the message it should give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from sim import cli
from sim.batch.execute import run
from sim.cli import wrapped
from sim.scenario.load import load


class Row(NamedTuple):
    """A row of the table: files that are there, the words of the command, what it says, and the exit code."""

    files: dict[str, str]
    words: str
    said: str
    code: int = 2


def scenario(text: str) -> dict[str, str]:
    return {"low.toml": f'extends = "kz-2023"\n{text}\n'}


MEMBERS = "[law.registration]\n"
VOTES = "party,votes\nX,50\nY,50\n"
FILES = {
    "key typo": Row(
        scenario(f"{MEMBERS}member = 9"),
        "check low.toml",
        'low.toml: unknown key "law.registration.member". Did you mean "members"? (keys: ',
    ),
    "wrong type": Row(
        scenario(f'{MEMBERS}members = "5000"'),
        "run low.toml",
        'low.toml: law.registration.members = "5000" is text; write 5000 without quotes.',
    ),
    "percent as share": Row(
        scenario("[mechanism.observers]\nshare = 20"),
        "check low.toml",
        "low.toml: mechanism.observers.share = 20 must lie between 0 and 1. Did you mean 0.20 (20%)?",
    ),
    "zero voters": Row(
        {},
        "run kz-2023 --voters 0",
        "population.voters = 0: an election needs at least 1 voter per region; the default is 20000.",
    ),
    "negative voters": Row(
        scenario("[population]\nvoters = -5"),
        "check low.toml",
        "low.toml: population.voters = -5: an election needs at least 1 voter per region; the default is 20000.",
    ),
    "threshold nobody can meet": Row(
        scenario(f"{MEMBERS}members = 9_000_000"),
        "check low.toml",
        "warning: law.registration.members = 9000000 exceeds every group's possible members",
        code=0,
    ),
    "regional rule above national": Row(
        scenario(f"{MEMBERS}members_per_region = 600"),
        "check low.toml",
        "note: members_per_region 600 x 20 regions = 12000 is more than members 5000: the regional rule decides.",
        code=0,
    ),
    "congress larger than membership": Row(
        scenario(f"{MEMBERS}initiative_group = 7000"),
        "check low.toml",
        "note: initiative_group 7000 is above members 5000; no applicant at the threshold could fill the hall",
        code=0,
    ),
    "unknown region": Row(
        scenario('[mechanism.founding]\nvenue = "Nur-Sultan"'),
        "check low.toml",
        'low.toml: mechanism.founding.venue: unknown region "Nur-Sultan". It was renamed Astana in 2022 (KZ-71).',
    ),
    "unknown party": Row(
        scenario("[reading]\npressure = 0\n[reading.valence]\nNur-Otan = 1"),
        "check low.toml",
        'low.toml: reading.valence: unknown party "Nur-Otan". Did you mean "amanat_1999"?',
    ),
    "seats do not sum": Row(
        scenario("[law.chamber]\nseats = 98\nlist_seats = 69\ndistrict_seats = 28"),
        "check low.toml",
        "low.toml: law.chamber: seats = 98 but list_seats 69 + district_seats 28 = 97.",
    ),
    "one list seat tie": Row(
        {"votes.csv": VOTES},
        "seats votes.csv --seats 1",
        "tie for the last seat between X and Y (equal remainders); decided by order of registration (law of 2009), "
        "recorded",
        code=0,
    ),
    "all parties under 5%": Row(
        {"votes.csv": "party,votes\n" + "".join(f"P{n},4\n" for n in range(25))},
        "seats votes.csv --seats 69 --threshold-pct 5",
        "no list passed 5%: list seats unfilled (69 of 69)",
        code=0,
    ),
    "duplicate scenario names": Row(
        dict.fromkeys(("a.toml", "b.toml"), 'extends = "kz-2023"\nname = "baseline"\n'),
        "check a.toml b.toml",
        'two files are named "baseline": a.toml, b.toml.',
    ),
}
STORES = {
    "results of another version": "{folder} was made by results version 99, this is ",
    "replicates = 1 and comparison asked": "compare needs at least 2 shared seeds; found 1.",
    "unpaired seeds": "share 3 of 5 seeds; compared on those 3.",
}
LATER = {"NaN outcome in sensitivity"}
"""Rows whose verb does not exist yet."""


def fake(scenario: object, replication: int, keep_stations: bool) -> dict[str, list[dict[str, object]]]:
    return {"runs": [{"society": 1, "history": 1, "enp_seats": 2.0 + replication}]}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_is_whole() -> None:
    assert len(FILES) + len(STORES) + len(LATER) == 18  # 16 rows; two of them tell of two cases each


@pytest.mark.parametrize("row", FILES.values(), ids=FILES)
def test_a_row_of_the_table(row: Row, here: Path, majilis: Callable[..., cli.Verb]) -> None:
    for name, text in row.files.items():
        Path(name).write_text(text, encoding="utf-8")
    said = majilis(*row.words.split())
    assert said.code == row.code
    assert " ".join(row.said.split()) in " ".join(f"{said.out} {said.err}".split())
    assert "Traceback" not in said.err
    if row.code == 2:
        assert said.out == "" or said.out.startswith("OK ")


def made(name: str, seeds: dict[str, list[int]]) -> None:
    for scenario_name, numbers in seeds.items():
        run(load(scenario_name), numbers, 1, Path("results") / name, simulate=fake, progress=False)


@pytest.mark.parametrize("row", STORES, ids=STORES)
def test_a_row_about_results(row: str, here: Path, majilis: Callable[..., cli.Verb]) -> None:
    several = [1] if "replicates" in row else [1, 2, 3]
    other = [1] if "replicates" in row else [1, 2, 3, 4, 5] if "unpaired" in row else [1, 2, 3]
    made("mine", {"kz-2023": several, "kz-2023-open": other})
    if "version" in row:
        stamp = Path("results/mine/provenance.json")
        told = json.loads(stamp.read_text("utf-8"))
        stamp.write_text(json.dumps(told | {"results_version": 99}), "utf-8")
    said = majilis("compare", "mine")
    assert said.code == (0 if "unpaired" in row else 2)
    expected = STORES[row].format(folder=Path("results/mine"))
    assert expected in " ".join(f"{said.out} {said.err}".split())


def test_all_problems_are_told_at_once(here: Path, majilis: Callable[..., cli.Verb]) -> None:
    one, two = f'{MEMBERS}member = 9\nmembers = "5"\n', "[mechanism.observers]\nshare = 20\n"
    three = "[law.chamber]\nlist_seats = 0\ndistrict_seats = 0\n"
    Path("low.toml").write_text(f'extends = "kz-2023"\n{one}{two}{three}', "utf-8")
    lines = majilis("run", "low.toml").err.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("low.toml: ") for line in lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run study.toml", "study.toml is an experiment, not a scenario. To run it: majilis batch study.toml"),
        ("explain study.toml x", "study.toml is an experiment, not a scenario. To run it: majilis batch study.toml"),
        ("run demo", '"demo" is an experiment, not a scenario. To run it: majilis batch demo'),
        ("batch low.toml", "low.toml is a scenario, not an experiment. To run it: majilis run low.toml"),
        ("batch kz-2023", '"kz-2023" is a scenario, not an experiment. To run it: majilis run kz-2023'),
    ],
)
def test_the_other_kind_of_file_is_recognised(
    words: str, message: str, here: Path, majilis: Callable[..., cli.Verb]
) -> None:
    Path("study.toml").write_text(
        'question = "?"\nestimand = "?"\nprimary = "enp_seats"\nscenarios = ["kz-2023"]\n', "utf-8"
    )
    Path("low.toml").write_text('extends = "kz-2023"\n', "utf-8")
    said = majilis(*words.split())
    assert (said.code, said.out, said.err) == (2, "", f"{message}\n")


def test_an_unknown_outcome_comes_with_the_nearest_and_a_list_that_fits(
    here: Path, majilis: Callable[..., cli.Verb]
) -> None:
    made("mine", {"kz-2023": [1, 2], "kz-2023-open": [1, 2]})
    said = majilis("compare", "mine", "--outcomes", "enp_seat,leader")
    assert said.code == 2
    lines = said.err.splitlines()
    assert lines[0] == 'unknown outcome "enp_seat". Did you mean "enp_seats"?'
    assert any(line.startswith('unknown outcome "leader".') for line in lines)
    assert max(map(len, lines)) <= 80


# Messages in a terminal


def test_messages_are_wrapped_without_breaking_what_is_copied() -> None:
    message = (
        'a/long/path/to/some-scenario-of-mine.toml: unknown key "law.registration.initiative_regions_shares". Did you '
        'mean "initiative_regions_share"? (keys: registrar, members, members_per_region, initiative_group)\n'
        'b.toml: "a name with spaces that is long enough to stand at the edge of a line" names 2 groups'
    )
    lines = wrapped(message).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) > 4
    joined = "\n".join(lines)
    for whole in (
        "a/long/path/to/some-scenario-of-mine.toml:",
        '"law.registration.initiative_regions_shares".',
        '"a name with spaces that is long enough to stand at the edge of a line"',
    ):
        assert whole in joined
    assert " ".join(joined.split()) == " ".join(message.split())
    assert wrapped("short") == "short"
    long = f"{'x' * 100}/y.toml: no file"
    assert f"{'x' * 100}/y.toml:" in wrapped(long).splitlines()


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_sees_lines_of_80_columns_and_a_program_a_line_a_fault(here: Path) -> None:
    import pty

    Path("low.toml").write_text(f'extends = "kz-2023"\n{MEMBERS}member = 9\n', "utf-8")
    words = [sys.executable, "-m", "sim", "run", "low.toml"]
    plain = subprocess.run(words, capture_output=True, text=True, check=False)
    assert len(plain.stderr.splitlines()) == 1
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=theirs) as asked:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # the other side is closed
            pass
    os.close(ours)
    lines = shown.decode().replace("\r", "").splitlines()
    assert asked.returncode == 2
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()) == " ".join(plain.stderr.split())
