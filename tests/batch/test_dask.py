"""A dask cluster of several worker processes, one of which is cut off: the same bytes as processes of our own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tiny_model import Tiny, hanging, hashes, simulate, slow

from sim.batch import cluster
from sim.batch.execute import run_all
from sim.batch.plan import plan
from sim.batch.store import Results
from sim.strict import InputError

pytest.importorskip("distributed", reason="dask and distributed are not installed (the extra cluster)")

SCENARIOS = [Tiny(name="a"), Tiny(name="b", shift=1.0)]
HERE = Path(__file__).parent


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.env = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
        self.env |= {"DASK_TEMPORARY_DIRECTORY": str(folder)}
        self.folder = folder
        self.processes = [self.started("scheduler", "--port", "0", "--host", "127.0.0.1")]
        deadline = time.monotonic() + 60
        while not self.file.exists():
            assert time.monotonic() < deadline, (folder / "cluster.log").read_text()
            time.sleep(0.05)
        self.workers = [self.worker(), self.worker()]

    def started(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(self.file), "--no-dashboard"]
        with (self.folder / "cluster.log").open("ab") as log:
            return subprocess.Popen(command, env=self.env, stdout=log, stderr=log, cwd=self.folder)

    def worker(self, *more: str) -> subprocess.Popen[bytes]:
        """A worker; without its nurse, who would start it again."""
        made = self.started("worker", "--nthreads", "1", *(more or ("--no-nanny",)))
        self.processes.append(made)
        return made

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("dask"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "s"
    run_all(plan(SCENARIOS, 60), folder, workers=1, simulate=simulate, progress=False)
    return hashes(folder)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_worker_cut_off_in_the_middle(dask, tmp_path, whole):
    folder = tmp_path / "s"
    with cluster.dask(str(dask.file)) as executor:
        client = executor._client
        client.wait_for_workers(2, timeout=30)

        def cut_off() -> None:
            while len(list(folder.glob("runs/*.parquet"))) < 3:
                time.sleep(0.02)
            dask.workers[0].kill()

        threading.Thread(target=cut_off, daemon=True).start()
        tally = run_all(plan(SCENARIOS, 60), folder, chunk=4, simulate=slow, progress=False, executor=executor)
        assert len(client.nthreads()) == 1
    assert (tally.done, tally.failed) == (120, 0)
    assert hashes(folder) == whole


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_that_hangs_on_a_cluster_is_ended_and_the_others_are_done(dask, tmp_path):
    dask.worker("--nanny")
    with cluster.dask(str(dask.file), timeout=1.0) as executor:
        executor._client.wait_for_workers(2, timeout=30)
        dask.workers[1].kill()  # only the one with a nurse is left, who starts it again
        tally = run_all(
            plan(SCENARIOS, 4), tmp_path / "s", simulate=hanging, progress=False, executor=executor, timeout=1.0,
            retries=0,
        )  # fmt: skip
    assert (tally.done, tally.failed) == (7, 1)
    assert next(iter(Results.open(tmp_path / "s").failed.values())).startswith("KilledWorker: ")


def test_nobody_at_the_address_is_told(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(InputError, match="no scheduler answers there"), cluster.dask("tcp://127.0.0.1:9"):
        pass


def test_a_scheduler_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="there is no such file"), cluster.dask(str(tmp_path / "s.json")):
        pass


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r'pip install "majilis\[cluster\]"'), cluster.dask("tcp://127.0.0.1:9"):
        pass
