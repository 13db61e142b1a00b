"""The voter model against others: agreement first, then time, memory, scaling and the roofline.

    python benchmarks/bench_voters.py            some ten minutes
    python benchmarks/bench_voters.py --quick    under a minute
    python benchmarks/bench_voters.py --only ours_1 numpy

Every competitor does the reference work (work.py) in a process of its own; repetitions go round all of them in turn, so
that a busy minute strikes everybody. Results are written to results/benchmarks/ (quick ones to its folder quick, a
choice of competitors nowhere).
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
import shutil
import statistics
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any

import agree
import charts
import competitors
import machine
import numpy as np
import roofline
import work as reference
from competitors import Entry, Failed, Worker
from work import Election, Work

RESULTS = Path(__file__).parents[1] / "results" / "benchmarks"
SCALES = (1_000, 10_000, 100_000, 1_000_000, reference.REGISTER)
QUICK_SCALES = (1_000, 10_000, 100_000)
REPEATS, QUICK_REPEATS = 9, 3
CHECKED, QUICK_CHECKED = 10_000, 4_000  # voters with whom agreement is checked, if it is not timed with fewer
MEGA = 1_000_000
ALONE = 0.7  # the share of its processors that ours gets at least where nothing else runs


class Inputs:
    """Files of inputs by number of voters, made when first asked for and gone with the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, voters: int, *, neighbours: bool = True) -> Path:
        """The file of so many voters."""
        path = self.folder / f"{voters}{'-ties' if neighbours else ''}.npz"
        if not path.exists():
            reference.make(voters, neighbours=neighbours).save(path)
        return path


def check(entry: Entry, voters: int, inputs: Inputs) -> dict[str, Any]:
    """Whether a competitor does the same work as the oracle."""
    path, kept = inputs.file(voters), inputs.folder / f"kept-{entry.key}.npz"
    worker = Worker(entry, path)
    try:
        told = worker.ask("keep", 5, kept)
        versions, exact = worker.told["versions"], worker.told["exact"]
    finally:
        worker.close()
    found: dict[str, Any] = {"voters": voters, "exact": exact, "versions": versions}
    if exact:
        work = Work.load(path, neighbours=True)
        with np.load(kept) as file:
            columns = {name: file[name] for name in ("position", "grievance", "aware", "choice")}
            gaps = agree.exactly(work, file["sympathy"], Election(file["believed"], file["tally"]), columns)
        found |= {"gaps": gaps, "agrees": all(gaps[name] <= limit for name, limit in agree.LIMITS.items())}
        found["said"] = f"same draws; {1e6 * gaps['share who vote otherwise']:.0f} in a million vote otherwise"
    else:
        worst, what = agree.statistically(voters, reference.MONTHS, told["statistics"])
        found |= {"worst": worst, "of": what, "agrees": worst <= agree.ERRORS}
        found["said"] = f"own draws; at most {worst:.1f} standard errors off ({what})"
    kept.unlink()
    return found


def agreement(entries: list[Entry], inputs: Inputs, quick: bool) -> tuple[list[Entry], dict[str, Any]]:
    """Those that can be started and agree, and what was found of all."""
    print("agreement with the oracle, before any time is taken")
    able, found = [], {}
    for entry in entries:
        reason = entry.missing()
        if not reason:
            try:
                found[entry.key] = check(
                    entry, min(QUICK_CHECKED, entry.quick) if quick else min(CHECKED, entry.voters), inputs
                )
                reason = "" if found[entry.key]["agrees"] else "DOES NOT AGREE: " + found[entry.key]["said"]
            except Failed as failure:
                reason = f"failed: {failure}"
        found.setdefault(entry.key, {"agrees": False})
        found[entry.key]["reason"] = reason
        print(f"  {entry.label:<25} {reason or found[entry.key]['said']}"[:80], flush=True)
        if not reason:
            able.append(entry)
    return able, found


def timed(entries: list[Entry], inputs: Inputs, quick: bool) -> list[dict[str, Any]]:
    """Minimum and median of interleaved repetitions, and memory, a row each."""
    workers = []
    try:
        for entry in entries:
            voters = entry.quick if quick else entry.voters
            workers.append(Worker(entry, inputs.file(voters, neighbours=entry.neighbours)))
        told = competitors.interleaved(workers, QUICK_REPEATS if quick else REPEATS, 5 if quick else 60)
        return [
            row(worker.entry, worker.entry.quick if quick else worker.entry.voters, worker.told, told[worker.entry.key])
            for worker in workers
        ]
    finally:
        for worker in workers:
            worker.close()


def row(entry: Entry, voters: int, start: dict[str, Any], told: list[dict[str, Any]]) -> dict[str, Any]:
    """A competitor's numbers."""
    month = [1e9 * one["months"] / voters / reference.MONTHS for one in told]
    election = [1e9 * one["election"] / voters for one in told]
    peak = max(one["peak"] for one in told)
    return {
        "key": entry.key,
        "label": entry.label,
        "voters": voters,
        "threads": entry.threads,
        "repetitions": len(told),
        "month_ns_min": min(month),
        "month_ns_median": statistics.median(month),
        "election_ns_min": min(election),
        "election_ns_median": statistics.median(election),
        "whole_ns_median": statistics.median(reference.MONTHS * m + e for m, e in zip(month, election, strict=True)),
        "processors_used": statistics.median(one["cpu"] / (one["months"] + one["election"]) for one in told),
        "setup_s": min(one["setup"] for one in told),
        "peak_bytes": peak,
        "import_bytes": start["imports"],
        "bytes_a_voter": (peak - start["imports"]) / voters,
    }


