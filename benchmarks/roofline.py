"""Where the monthly kernels stand between memory and arithmetic: bytes and operations counted, roofs measured.

Operations are counted from the equations as sim/kernels/ writes them: one for every addition, multiplication,
comparison, choice, shift or bit operation of 32 or 64 bits, two for a fused multiply-add. The roof of arithmetic is
that of chained multiply-adds; code without any reaches half of it at most. Bytes are those that must come from and go
to memory when an electorate is larger than the caches.
"""

from __future__ import annotations

import textwrap
from typing import Any

import machine
import numpy as np
import work as reference

WORD = 12  # SplitMix64 with a key of two halves
LOG = 32
EXP = 28
NORMAL = 3 + LOG + 20 + 20 + 5  # 4 u (1 - u), its log, both polynomials, sign and choice
FAR = 14  # a number by the modulus (multiply, add, turns counted and taken off), whether it lies beyond the group
TIE = 3  # gap, whether it is within the bound, sum
PLANES = 12  # two neighbours' masks added to counts kept bit by bit
HEAR = WORD + 4 + 12 + 4  # word, uniform, chance to hear nothing, comparison and mask
DISTANCE = 8
RECORD, GRIEVANCE = 16, 4


def operations(ties: int, lists: int, groups: int, unknown: float) -> dict[str, float]:
    """Operations of a voter-month; ``unknown`` lists are news to somebody in the voter's chunk."""
    return {
        "opinion": 3 * (ties * TIE + 3 + NORMAL + 4) + WORD + 5,
        "far ties": 2 * 4 * FAR,  # for opinion, and again for awareness
        "awareness": ties / 2 * PLANES + unknown * HEAR,
        "grievance": 6.0,
        "means": 8.0,
        "sympathy": (lists + groups) * (DISTANCE + EXP + 1) + 2 * groups,
    }


def traffic(far: int) -> dict[str, float]:
    """Bytes of a voter-month."""
    return {
        "records read": RECORD,
        "records written, and read before": 2 * RECORD,
        "grievance read and written, usual read": 3 * GRIEVANCE,
        "records read for sympathy": RECORD,
        "records of far neighbours": far * RECORD,
    }


def unknown(voters: int) -> float:
    """Lists that are news to somebody in a chunk, a mean over chunks and months."""
    import ours

    work = reference.make(voters, neighbours=False)
    run, found = ours.Run(work, 0), []
    for t in range(work.months):
        masks = np.bitwise_and.reduceat(np.ascontiguousarray(run.columns()["aware"]), run.chunks[:, 0])
        missing = (~masks & np.uint32((1 << work.lists) - 1))[:, None] >> np.arange(work.lists, dtype=np.uint32) & 1
        sizes = run.chunks[:, 1] - run.chunks[:, 0]
        found.append((missing.sum(axis=1) * sizes).sum() / sizes.sum())
        run.month(t)
    return float(np.mean(found))


def measure(rows: list[dict[str, Any]], voters: int) -> dict[str, Any]:
    """Roofs by threads, and where ours and C stand."""
    work, news = reference.make(1000, neighbours=False), unknown(voters)
    by_part = operations(work.ties, work.lists, work.groups, news)
    bytes_of = traffic(work.far.shape[1])
    total, moved = sum(by_part.values()), sum(bytes_of.values())
    near = moved - bytes_of["records of far neighbours"]
    roofs = [
        {"threads": n, "bandwidth": machine.bandwidth(n), "arithmetic": machine.arithmetic(n)}
        for n in sorted({1, machine.processors()})
    ]
    points = [
        {"label": one["label"], "threads": one["threads"], "operations_a_second": 1e9 * total / one["month_ns_min"]}
        for one in rows
        if one["key"].startswith(("ours", "c_fast"))
    ]
    return {
        "unknown_lists": news,
        "operations": by_part,
        "operations_total": total,
        "bytes": bytes_of,
        "bytes_total": moved,
        "bytes_without_far": near,
        "intensity": total / moved,
        "intensity_without_far": total / near,
        "roofs": roofs,
        "points": points,
    }


def told(roof: dict[str, Any]) -> str:
    """The roofline in words."""
    lines = [
        f"Roofline: {roof['operations_total']:,.0f} operations and {roof['bytes_total']:.0f} bytes a voter-month"
        f" ({roof['bytes_without_far']:.0f} while far neighbours are found in a cache): {roof['intensity']:.1f} to"
        f" {roof['intensity_without_far']:.1f} operations a byte."
    ]
    for one in roof["roofs"]:
        balance = one["arithmetic"] / one["bandwidth"]
        bound = "arithmetic" if roof["intensity"] > balance else "memory"
        time = max(roof["operations_total"] / one["arithmetic"], roof["bytes_total"] / one["bandwidth"])
        lines.append(
            f"On {one['threads']} thread(s) {one['bandwidth'] / 1e9:.0f} GB/s and {one['arithmetic'] / 1e9:.0f} G"
            f" operations/s were reached: bound by {bound}, at least {1e9 * time:.1f} ns a voter-month."
        )
    for point in roof["points"]:
        top = next(one["arithmetic"] for one in roof["roofs"] if one["threads"] == point["threads"])
        share = point["operations_a_second"] / top
        lines.append(f"{point['label']}: {point['operations_a_second'] / 1e9:.0f} G operations/s, {share:.0%} of that.")
    return "\n".join(textwrap.fill(line, 80) for line in lines)
