"""Same seeds, same bytes: in one process, in another, with other threads and another order of hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from small_runs import fingerprint, fresh, ran, scenario

HERE = Path(__file__).parent
SPEC = scenario(voters=700, mechanism={"observers": {"share": 0.3}})
CHILD = """
from small_runs import fingerprint, fresh
from test_same_bytes import SPEC
from sim.kernels import threads
threads.WORTH_IT = 0  # also for few voters
print(fingerprint(fresh(SPEC, society=3, history=4).run()))
"""


def elsewhere(threads: int, hashes: int) -> subprocess.Popen[str]:
    """The same run in a process of its own, which prints its fingerprint."""
    libraries = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    limits = dict.fromkeys(("MAJILIS_THREADS", *libraries), str(threads))
    path = os.pathsep.join([str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CHILD],
        env={**os.environ, **limits, "PYTHONHASHSEED": str(hashes), "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_twice_in_one_process():
    first, again = (fingerprint(fresh(SPEC, society=3, history=4).run()) for _ in range(2))
    assert first == again


def test_in_other_processes_with_other_threads_and_hashes():
    here = fingerprint(ran(SPEC, society=3, history=4))
    for process in [elsewhere(threads=1, hashes=1), elsewhere(threads=2, hashes=77)]:
        printed, complaints = process.communicate()
        assert process.returncode == 0, complaints
        assert printed.strip() == here


def test_the_two_seeds_do_different_work():
    base = ran(SPEC, society=3, history=4)
    assert fingerprint(base) != fingerprint(ran(SPEC, society=3, history=5))
    assert fingerprint(base) != fingerprint(ran(SPEC, society=5, history=4))
    assert (base.stations.voters == ran(SPEC, society=3, history=5).stations.voters).all()


def test_other_models_in_the_same_process_do_not_matter():
    model = fresh(SPEC, society=3, history=4)
    fresh(scenario(), history=9).run()
    assert fingerprint(model.run()) == fingerprint(ran(SPEC, society=3, history=4))


def test_reading_the_outcome_changes_nothing():
    model = fresh(SPEC, society=3, history=4).run()
    before = fingerprint(model)
    first, again = model.outcome.tables(stations=True), model.outcome.tables(stations=True)
    assert first == again
    assert fingerprint(model) == before


def test_running_twice_is_running_once():
    model = fresh(SPEC, society=3, history=4).run()
    before = fingerprint(model)
    assert fingerprint(model.run()) == before