def with_ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ratios of whole runs (all months and the election) to ours with all threads."""
    ours = next((one for one in rows if one["key"] == "ours_all"), None)
    for one in rows:
        one["ratio"] = one["whole_ns_median"] / ours["whole_ns_median"] if ours else float("nan")
    return rows


def number(x: float) -> str:
    """Three digits or all before the point."""
    return "-" if x != x else f"{x:,.0f}" if x >= 100 else f"{x:.1f}"


def table(rows: list[dict[str, Any]]) -> str:
    """The comparison in 80 columns."""
    lines = [
        f"{'':<25}{'voters':>8}  {'ns/voter-month':>15}  {'ns/voter, vote':>14}{'ratio':>8}{'peak':>6}",
        f"{'':<33}{'min':>9}{'median':>8}{'min':>9}{'median':>7}{'to ours':>8}{'MB':>6}",
    ]
    lines += [
        f"{one['label']:<25}{one['voters']:>8,}{number(one['month_ns_min']):>9}{number(one['month_ns_median']):>8}"
        f"{number(one['election_ns_min']):>9}{number(one['election_ns_median']):>7}"
        f"{number(one['ratio']) + 'x':>8}{one['peak_bytes'] / MEGA:>6.0f}"
        for one in rows
    ]
    return "\n".join(lines)


def scaling(inputs: Inputs, scales: tuple[int, ...]) -> list[dict[str, Any]]:
    """Ours from a thousand voters to the register, by threads."""
    rows = []
    print("\nours by number of voters (median)")
    print(f"{'voters':>12}{'threads':>8}{'ns/voter-month':>16}{'ns/voter, vote':>16}{'whole run, s':>14}{'peak MB':>9}")
    for voters in scales:
        for threads in sorted({1, competitors.ALL}):
            entry = Entry("ours", "ours", "ours", threads=threads, neighbours=False)
            worker = Worker(entry, inputs.file(voters, neighbours=False))
            try:
                told = competitors.interleaved([worker], 3 if voters > MEGA else 7, 60)[entry.key]
            finally:
                worker.close()
            one = row(entry, voters, worker.told, told)
            one["whole_s"] = one["whole_ns_median"] * voters / 1e9
            rows.append(one)
            print(
                f"{voters:>12,}{threads:>8}{number(one['month_ns_median']):>16}{number(one['election_ns_median']):>16}"
                f"{one['whole_s']:>14.4f}{one['peak_bytes'] / MEGA:>9.0f}",
                flush=True,
            )
        inputs.file(voters, neighbours=False).unlink()
    return rows


def save(found: dict[str, Any], folder: Path) -> None:
    """JSON with everything, CSV with the tables, and the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "voters.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for name in ("competitors", "scaling"):
        if rows := found[name]:
            with (folder / f"voters-{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(
                    {key: round(x, 3) if isinstance(x, float) else x for key, x in one.items()} for one in rows
                )
    for path in charts.draw(found, folder):
        print(f"  {path.relative_to(RESULTS.parents[1])}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer voters, repetitions and sizes; under a minute")
    parser.add_argument("--reference", action="store_true", help="keep the tables in results/reference/ too")
    parser.add_argument("--only", nargs="+", metavar="KEY", help=", ".join(entry.key for entry in competitors.ENTRIES))
    given = parser.parse_args()
    entries = [entry for entry in competitors.ENTRIES if not given.only or entry.key in given.only]
    begin, before = time.perf_counter(), machine.load()
    with tempfile.TemporaryDirectory(prefix="bench-voters-") as folder:
        inputs = Inputs(Path(folder))
        able, agreed = agreement(entries, inputs, given.quick)
        rows = with_ratios(timed(able, inputs, given.quick))
        print(f"\n{reference.MONTHS} months and one election; ratios are of whole runs\n{table(rows)}", flush=True)
        ours = any(entry.module == "ours" for entry in able)
        scales = scaling(inputs, QUICK_SCALES if given.quick else SCALES) if ours else []
        roof = roofline.measure(rows, 50_000 if given.quick else 100_000) if ours else {}
    found = {
        "quick": given.quick,
        "processor": machine.processor(),
        "processors": machine.processors(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": [before, machine.load()],
        "versions": {key: one.get("versions", {}) for key, one in agreed.items()},
        "agreement": agreed,
        "competitors": rows,
        "scaling": scales,
        "roofline": roof,
    }
    if roof:
        print("\n" + roofline.told(roof))
    shown: dict[str, str] = {}
    for versions in found["versions"].values():
        shown |= {name: version for name, version in versions.items() if name not in shown}
    print("\n" + textwrap.fill(", ".join(f"{name} {version}" for name, version in shown.items()), 80))
    print(f"{found['processor']}, {found['processors']} processors, {found['system']}; load {before:.1f} at the start")
    print(f"and {found['load'][1]:.1f} at the end; {time.perf_counter() - begin:.0f} s")
    if any(one["processors_used"] < ALONE * one["threads"] for one in rows if one["key"] == "ours_all"):
        print("Ours did not get its processors, other work had them: only for debugging.")
    if not given.only:
        save(found, RESULTS / "quick" if given.quick else RESULTS)
    if given.reference and not given.only and not given.quick:
        for path in RESULTS.glob("voters-*.csv"):
            shutil.copy(path, RESULTS.parent / "reference" / f"bench-{path.name}")
    return 0 if all(one["agrees"] or "AGREE" not in one["reason"] for one in agreed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
