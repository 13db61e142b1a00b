"""What goes wrong while a batch runs, with real processes: nothing is lost or comes twice, the bytes are the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import kills
import pytest
from tiny_model import Tiny, big, failing, hanging, hashes, simulate, slow

from sim.batch.execute import Shard, run, run_all
from sim.batch.plan import RESULTS_VERSION, plan
from sim.batch.store import Results
from sim.strict import InputError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and file locks")

SCENARIOS = [Tiny(name="a"), Tiny(name="b", shift=1.0)]
PATHS = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
HEAD = f"""
import sys
sys.path[:0] = {PATHS!r}
import tiny_model
from tiny_model import Tiny
from sim.batch.execute import Shard, run_all
from sim.batch.plan import plan
from sim.strict import InputError
scenarios = [Tiny(name="a"), Tiny(name="b", shift=1.0)]
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Hashes of an undisturbed batch of 2 x 40 runs."""
    folder = tmp_path_factory.mktemp("whole") / "s"
    run_all(plan(SCENARIOS, 40), folder, workers=1, simulate=simulate, progress=False)
    return hashes(folder)


def started(text: str, **options) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", HEAD + text], stdout=pipe, stderr=pipe, text=True, **options)


def filled(folder: Path, more: str = "") -> str:
    return f"""
try:
    run_all(plan(scenarios, 40), {str(folder)!r}, workers=2, chunk=3, simulate=tiny_model.slow, progress=False{more})
except InputError as fault:
    sys.exit(str(fault))
