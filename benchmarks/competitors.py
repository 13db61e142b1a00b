"""Who competes, and how each is started: a process of its own, in an environment of its own where it is a peer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import machine

HERE = Path(__file__).parent
PEERS = HERE.parent / ".tools" / "peers"
# some machines set these for old builds of OpenBLAS; a current NumPy is slower with them
NOT_FOR_WORKERS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@dataclass(frozen=True)
class Entry:
    """One competitor. ``voters`` and ``quick`` say how many it is timed with."""

    key: str
    label: str
    module: str
    voters: int = 100_000
    quick: int = 50_000
    threads: int = 1
    peer: str = ""  # the environment under .tools/peers
    neighbours: bool = True  # whether it is given the table of ties
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        """The interpreter to start."""
        return PEERS / self.peer / "bin" / "python" if self.peer else Path(sys.executable)

    def missing(self) -> str:
        """Why it cannot be started, or nothing."""
        if self.peer and not self.python.exists():
            return f"{self.peer} is not installed: make bench-peers"
        if self.module == "c_reference":
            import c_reference

            try:
                c_reference.library()
            except c_reference.NotThere as reason:
                return str(reason)
        return ""

    def environment(self) -> dict[str, str]:
        """The environment of its process: threads as stated, and nothing that slows down its libraries."""
        threads = {
            name: str(self.threads)
            for name in ("MAJILIS_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
        }
        quiet = {
            "STARSIM_INSTALL_FONTS": "0",
            "OMP_WAIT_POLICY": "passive",
            "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(HERE))),
        }
        kept = {name: value for name, value in os.environ.items() if name not in NOT_FOR_WORKERS}
        return {**kept, **threads, **quiet, **self.settings}


ALL = machine.processors()
SLOW = {"voters": 10_000, "quick": 2_000}
FAST_MATH = {"C_FLAGS": "-ffast-math"}


def on(threads: int) -> str:
    """Threads in words."""
    return "1 thread" if threads == 1 else f"{threads} threads"


ENTRIES = (
    Entry("ours_all", f"ours, {on(ALL)}", "ours", threads=ALL, neighbours=False),
    *((Entry("ours_1", "ours, 1 thread", "ours", neighbours=False),) if ALL > 1 else ()),
    Entry("c_fast_all", f"C -ffast-math, {on(ALL)}", "c_reference", threads=ALL, neighbours=False, settings=FAST_MATH),
    Entry("c_fast_1", "C -ffast-math, 1 thread", "c_reference", neighbours=False, settings=FAST_MATH),
    Entry("c_all", f"plain C, {on(ALL)}", "c_reference", threads=ALL, neighbours=False),
    Entry("c_1", "plain C, 1 thread", "c_reference", neighbours=False),
    Entry("numpy", "NumPy and SciPy CSR", "numpy_csr"),
    Entry("starsim", "starsim", "peers.with_starsim", peer="starsim", threads=ALL),
    Entry("ambr", "ambr (Polars, NumPy)", "peers.with_ambr", peer="ambr", threads=ALL),
    Entry("mesa_frames", "mesa-frames (Polars)", "peers.with_mesa_frames", peer="mesa-frames", threads=ALL),
    Entry("mesa_arrays", "Mesa, get/set, NumPy", "mesa_agentset", **SLOW),
    Entry("agentpy", "agentpy, objects", "peers.with_agentpy", peer="agentpy", **SLOW),
    Entry("mesa_objects", "one-object Mesa", "mesa_objects", **SLOW),
)


class Failed(Exception):
    """A competitor's process ended or said something else than was asked."""


class Worker:
    """A competitor's process, waiting for repetitions to run."""

    def __init__(self, entry: Entry, inputs: Path) -> None:
        self.entry = entry
        command = [str(entry.python), str(HERE / "worker.py"), entry.module, str(inputs)]
        if entry.neighbours:
            command.append("--neighbours")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=entry.environment(),
        )
        self.told = self._answer()

    def ask(self, *words: object) -> dict[str, Any]:
        """Ask for a repetition; what it tells."""
        stdin: IO[str] = self.process.stdin  # type: ignore[assignment]
        print(*words, file=stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        stdout: IO[str] = self.process.stdout  # type: ignore[assignment]
        for line in stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        error = (self.process.communicate()[1] or "").strip().splitlines()
        raise Failed(error[-1] if error else f"ended with {self.process.returncode}")

    def close(self) -> None:
        """End the process."""
        if self.process.poll() is None:
            try:
                self.process.communicate("quit\n", timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()


def interleaved(workers: list[Worker], repeats: int, budget: float) -> dict[str, list[dict[str, Any]]]:
    """Repetitions of all competitors in turn, after one each that does not count (it compiles, and fills caches).

    One that has used up its budget of seconds is asked no more, but for at least two repetitions.
    """
    told: dict[str, list[dict[str, Any]]] = {worker.entry.key: [] for worker in workers}
    spent = dict.fromkeys(told, 0.0)
    for repeat in range(repeats + 1):
        for worker in workers:
            key = worker.entry.key
            if repeat > 2 and spent[key] > budget:
                continue
            begin = time.perf_counter()
            one = worker.ask("run", 100 + repeat)
            spent[key] += time.perf_counter() - begin
            if repeat:
                told[key].append(one)
    return told
