"""A batch that is killed again and again at random moments, drivers and workers by turns, and what is left of it.

    python tests/batch/kills.py --kills 200            # some minutes
    python tests/batch/kills.py --kills 200 --real     # with the election model instead of arithmetic

Exits with 1 where a run was lost, came twice, or the tables are not byte for byte those of a batch left alone.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from tiny_model import Tiny, hashes, simulate  # noqa: E402

DRIVER = """
import faulthandler, signal, sys
faulthandler.register(signal.SIGUSR1)
sys.path[:0] = {paths!r}
import kills
kills.drive({folder!r}, {runs}, real={real})
"""


def asked(runs: int, *, real: bool):
    """The plan: two scenarios, so many runs in all."""
    from sim.batch.plan import plan

    if not real:
        return plan([Tiny(name="a"), Tiny(name="b", shift=1.0)], runs // 2)
    import sim

    base = sim.load("kz-2023").vary("population.voters", 2_000, name="a")
    return plan([base, base.vary("practice.discretion", 0, name="b")], runs // 2)


def drive(folder: str, runs: int, *, real: bool, workers: int = 2) -> None:
    """Fill the folder."""
    from tiny_model import slow

    from sim.batch.execute import run_all

    model = None if real else slow
    run_all(asked(runs, real=real), folder, workers=workers, chunk=3, simulate=model, progress=False, retries=20)


def children(pid: int) -> list[int]:
    """Processes that a process has started."""
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
            int(n)
            for task in Path(f"/proc/{pid}/task").iterdir()
            if task.name != str(pid)
            for n in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def start(folder: Path, runs: int, *, real: bool) -> subprocess.Popen[bytes]:
    """A driver in a process group of its own."""
    paths = [str(HERE), str(HERE.parents[1])]
    script = DRIVER.format(paths=paths, folder=str(folder), runs=runs, real=real)

    def hearing() -> None:  # a shell's background jobs ignore Ctrl-C, and what they start does
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    log = (folder.parent / f"{folder.name}-stderr.txt").open("ab")
    with log:
        command = [sys.executable, "-c", script]
        return subprocess.Popen(command, start_new_session=True, stderr=log, preexec_fn=hearing)


def torment(folder: Path, runs: int, kills: int, seed: int, *, real: bool = False) -> dict[str, int]:
    """Kill so many times: the driver, a worker, or Ctrl-C to all; start again what ended. Returns how often which."""
    draw, done = random.Random(seed), {"driver": 0, "worker": 0, "Ctrl-C": 0}
    driver = start(folder, runs, real=real)
    while sum(done.values()) < kills:
        time.sleep(draw.choice([0.1, 1.0, 3.0]) * draw.random())
        if driver.poll() is not None:
            if driver.returncode == 0:
                break  # all is done: what is left of the kills would hit nothing
            driver = start(folder, runs, real=real)
            continue
        what = draw.choice(list(done))
        workers = children(driver.pid)
        if what == "worker" and not workers:
            continue
        try:
            if what == "driver":
                driver.kill()
            elif what == "worker":
                os.kill(draw.choice(workers), signal.SIGKILL)
            else:
                os.killpg(driver.pid, signal.SIGINT)
        except ProcessLookupError:
            continue
        done[what] += 1
        if what != "worker":
            ended(driver)
    if driver.poll() is None:
        driver.wait(600)
    return done


def ended(driver: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a driver that was told to end; one that does not says where it is."""
    try:
        driver.wait(60)
    except subprocess.TimeoutExpired:
        driver.send_signal(signal.SIGUSR1)
        time.sleep(1)
        driver.kill()
        driver.wait()
        raise


def finish(folder: Path, runs: int, *, real: bool) -> None:
    """Let it end undisturbed."""
    for _ in range(5):  # a worker that outlives its driver by a moment holds nothing, a lock is the driver's
        if start(folder, runs, real=real).wait(600) == 0:
            return
        time.sleep(0.5)
    raise SystemExit("the batch does not end")


def verdict(folder: Path, whole: Path, runs: int) -> list[str]:
    """What is wrong with a batch that was disturbed, held against one that was not."""
    import pyarrow.parquet as pq

    from sim.batch.store import Results

    found = Results.open(folder)
    faults = [f"lost: {len(found.missing)}"] if found.missing else []
    faults += [f"failed: {len(found.failed)}"] if found.failed else []
    for file in folder.glob("runs/*.parquet"):
        keys = pq.read_table(file, columns=["key"])["key"].to_pylist()
        faults += [f"twice: {len(keys) - len(set(keys))}"] if len(keys) != len(set(keys)) else []
        faults += [f"{len(keys)} runs instead of {runs}"] if len(keys) != runs else []
    if hashes(folder) != hashes(whole):
        faults.append("other bytes than an undisturbed batch")
    return faults


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--runs", type=int, default=600, help="runs of a batch; a new one begins when it ends early")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--real", action="store_true", help="the election model with 2,000 voters")
    given = options.parse_args()
    total = {"driver": 0, "worker": 0, "Ctrl-C": 0}
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="majilis-") as temporary:
        whole = Path(temporary) / "whole"
        drive(str(whole), given.runs, real=True, workers=1) if given.real else undisturbed(whole, given.runs)
        number = 0
        while sum(total.values()) < given.kills and not faults:
            folder = Path(temporary) / f"s{number}"
            left = given.kills - sum(total.values())
            told = torment(folder, given.runs, left, given.seed + number, real=given.real)
            finish(folder, given.runs, real=given.real)
            faults = verdict(folder, whole, given.runs)
            total = {name: total[name] + told[name] for name in total}
            number += 1
            print(f"batch {number}: {sum(told.values())} kills, {faults or 'nothing lost, nothing twice, same bytes'}")
    print(f"{sum(total.values())} kills in {number} batches of {given.runs} runs: {total}; {faults or 'no fault'}")
    return 1 if faults else 0


def undisturbed(folder: Path, runs: int) -> None:
    """The same batch left alone, in this process."""
    from sim.batch.execute import run_all

    run_all(asked(runs, real=False), folder, workers=1, simulate=simulate, progress=False)


if __name__ == "__main__":
    sys.exit(main())