"""


def test_kills_at_random_moments(tmp_path):
    kills.undisturbed(tmp_path / "whole", 120)
    kills.torment(tmp_path / "s", 120, 8, seed=5)
    kills.finish(tmp_path / "s", 120, real=False)
    assert kills.verdict(tmp_path / "s", tmp_path / "whole", 120) == []


def test_two_drivers_on_one_store(tmp_path, whole):
    folder = tmp_path / "s"
    both = [started(filled(folder)), started(filled(folder))]
    said = [one.communicate(timeout=60)[1] for one in both]
    codes = sorted(one.returncode for one in both)
    if codes == [0, 1]:
        assert any("is being filled by another process. Wait for it" in text for text in said)
    else:  # the second came when the first had ended
        assert codes == [0, 0]
    assert hashes(folder) == whole


def test_shards_at_once_and_the_last_merges(tmp_path, whole):
    folder = tmp_path / "s"
    all_of_them = [
        started(filled(folder, f", shard=Shard({i}, 3)").replace("workers=2", "workers=1")) for i in (1, 2, 3)
    ]
    for one in all_of_them:
        said = one.communicate(timeout=60)[1]
        assert one.returncode == 0, said
    assert hashes(folder) == whole
    assert sorted(p.name for p in folder.glob("*.log")) == [f"batch-shard-{i}-of-3.log" for i in (1, 2, 3)]


def test_shards_one_after_the_other_and_one_that_was_never_started(tmp_path, whole):
    folder = tmp_path / "s"
    for number in (3, 1):
        run_all(plan(SCENARIOS, 40), folder, workers=1, simulate=simulate, progress=False, shard=Shard(number, 3))
    assert len(Results.open(folder).missing) == 26
    tally = run_all(plan(SCENARIOS, 40), folder, workers=1, simulate=simulate, progress=False)  # no shard: the rest
    assert (tally.found, tally.done) == (54, 26)
    assert hashes(folder) == whole


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/3/3", "-1/3", "1/0", "９/９"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(InputError, match="with i from 1 to n"):
        Shard.read(text) if text != "９/９" else Shard.read("9/")


def test_a_run_that_hangs_is_ended_and_the_others_are_done(tmp_path):
    runs = plan(SCENARIOS, 8)
    tally = run_all(runs, tmp_path / "s", workers=2, chunk=4, simulate=hanging, progress=False, timeout=1.0, retries=1)
    assert (tally.done, tally.failed) == (15, 1)
    assert Results.open(tmp_path / "s").failed == {("a", "low", 3): "TimeoutError: no result within 1 s (2 tries)"}
    run_all(runs, tmp_path / "s", workers=1, simulate=simulate, progress=False)
    run_all(runs, tmp_path / "whole", workers=1, simulate=simulate, progress=False)
    assert hashes(tmp_path / "s") == hashes(tmp_path / "whole")


def test_a_time_limit_holds_with_one_worker_too(tmp_path):
    tally = run_all(
        plan(SCENARIOS[:1], 4), tmp_path / "s", workers=1, simulate=hanging, progress=False, timeout=0.5, retries=0
    )
    assert (tally.done, tally.failed) == (3, 1)


def test_runs_that_raise_are_rows_with_the_command_that_shows_it(tmp_path):
    results = run(SCENARIOS, 4, workers=2, into=tmp_path / "s", simulate=failing, progress=False)
    assert len(results.failed) == 4
    log = (tmp_path / "s" / "batch.log").read_text()
    for place, key in results.failed_keys.items():
        assert f"failed: {' '.join(map(str, place))} (key {key}): " in log
        assert results.run(key)[3] == results.failed[place]


def mounted(folder: Path, options: str, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script where a folder is a disk of its own, as a namespace of the system allows."""
    script = f"mount -t tmpfs -o {options} none {folder} && exec {sys.executable} -"
    own = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*own, f"mount -t tmpfs none {folder}"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no disk to try it on")
    return subprocess.run([*own, script], input=HEAD + text, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(not shutil.which("unshare"), reason="Linux's unshare is not there")
def test_a_full_disk_stops_the_batch_in_words_and_loses_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    told = mounted(
        disk,
        "size=700k",
        f"""
import shutil
from pathlib import Path
from sim.batch.store import Results
folder = Path({str(disk)!r}) / "s"
try:
    run_all(plan(scenarios, 20), folder, workers=2, chunk=2, simulate=tiny_model.big, progress=False)
    print("ended")
except InputError as fault:
    print(fault)
found = Results.open(folder)
print(len(found.to_frame()), len(found.to_frame("extra")))
shutil.copytree(folder, {str(tmp_path / "copy")!r})
""",
    )
    said, counts, *_ = told.stdout.splitlines() or [told.stderr, ""]
    assert "cannot be written: No space left on device" in said, told.stderr
    assert "Traceback" not in told.stderr
    done, rows = map(int, counts.split())
    assert 0 < done < 40
    assert rows == 2000 * done
    tally = run_all(plan(SCENARIOS, 20), tmp_path / "copy", workers=1, simulate=big, progress=False)
    assert (tally.found, tally.done) == (done, 40 - done)
    run_all(plan(SCENARIOS, 20), tmp_path / "whole", workers=1, simulate=big, progress=False)
    assert hashes(tmp_path / "copy") == hashes(tmp_path / "whole")


@pytest.mark.skipif(not shutil.which("unshare"), reason="Linux's unshare is not there")
def test_a_store_that_may_only_be_read_is_read_and_not_written(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    told = mounted(
        disk,
        "size=20m",
        f"""
import subprocess
from sim.batch.store import Results
folder = {str(disk)!r} + "/s"
run_all(plan(scenarios, 2), folder, workers=1, simulate=tiny_model.simulate, progress=False)
subprocess.run(["mount", "-o", "remount,ro", {str(disk)!r}], check=True)
print(len(Results.open(folder).to_frame()))
for runs, into in ((3, folder), (2, {str(disk)!r} + "/new")):
    try:
        run_all(plan(scenarios, runs), into, workers=1, simulate=tiny_model.simulate, progress=False)
    except InputError as fault:
        print(fault)
""",
    )
    read, *said = told.stdout.splitlines()
    assert read == "4"
    assert len(said) == 2, told.stdout + told.stderr
    assert all("cannot be written: Read-only file system" in text for text in said)


def test_a_clock_that_goes_backwards_changes_nothing(tmp_path, whole):
    folder = tmp_path / "s"
    backwards = """
import itertools, time
ticks = itertools.count()
time.time = lambda: 2e9 - 3600 * next(ticks)
time.time_ns = lambda: int(time.time() * 1e9)
"""
    for replications in (25, 40):
        text = filled(folder).replace("plan(scenarios, 40)", f"plan(scenarios, {replications})")
        one = started(backwards + text.replace("workers=2", "workers=1"))
        said = one.communicate(timeout=60)[1]
        assert one.returncode == 0, said
        for file in folder.rglob("*.parquet"):  # as on a disk that was copied, or whose clock was set
            os.utime(file, (time.time() - 1e6 * replications,) * 2)
    assert hashes(folder) == whole


def test_another_results_version_between_two_starts_touches_nothing(tmp_path, whole):
    folder = tmp_path / "s"
    run_all(plan(SCENARIOS, 40)[:30], folder, workers=1, simulate=simulate, progress=False)
    before = hashes(folder)
    change = "\nimport sim.batch.plan, sim.batch.store\n" + "".join(
        f"sim.batch.{module}.RESULTS_VERSION = {RESULTS_VERSION + 1}\n" for module in ("plan", "store")
    )
    one = started(change + filled(folder))
    said = one.communicate(timeout=60)[1]
    assert one.returncode == 1
    assert f"was made by results version {RESULTS_VERSION}, this is {RESULTS_VERSION + 1}. Use a new folder." in said
    assert hashes(folder) == before
    run_all(plan(SCENARIOS, 40), folder, workers=1, simulate=simulate, progress=False)
    assert hashes(folder) == whole


def test_a_damaged_plan_or_provenance_is_told_and_no_traceback(tmp_path):
    folder = tmp_path / "s"
    run_all(plan(SCENARIOS, 2), folder, workers=1, simulate=simulate, progress=False)
    for name in ("resolved.json", "provenance.json"):
        kept = (folder / name).read_bytes()
        for content in (kept[: len(kept) // 2], b"", b"\xff\xfe", b"[" * 100_000, b"3"):
            (folder / name).write_bytes(content)
            with pytest.raises(InputError):
                Results.open(folder)
        (folder / name).write_bytes(kept)
    assert not Results.open(folder).missing


def test_workers_write_to_an_address_that_fsspec_opens(tmp_path, whole):
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    address = f"file://{tmp_path}/s"
    run_all(plan(SCENARIOS, 25), address, workers=2, chunk=4, simulate=slow, progress=False)
    run_all(plan(SCENARIOS, 40), address, workers=1, chunk=4, simulate=simulate, progress=False)
    assert hashes(tmp_path / "s") == whole
    results = Results.open(address)
    assert str(results.folder) == address
    assert len(results.to_frame("parties")) == 240
    assert json.loads((tmp_path / "s" / "resolved.json").read_text())["planned"][0]["replications"] == [[1, 40]]


def test_an_object_store_holds_the_same_bytes(whole):
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    from sim.batch import parts
    from sim.batch.places import place

    address = "memory://batch-test/s"
    run_all(plan(SCENARIOS, 25), address, workers=1, chunk=4, simulate=simulate, progress=False)
    run_all(plan(SCENARIOS, 40), address, workers=1, chunk=4, simulate=simulate, progress=False)
    where = place(address)
    assert sorted(f"{t}/{n}" for t in parts.tables(where) for n in where.names(t)) == sorted(whole)
    assert not parts.damaged(where)
    assert len(Results.open(address).to_frame()) == 80
    fsspec.filesystem("memory").rm("/batch-test", recursive=True)


@pytest.mark.parametrize("address", ["nosuch://x/y", "s3://bucket/x"])
def test_an_address_that_nobody_opens_is_told(address):
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    with pytest.raises(InputError, match="cannot be opened"):
        run_all(plan(SCENARIOS, 2), address, workers=1, simulate=simulate)
