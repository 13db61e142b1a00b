"""`majilis export DIR --stations`: the ledger of every station as a file that adds up to the announced result."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

SMALL = """
extends = "kz-2023"
title = "{title}"
[population]
voters = 600
[mechanism.stations]
count = 400
[mechanism.tabulation]
territories = {territories}
"""

STUDY = """
question = "What does a territory add?"
estimand = "official_leader_share"
primary = "official_leader_share"
scenarios = ["plain.toml", "above.toml"]
levels = ["high"]
replications = 2
"""


@pytest.fixture
def store(tmp_path, monkeypatch, majilis):
    monkeypatch.chdir(tmp_path)
    Path("plain.toml").write_text(SMALL.format(title="Protocols summed", territories=0), "utf-8")
    Path("above.toml").write_text(SMALL.format(title="Other figures above", territories=0.5), "utf-8")
    Path("study.toml").write_text(STUDY, "utf-8")
    done = majilis("batch", "study.toml", "--workers", "1")
    assert done.code == 0, done.err


def test_every_ballot_can_be_followed_from_the_voter_to_the_sum(store, majilis):
    assert majilis("export", "study", "--to", "ledger.csv", "--stations").code == 0
    assert majilis("export", "study", "--to", "parties.csv", "--table", "parties").code == 0
    ledger, parties = (
        list(csv.DictReader(Path(name).read_text("utf-8").splitlines())) for name in ("ledger.csv", "parties.csv")
    )
    assert len(ledger) == 2 * 400  # of the first replication of each scenario
    announced: dict[str, int] = {}
    for row in ledger:
        n = {key: int(value) for key, value in row.items() if value.isdigit()}
        put_in = n["brought"] + n["carousel"] + n["stuffed"]
        assert n["cast"] == n["true_cast"] + put_in + n["rewritten_cast"]
        assert n["leader"] == n["true_leader"] + put_in + n["stolen"] + n["rewritten_leader"]
        assert n["official_leader"] == n["leader"] + n["tabulated"]
        announced[row["scenario"]] = announced.get(row["scenario"], 0) + n["official_leader"]
    official = {
        row["scenario"]: int(row["official_votes"])
        for row in parties
        if row["conduct"] == "party_of_power" and row["replication"] == "1"
    }
    assert announced == official
    assert {row["scenario"] for row in ledger if row["tabulated"] != "0"} == {"above"}
    assert announced["above"] > announced["plain"]


def test_two_tables_are_not_written_into_one_file(store, majilis):
    said = majilis("export", "study", "--to", "x.csv", "--stations", "--table", "parties")
    assert said.code == 2
    assert "--stations and --table parties ask for two tables" in said.err
    assert not Path("x.csv").exists()


def test_forensics_reads_what_the_upper_level_wrote(store, majilis):
    import json

    above, plain = (
        json.loads(majilis("forensics", "study", "--scenario", name, "--format", "json").out)
        for name in ("above", "plain")
    )
    assert above["about"]["totals"]["leader"] > plain["about"]["totals"]["leader"]
