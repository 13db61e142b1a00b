"""The store: the same bytes whatever happened on the way, nothing mixed, nothing silently lost."""

import json
import random

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tiny_model import Population, Tiny, failing, hashes, simulate

from sim.batch import parts, places
from sim.batch.execute import run, run_all
from sim.batch.plan import RESULTS_VERSION, Run, plan
from sim.batch.store import Results, Store
from sim.strict import InputError

SCENARIOS = [Tiny(name="b", shift=0.5), Tiny(name="a"), Tiny(name="a", level="high", shift=-0.5)]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference") / "r"
    run_all(plan(SCENARIOS, 8), folder, workers=1, chunk=3, simulate=simulate, progress=False)
    return folder


def test_a_finished_store_has_one_file_a_table(reference):
    assert sorted(name.partition("-")[0] for name in hashes(reference)) == sorted(
        f"{table}/{parts.MERGED}" for table in ("runs", "parties", "decisions", "stations", "extra")
    )
    assert not [p for p in reference.rglob(".*") if p.name != ".lock"]
    assert not [p for p in reference.rglob("*") if p.suffix in (".pkl", ".pickle", ".npy")]


@pytest.mark.parametrize("chunk", [1, 3, 20])
def test_same_bytes_for_any_chunks_and_order(reference, tmp_path, chunk):
    runs = list(plan(SCENARIOS, 8))
    random.Random(chunk).shuffle(runs)
    run_all(runs, tmp_path / "s", workers=1, chunk=chunk, simulate=simulate, progress=False)
    assert hashes(tmp_path / "s") == hashes(reference)


def test_same_bytes_for_any_workers_failures_included(tmp_path):
    runs = list(plan(SCENARIOS, 8))
    run_all(runs, tmp_path / "1", workers=1, chunk=20, simulate=failing, progress=False)
    random.Random(2).shuffle(runs)
    tally = run_all(runs, tmp_path / "2", workers=2, chunk=3, simulate=failing, progress=False)
    assert (tally.done, tally.failed) == (18, 6)
    assert hashes(tmp_path / "1") == hashes(tmp_path / "2")


def test_same_bytes_when_extended_and_interrupted(reference, tmp_path, monkeypatch):
    runs = plan(SCENARIOS, 8)
    run_all(runs[:5], tmp_path / "s", workers=1, chunk=2, simulate=simulate, progress=False)

    def impatient(scenario, replication, keep):
        if replication == 6:
            raise KeyboardInterrupt
        return simulate(scenario, replication, keep)

    with pytest.raises(KeyboardInterrupt):
        run_all(runs, tmp_path / "s", workers=1, chunk=4, simulate=impatient, progress=False)
    assert len(hashes(tmp_path / "s")) > 5  # loose parts beside merged ones
    assert len(Results.open(tmp_path / "s").to_frame()) == 13
    run_all(runs, tmp_path / "s", workers=1, chunk=7, simulate=simulate, progress=False)
    assert hashes(tmp_path / "s") == hashes(reference)


@pytest.mark.parametrize("step", range(14))
def test_an_interrupt_at_any_file_of_the_merge_loses_and_doubles_nothing(reference, tmp_path, monkeypatch, step):
    folder, runs, count = tmp_path / "s", plan(SCENARIOS, 8), 0
    whole = Results.open(reference)
    run_all(runs[:9], folder, workers=1, chunk=20, simulate=simulate, progress=False)
    replace, unlink = places.os.replace, places.Folder.remove

    def counted(call):
        def do(*args, **options):
            nonlocal count
            count += 1
            if count == step + 7:  # after the plan and the five files of the second part
                raise KeyboardInterrupt
            return call(*args, **options)

        return do

    with monkeypatch.context() as patch:
        patch.setattr(places.os, "replace", counted(replace))
        patch.setattr(places.Folder, "remove", counted(unlink))
        try:
            run_all(runs, folder, workers=1, chunk=20, simulate=simulate, progress=False)
        except KeyboardInterrupt:
            interrupted = True
        else:
            interrupted = False
    assert interrupted == (step < 13)
    for table in whole.tables:
        pd.testing.assert_frame_equal(Results.open(folder).to_frame(table), whole.to_frame(table))
    run_all(runs, folder, workers=1, chunk=20, simulate=simulate, progress=False)
    assert hashes(folder) == hashes(reference)


