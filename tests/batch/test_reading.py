"""Reading a store: pandas, polars and duckdb see the same rows, whole or in loose parts; exports hold them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tiny_model import Tiny, failing, simulate

from sim.analysis.export import export, stata_names
from sim.batch import parts
from sim.batch.execute import run, run_all
from sim.batch.places import Folder
from sim.batch.plan import plan
from sim.batch.store import Results
from sim.batch.work import work
from sim.strict import InputError

SCENARIOS = [Tiny(name="b", shift=0.5), Tiny(name="a"), Tiny(name="a", level="high", shift=-0.5)]


@pytest.fixture(params=["merged", "loose", "overlapping"])
def results(request, tmp_path):
    """A store as a batch leaves it, as one at work has it, and with runs that stand in two parts or failed first."""
    folder, runs = tmp_path / "s", plan(SCENARIOS, 8)
    run_all(runs[:9], folder, workers=1, chunk=4, simulate=failing, progress=False)
    if request.param == "merged":
        run_all(runs, folder, workers=1, simulate=failing, progress=False)
    else:
        first = 9 if request.param == "loose" else 5
        for i in range(first, len(runs), 4):
            work(Folder(folder), runs[i : i + 4], failing)
    found = Results.open(folder)
    assert len(parts.index(Folder(folder)).files) == (1 if request.param == "merged" else 5 if first == 9 else 6)
    return found


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.sort_values(["scenario", "level", "replication", *(c for c in ("party", "station") if c in frame)])
    return frame.reset_index(drop=True)


@pytest.mark.parametrize("table", ["runs", "parties", "decisions", "funnel"])
def test_polars_and_duckdb_see_what_pandas_sees(results, table):
    pytest.importorskip("polars", reason="polars is not installed (the extra readers)")
    pytest.importorskip("duckdb", reason="duckdb is not installed (the extra readers)")
    seen = ordered(results.to_frame(table))
    assert table == "funnel" or set(seen["replication"]) == {1, 4, 5, 6, 7, 8}
    lazy = results.to_polars(table)
    assert type(lazy).__name__ == "LazyFrame"
    frames = [lazy.collect().to_pandas(), results.to_duckdb(table).df()]
    for frame in frames:
        frame = ordered(frame[seen.columns])
        assert len(frame) == len(seen)
        for name in [c for c in seen.columns if c != "grounds"]:
            ours, theirs = (one[name].astype(object).where(one[name].notna(), None).tolist() for one in (seen, frame))
            assert ours == theirs, name


def test_columns_and_rows_are_read_as_asked(results):
    some = results.to_frame("parties", columns=["seats", "party"], where={"party": "p2", "scenario": "a"})
    assert some.columns.tolist() == ["seats", "party"]
    assert set(some["party"]) == {"p2"}
    assert len(some) == 12
    assert len(pd.concat(batch.to_pandas() for batch in results.batches("parties"))) == len(results.to_frame("parties"))
    with pytest.raises(InputError, match=r'no column "seat" in parties .*Did you mean \'seats\''):
        results.to_frame("parties", columns=["seat"])
    assert "enp_seats" in results.outcomes
    assert "replication" not in results.outcomes


@pytest.mark.parametrize("package", ["polars", "duckdb"])
def test_a_reader_that_is_not_installed_is_named(results, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=rf'{package} is not installed: pip install "majilis\[readers\]"'):
        getattr(results, f"to_{package}")()


def test_a_reader_goes_on_when_a_batch_merges_under_it(tmp_path):
    folder, runs = tmp_path / "s", plan(SCENARIOS, 8)
    run_all(runs[:9], folder, workers=1, simulate=simulate, progress=False)
    before = Results.open(folder)
    run_all(runs, folder, workers=1, simulate=simulate, progress=False)
    assert len(before.to_frame()) == 24


def test_one_parquet_and_one_csv(results, tmp_path):
    for table in ("runs", "decisions", "funnel"):
        seen = results.to_frame(table)
        written = export(results, table, tmp_path / "x.parquet")
        assert (written.rows, written.columns) == seen.shape
        pd.testing.assert_frame_equal(pq.read_table(tmp_path / "x.parquet").to_pandas(), seen)
        assert export(results, table, tmp_path / "x.csv").rows == len(seen)
        assert len(pd.read_csv(tmp_path / "x.csv")) == len(seen)


def test_stata_reads_it_back(results, tmp_path):
    for table in ("runs", "parties", "decisions"):
        seen = results.to_frame(table)
        export(results, table, tmp_path / "x.dta")
        read = pd.read_stata(tmp_path / "x.dta")
        assert len(read) == len(seen)
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,31}", name) for name in read.columns)
        if table == "runs":
            assert read["enp_seats"].tolist() == seen["enp_seats"].tolist()
            assert read["replication"].tolist() == seen["replication"].tolist()
    labels = pd.io.stata.StataReader(tmp_path / "x.dta")
    with labels:
        assert labels.variable_labels()["grounds"] == "grounds"


def test_names_for_stata_are_short_and_differ():
    long = [f"days_from_notice_to_registration_{kind}" for kind in ("median", "mean")]
    found = stata_names([*long, "law.registration.members", "2nd", "ok"])
    assert len(set(found.values())) == 5
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,31}", name) for name in found.values())
    assert found["law.registration.members"] == "law_registration_members"
    assert found["ok"] == "ok"


def test_latex_is_for_short_tables(tmp_path, monkeypatch):
    results = run(SCENARIOS, 2, workers=1, into=tmp_path / "s", simulate=simulate, progress=False)
    export(results, "decisions", tmp_path / "x.tex")
    text = (tmp_path / "x.tex").read_text()
    assert text.count("\\\\") >= 6
    assert "members; names" in text
    assert r"\begin{longtable}" in text
    monkeypatch.setattr("sim.analysis.export.MOST_IN_LATEX", 5)
    (tmp_path / "kept.tex").write_text("mine")
    with pytest.raises(InputError, match="6 rows are no table in a text"):
        export(results, "decisions", tmp_path / "kept.tex")
    assert (tmp_path / "kept.tex").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_many_scenarios_are_written_by_what_tells_them_apart(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.batch.store._IN_FULL", 2)
    results = run(SCENARIOS, 2, workers=1, into=tmp_path / "s", simulate=simulate, progress=False)
    text = (tmp_path / "s" / "resolved.json").read_text()
    assert text.count('"settings"') == 1
    assert text.count('"as_first_but"') == 2
    assert [p["settings"]["shift"] for p in results.planned] == [0.5, 0.0, -0.5]
    assert [p["settings"]["population"] for p in results.planned] == [{"voters": 100}] * 3
    again = run(SCENARIOS, 3, workers=1, into=tmp_path / "s", simulate=simulate, progress=False)
    assert len(again.to_frame()) == 9
    with pytest.raises(InputError, match=r"shift was -0\.5, is 7\.0"):
        run([Tiny(name="a", level="high", shift=7.0)], 2, workers=1, into=tmp_path / "s", simulate=simulate)


def test_counts_of_runs_come_without_looking_at_each(results):
    counts = {place: (c.done, c.failed) for place, c in results.counts().items()}
    assert counts == dict.fromkeys([("b", "low"), ("a", "low"), ("a", "high")], (6, 2))
    assert Path(results.folder).name == "s"
