"""Processes: killed, interrupted, dying; and what is said then."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_model import Tiny, dying, hashes, simulate, threads

from sim.batch.execute import run, run_all
from sim.batch.plan import plan
from sim.batch.store import Results, Store
from sim.strict import InputError

SCRIPT = """
import sys
sys.path.insert(0, {here!r})
from tiny_model import Tiny, slow
import sim.batch.execute as e
e.run([Tiny(name="a"), Tiny(name="b", shift=1.0)], 40, workers={workers}, into={folder!r}, simulate=slow)
"""  # no "if __name__ ..." on purpose: a user's script must not start itself again in every worker


def started(folder: Path, workers: int) -> subprocess.Popen[str]:
    script = folder.with_suffix(".py")
    script.write_text(SCRIPT.format(here=str(Path(__file__).parent), folder=str(folder), workers=workers))
    root = str(Path(__file__).parents[2])

    def hearing() -> None:  # a shell's background jobs ignore Ctrl-C, and what they start does
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        [sys.executable, str(script)],
        preexec_fn=hearing,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": root},
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while len(list(folder.glob("runs/*.parquet"))) < 2:
        assert time.monotonic() < deadline, "nothing was written in 30 s"
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.02)
    return process


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(("workers", "how"), [(2, signal.SIGKILL), (2, signal.SIGINT)])
def test_stopped_at_any_moment_a_batch_goes_on_where_it_was(tmp_path, workers, how):
    folder, whole = tmp_path / "stopped", tmp_path / "whole"
    process = started(folder, workers)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # Ctrl-C reaches the workers too
    else:
        process.send_signal(how)
    said = process.communicate(timeout=10)[1]
    assert process.returncode != 0
    if how == signal.SIGINT:
        assert "of 80 runs. What is finished is kept in" in said
    deadline = time.monotonic() + 5
    while alive(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(process.pid), "workers outlived their parent"

    scenarios = [Tiny(name="a"), Tiny(name="b", shift=1.0)]
    before = len(Results.open(folder).to_frame())
    assert 0 < before < 80
    tally = run_all(plan(scenarios, 40), folder, workers=1, simulate=simulate, progress=False)
    assert (tally.found, tally.done) == (before, 80 - before)
    run_all(plan(scenarios, 40), whole, workers=1, simulate=simulate, progress=False)
    assert hashes(folder) == hashes(whole)


def test_a_run_whose_worker_dies_every_time_is_a_failed_run_and_the_others_are_done(tmp_path):
    runs = plan([Tiny(name="a")], 20)
    tally = run_all(runs, tmp_path / "s", workers=2, simulate=dying, progress=False, retries=1)
    assert (tally.done, tally.failed) == (19, 1)
    results = Results.open(tmp_path / "s")
    assert results.failed["a", "low", 7].startswith("WorkerDied: the worker process ended (exit code 1)")
    assert results.failed["a", "low", 7].endswith("(2 tries)")
    log = (tmp_path / "s" / "batch.log").read_text()
    assert "begun again, 1 of 1: a low 7 (key " in log
    assert "failed: a low 7 (key " in log
    run_all(runs, tmp_path / "s", workers=1, chunk=2, simulate=simulate, progress=False)
    assert not Results.open(tmp_path / "s").missing


def test_one_worker_stays_in_the_process_and_several_have_one_thread_each(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "9")
    alone = run(Tiny(name="a"), 3, workers=1, simulate=threads, progress=False).to_frame()
    assert set(alone["pid"]) == {os.getpid()}
    pair = run(Tiny(name="a"), 8, workers=2, simulate=threads, progress=False).to_frame()
    assert os.getpid() not in set(pair["pid"])
    assert set(pair["threads"]) == {1}
    assert os.environ["OMP_NUM_THREADS"] == "9"


def test_two_batches_do_not_fill_one_folder(tmp_path):
    pytest.importorskip("fcntl")
    store = Store(tmp_path / "s")
    with store.locked(), pytest.raises(InputError, match="being filled by another process"):
        run(Tiny(name="a"), 2, workers=1, into=tmp_path / "s", simulate=simulate)
    assert not run(Tiny(name="a"), 2, workers=1, into=tmp_path / "s", simulate=simulate).missing


def test_one_closing_line_where_nobody_watches_a_bar(tmp_path, capsys):
    for _ in range(2):
        run(Tiny(name="a"), 3, workers=1, into=tmp_path / "s", simulate=simulate)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("3 runs done and 0 failed in ")
    assert second == "All 3 runs were in the store already."
    run(Tiny(name="a"), 4, workers=1, into=tmp_path / "s", simulate=simulate, progress=True)
    assert "4 runs" not in (bar := capsys.readouterr().err)
    assert "run/s" in bar or "s/run" in bar
    assert "failed=0" in bar


def test_no_workers_is_refused(tmp_path):
    with pytest.raises(InputError, match="workers = 0"):
        run(Tiny(name="a"), 2, workers=0, into=tmp_path / "s", simulate=simulate)
