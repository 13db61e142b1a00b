"""The verb: on a file, on totals, on a results folder, on one run; as text, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from sim.analysis.forensics.examine import TESTS, schema
from sim.analysis.forensics.nulls import honest

ROOT = Path(__file__).parents[2]
NAMES = {  # what other programs read
    "integer_peaks": ("excess", "mc_sd"),
    "shpilkin": ("anomalous_votes", "turnout", "leader", "refused"),
    "klimek": ("f_i", "f_e", "alpha"),
    "last_digit": ("p",),
    "round_shares": ("lines", "round", "expected"),
}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    there = honest(5, stations=600)
    path = tmp_path_factory.mktemp("tables") / "stations.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["region", "tik", "station", "voters", "given", "cast", "leader", "observed"])
        columns = there.region, there.territory, there.station, there.voters, there.given, there.cast, there.leader
        write.writerows([*row, int(seen)] for *row, seen in zip(*columns, there.observed, strict=True))
    return path


def conforms(value, part, whole):
    """Whether a value is as a schema says, as far as ours goes."""
    if part.get("$ref") == "#":
        part = whole
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    python = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int, "boolean": bool}
    assert any(value is None if kind == "null" else isinstance(value, python[kind]) for kind in kinds), (value, part)
    if isinstance(value, dict):
        assert set(part.get("required", [])) <= set(value)
        for key, item in value.items():
            if key in part.get("properties", {}):
                conforms(item, part["properties"][key], whole)
    if isinstance(value, list) and "items" in part:
        for item in value:
            conforms(item, part["items"], whole)


def test_a_file_as_json(table, majilis):
    code, out, err = majilis("forensics", table, "--format", "json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    conforms(told, schema(), schema())
    for test, names in NAMES.items():
        for name in names:
            assert name in told[test], (test, name)
    assert set(TESTS) <= set(told)
    assert told["about"]["totals"]["stations"] == 600


def test_a_file_as_text_and_as_csv(table, majilis):
    code, out, err = majilis("forensics", table)
    assert (code, err) == (0, "")
    *lines, _ = out.splitlines()  # what is typed next is not broken
    assert max(map(len, lines)) <= 80
    assert "No test here measures fraud." in out
    assert out.rstrip().endswith(f"Next: majilis forensics {table} --figures DIR draws the stations, too.")
    code, out, _ = majilis("forensics", table, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["test"] for row in rows] == list(TESTS)


def test_figures_are_drawn_beside(table, majilis, tmp_path):
    code, out, err = majilis("forensics", table, "--figures", tmp_path / "f")
    assert (code, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "f").iterdir()) == [
        "fingerprint.png",
        "observed-unobserved.png",
        "turnout-histogram.png",
    ]
    assert "3 figures in" in out


def test_one_region_and_larger_stations_only(table, majilis):
    code, out, _ = majilis("forensics", table, "--only-region", "2", "--min-voters", "800", "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert told["about"]["totals"]["stations"] == 150
    assert told["turnout_share"]["n"] < 150
    code, _, err = majilis("forensics", table, "--only-region", "nowhere")
    assert code == 2
    assert 'no region "nowhere"' in err


def test_national_totals_get_the_one_test_they_allow(tmp_path, majilis):
    path = tmp_path / "votes.csv"
    path.write_text(
        "party,votes\nA,3431510\nB,693938\nC,547154\nD,535139\nE,432920\nF,331058\nG,146431\nnobody,248291\n"
    )
    code, out, err = majilis("forensics", path, "--format", "json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert (told["round_shares"]["lines"], told["round_shares"]["round"]) == (8, 6)
    assert told["round_shares"]["expected"] == pytest.approx(0.0138, abs=1e-4)
    conforms(told, schema(), schema())
    path.write_text("party,votes\nA,12x\n")
    code, _, err = majilis("forensics", path)
    assert code == 2
    assert 'votes "12x" is not a number' in err


def test_what_cannot_be_read_is_one_message(tmp_path, majilis):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    code, out, err = majilis("forensics", path)
    assert (code, out) == (2, "")
    assert "no column says which votes are the leader's" in err
    code, _, err = majilis("forensics", tmp_path / "nowhere.csv")
    assert code == 2
    assert "no such file" in err
    code, _, err = majilis("forensics", path, "--encoding", "klingon", "--leader", "b")
    assert code == 2
    assert '--encoding "klingon" is unknown' in err


def test_a_run_shows_official_and_true_apart(majilis):
    code, out, _ = majilis("forensics", "textbook-managed", "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert told["about"]["simulated"]
    conforms(told, schema(), schema())
    assert told["true"]["about"]["totals"]["leader"] < told["about"]["totals"]["leader"]
    code, out, _ = majilis("forensics", "textbook-managed")
    assert "SIMULATED protocols" in out
    assert "The same tests on what voters did" in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_results_folder_needs_station_rows(tmp_path, majilis, monkeypatch):
    import sim

    monkeypatch.chdir(tmp_path)
    asked = sim.load("textbook-managed").vary("population.voters", 800, name="small")
    sim.run([asked], replications=1, workers=1, into="results/none", stations="none")
    code, _, err = majilis("forensics", "results/none")
    assert code == 2
    assert "holds no station rows" in err
    sim.run([asked], replications=1, workers=1, into="results/kept")
    code, out, _ = majilis("forensics", "kept", "--format", "json")
    assert code == 0
    assert "true" in json.loads(out)
    code, _, err = majilis("forensics", "kept", "--replication", "9")
    assert code == 2
    assert "no replication 9 with station rows" in err


def test_the_schema_in_docs_is_fresh():
    assert json.loads((ROOT / "docs" / "forensics.schema.json").read_text("utf-8")) == schema()


def test_it_is_there_in_a_notebook(table):
    import sim

    found = sim.forensics(table)
    assert found["integer_peaks"].values["draws"] == 100
    assert "Election forensics" in found.to_text()