def test_rows_of_a_chunk_that_was_not_finished_are_ignored(reference, tmp_path, monkeypatch):
    folder, runs = tmp_path / "s", plan(SCENARIOS, 8)
    write = places.Folder.write

    def killed(place, name, content):
        if name.startswith("runs/"):
            raise KeyboardInterrupt
        write(place, name, content)

    with monkeypatch.context() as patch:
        patch.setattr(places.Folder, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            run_all(runs, folder, workers=1, chunk=4, simulate=simulate, progress=False)
    assert "parties" in Results.open(folder).tables
    assert Results.open(folder).to_frame("parties").empty
    run_all(runs, folder, workers=1, chunk=3, simulate=simulate, progress=False)
    assert hashes(folder) == hashes(reference)


def test_columns_have_their_types_even_when_all_values_are_null(tmp_path):
    results = run([Tiny(name="a", shift=1.0)], 3, workers=1, simulate=simulate, progress=False)
    schemas = {p.parent.name: pq.read_schema(p) for p in results.folder.glob("*/all-*.parquet")}
    assert str(schemas["parties"].field("official_votes").type) == "int64"
    assert str(schemas["runs"].field("never").type) == "double"
    assert str(schemas["extra"].field("thing").type) == "double"
    assert results.to_frame("decisions")["grounds"][0].tolist() == ["members", "names"]
    assert results.to_frame("funnel").columns.tolist()[:4] == ["key", "scenario", "level", "replication"]


def test_whose_stations_are_kept(tmp_path):
    kept = run(SCENARIOS, 3, workers=1, into=tmp_path / "s", simulate=simulate, progress=False).to_frame("stations")
    assert kept["replication"].unique().tolist() == [1]
    kept = run(SCENARIOS, 3, workers=1, into=tmp_path / "s", stations="all", simulate=simulate, progress=False)
    assert len(kept.to_frame("stations")) == 3 * 3 * 5  # asked for later: those runs are repeated
    assert len(kept.to_frame()) == 9
    again = run(SCENARIOS, 3, workers=1, into=tmp_path / "s", stations="none", simulate=simulate, progress=False)
    assert len(again.to_frame("stations")) == 3 * 3 * 5


def test_a_failed_run_is_a_row_with_its_traceback_and_is_tried_again(tmp_path):
    folder, runs = tmp_path / "s", plan(SCENARIOS[:2], 4)
    tally = run_all(runs, folder, workers=1, simulate=failing, progress=False)
    assert (tally.done, tally.failed) == (4, 4)
    results = Results.open(folder)
    assert results.missing == [(n, "low", r) for n in ("b", "a") for r in (2, 3)]
    assert "ZeroDivisionError: no party passed in a" in results.failed["a", "low", 2]
    assert "tiny_model.py" in results.failed["a", "low", 2]
    assert "many" in results.failed["a", "low", 3]
    assert sorted(results.to_frame()["replication"].unique()) == [1, 4]
    assert sorted(results.to_frame("parties")["replication"].unique()) == [1, 4]
    tally = run_all(runs, folder, workers=1, simulate=simulate, progress=False)
    assert (tally.found, tally.done, tally.failed) == (4, 4, 0)
    assert not Results.open(folder).missing
    assert not Results.open(folder).failed


def test_results_of_another_version_are_refused(tmp_path):
    folder = tmp_path / "s"
    run(SCENARIOS, 2, workers=1, into=folder, simulate=simulate, progress=False)
    stamp = folder / "provenance.json"
    stamp.write_text(stamp.read_text().replace(f'"results_version": {RESULTS_VERSION}', '"results_version": 99'))
    said = f"was made by results version 99, this is {RESULTS_VERSION}. Use a new folder."
    for use in (lambda: Results.open(folder), lambda: run(SCENARIOS, 2, into=folder, simulate=simulate)):
        with pytest.raises(InputError, match=said):
            use()


def test_other_settings_under_the_same_name_are_refused(tmp_path):
    run([Tiny(name="a")], 2, workers=1, into=tmp_path / "s", simulate=simulate, progress=False)
    changed = Tiny(name="a", population=Population(voters=5000))
    with pytest.raises(InputError, match=r"population\.voters was 100, is 5000\. Use a new folder\."):
        run([changed], 2, workers=1, into=tmp_path / "s", simulate=simulate, progress=False)


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        run([Tiny(name="a")], 2, into=tmp_path, simulate=simulate)
    with pytest.raises(InputError, match="holds no results"):
        Results.open(tmp_path)


def merged(folder, table):
    return next(folder.glob(f"{table}/all-*.parquet"))


@pytest.mark.parametrize("table", ["runs", "parties"])
def test_a_part_cut_short_is_reported_and_done_again(reference, tmp_path, table, capsys):
    folder = tmp_path / "s"
    run(SCENARIOS, 8, workers=1, into=folder, simulate=simulate, progress=False)
    part = merged(folder, table)
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"all-.*\.parquet is damaged .*Start the same batch again"):
        Results.open(folder).to_frame(table)
    run(SCENARIOS, 8, workers=1, into=folder, simulate=simulate, progress=False)
    assert "was damaged and is removed" in capsys.readouterr().err
    assert hashes(folder) == hashes(reference)


