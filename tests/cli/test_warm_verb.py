"""``majilis warm``: what it compiles is all that runs need, and it is said once, on stderr, before anybody waits."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sim.batch.processes import Processes
from sim.kernels import cache, threads
from sim.strict import InputError

COLD = """
import sys
from sim.cli import main
code = main(["warm"])
assert code == 0
from sim.kernels import cache
before = cache.tally().compiled
assert before >= 15, before
never = {kernel.py_func.__name__ for kernel in cache.kernels() if not kernel.signatures}
assert never <= {"words"}, f"warm does not call {never}"  # words is a reference that only tests call
assert main(["run", "kz-1999", "--voters", "900", "--format", "json"]) == 0
assert main(["run", "textbook-managed", "--voters", "900", "--format", "csv"]) == 0
assert cache.tally().compiled == before, "a run compiled what warm had not"
"""


def call(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_after_warm_no_run_compiles_anything_and_it_was_said_once(tmp_path):
    cold = call(COLD, NUMBA_CACHE_DIR=str(tmp_path))
    assert cold.returncode == 0, cold.stderr
    assert cold.stderr.count("compiling the voter kernels once") == 1
    assert str(tmp_path) in cold.stderr
    assert "compiling" not in cold.stdout
    assert "kernels compiled in" in cold.stdout
    again = call("from sim.cli import main; main(['warm'])", NUMBA_CACHE_DIR=str(tmp_path))
    assert "were compiled already" in again.stdout
    assert again.stderr == ""


def test_where_the_users_folder_cannot_be_written_another_is_used(tmp_path, monkeypatch):
    blocked = tmp_path / "a file, no folder"
    blocked.write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked / "cache"))
    monkeypatch.setattr(cache.tempfile, "tempdir", str(tmp_path))
    cache.place.cache_clear()
    try:
        found = cache.place()
        assert found.refused == (blocked / "cache",)
        assert found.folder.is_relative_to(tmp_path)
        monkeypatch.setattr(cache, "_roots", lambda: iter([blocked / "cache"]))
        cache.place.cache_clear()
        with pytest.raises(InputError, match="no folder can be written to keep compiled kernels in"):
            cache.place()
    finally:
        cache.place.cache_clear()


def test_the_folder_is_named_after_the_sources_so_that_nothing_stale_is_run(monkeypatch):
    cache.place.cache_clear()
    now = cache.place().folder
    monkeypatch.setattr(cache, "_sources", lambda _: [b"other sources"])
    cache.place.cache_clear()
    other = cache.place().folder
    cache.place.cache_clear()
    assert other.parent == now.parent
    assert other != now
    other.rmdir()


@pytest.mark.parametrize("given", ["two", "0", "-1", "1.5"])
def test_threads_that_are_no_number_are_told(given):
    told = call(
        "import sys; from sim.cli import main; sys.exit(main(['run', 'kz-2023', '--voters', '50000']))",
        MAJILIS_THREADS=given,
    )
    assert told.returncode == 2
    assert (
        told.stderr.strip()
        == f"MAJILIS_THREADS = {given}: write a whole number of threads, 1 or more, or leave it out."
    )


def test_a_batch_with_such_a_variable_is_refused_at_once_and_not_run_by_run(majilis, monkeypatch, tmp_path):
    monkeypatch.setenv("MAJILIS_THREADS", "two")
    told = majilis("batch", "demo", "--replications", "1", "--workers", "1", "--into", str(tmp_path / "r"))
    assert told.code == 2
    assert told.err.count("MAJILIS_THREADS = two: write a whole number") == 1
    assert "Traceback" not in told.err


def threads_there(clock):
    return threads.number()


def test_a_worker_of_a_batch_has_one_thread(monkeypatch):
    monkeypatch.setenv(threads.VARIABLE, "7")
    with Processes(1) as workers:
        assert workers.submit(threads_there).result() == 1
    assert threads.number() == 7


@pytest.mark.parametrize(
    ("offered", "counted"),
    [
        ({"process_cpu_count": lambda: 3}, 3),
        ({"process_cpu_count": lambda: None}, 1),
        ({"sched_getaffinity": lambda _: {0, 4}}, 2),
        ({"cpu_count": lambda: 5}, 5),  # macOS and Windows before Python 3.13
        ({"cpu_count": lambda: None}, 1),
    ],
)
def test_processors_are_counted_with_what_the_system_offers(offered, counted, monkeypatch):
    monkeypatch.delenv("MAJILIS_THREADS", raising=False)
    for name in ("process_cpu_count", "sched_getaffinity", "cpu_count"):
        monkeypatch.delattr(os, name, raising=False)
    for name, function in offered.items():
        monkeypatch.setattr(os, name, function, raising=False)
    assert threads.number() == counted