@pytest.mark.parametrize("table", ["runs", "parties"])
@pytest.mark.parametrize("where", [6, 0.1, 0.5, 0.9, -6])
def test_any_changed_byte_is_found_and_its_runs_are_done_again(reference, tmp_path, table, where, capsys):
    folder = tmp_path / "s"
    run(SCENARIOS, 8, workers=1, into=folder, simulate=simulate, progress=False)
    part = merged(folder, table)
    whole = bytearray(part.read_bytes())
    whole[int(where * len(whole)) if isinstance(where, float) else where] ^= 0x10
    part.write_bytes(whole)
    assert parts.damaged(places.Folder(folder))
    run(SCENARIOS, 8, workers=1, into=folder, simulate=simulate, progress=False)
    assert "was damaged and is removed" in capsys.readouterr().err
    assert hashes(folder) == hashes(reference)


def test_a_part_that_is_gone_or_that_nobody_wrote_is_found_too(reference, tmp_path, capsys):
    folder = tmp_path / "s"
    run(SCENARIOS, 8, workers=1, into=folder, simulate=simulate, progress=False)
    merged(folder, "parties").unlink()
    (folder / "runs" / "mine.parquet").write_bytes(b"PAR1")
    run(SCENARIOS, 8, workers=1, into=folder, simulate=simulate, progress=False)
    assert capsys.readouterr().err.count("was damaged and is removed") == 2
    assert hashes(folder) == hashes(reference)


def test_a_list_of_files_that_leads_out_of_the_store_is_refused(tmp_path):
    folder = tmp_path / "s"
    run(SCENARIOS[:1], 2, workers=1, into=folder, simulate=simulate, progress=False)
    part = merged(folder, "runs")
    rows = pq.read_table(part)
    for files in ({"parties": "../../etc/passwd"}, {"../x": part.name}, ["parties"], {"parties": 3}):
        pq.write_table(rows.replace_schema_metadata({parts.FILES: json.dumps(files)}), part)
        with pytest.raises(InputError, match="no list of its files"):
            Results.open(folder)


@pytest.mark.parametrize("name", ["../outside", "a/b", ".hidden", "A", "", "x" * 50])
def test_a_table_whose_name_is_no_name_fails_the_run_and_writes_nothing(tmp_path, name):
    def odd(scenario, replication, keep):
        return simulate(scenario, replication, keep) | {name: [{"a": 1}]}

    results = run(SCENARIOS[:1], 1, workers=1, into=tmp_path / "in" / "s", simulate=odd, progress=False)
    assert "is no name of a table" in next(iter(results.failed.values()))
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_the_folder_tells_what_was_asked_and_by_what(tmp_path):
    class Asked:
        name, question, estimand, primary, against = "e", "Why?", "difference", "enp_seats", "a"
        text = 'question = "Why?"\n'

    class Changed(Asked):
        text = 'question = "Why not?"\n'

    folder = tmp_path / "s"
    for asked in (Asked(), Asked(), Changed()):
        run(SCENARIOS, 2, 1, folder, asked, simulate=simulate, progress=False)
    assert (folder / "experiment.toml").read_text() == Asked.text
    assert (folder / "experiment-2.toml").read_text() == Changed.text
    assert not (folder / "experiment-3.toml").exists()
    told = json.loads((folder / "provenance.json").read_text())
    assert {"majilis", "results_version", "python", "mesa", "numpy", "platform", "started"} <= told.keys()
    assert told["continued"] == []
    results = Results.open(folder)
    assert results.experiment["primary"] == "enp_seats"
    assert results.scenarios == ["b", "a"]
    assert results.levels == ["low", "high"]
    assert not results.missing


def test_an_unknown_table_is_told_with_the_nearest(reference):
    with pytest.raises(InputError, match="Did you mean 'parties'"):
        Results.open(reference).to_frame("partys")


def test_results_without_a_folder_live_as_long_as_the_object(tmp_path):
    results = run(Tiny(name="a"), 2, workers=1, simulate=simulate, progress=False)
    folder = results.folder
    assert len(results.to_frame()) == 2
    del results
    assert not folder.exists()


def test_the_plan_of_a_folder_grows_by_what_is_asked(tmp_path):
    for numbers in (2, [1_000_001], [3, 4]):
        results = run(Tiny(name="a"), numbers, 1, tmp_path / "s", simulate=failing, progress=False)
    assert results.planned[0]["replications"] == [[1, 4], [1_000_001, 1_000_001]]
    assert results.missing == [("a", "low", 2), ("a", "low", 3)]
    assert len(results.asked) == 5


def test_runs_made_from_other_facts_of_the_case_are_not_mixed(tmp_path, monkeypatch):
    from sim.scenario.load import load

    one = [Run(load("kz-2023"), 1)]
    Store(tmp_path / "s").record(one)
    monkeypatch.setattr("sim.cases.digest", lambda case: "other")
    with pytest.raises(InputError, match="made from other facts of its case"):
        Store(tmp_path / "s").record(one)
