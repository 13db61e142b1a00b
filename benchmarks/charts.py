"""The figures of the benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

OURS, OTHERS, GREY = "#1f6f8b", "#b08d6a", "#555555"


def draw(found: dict[str, Any], folder: Path) -> list[Path]:
    """All figures there are numbers for."""
    out = []
    if found["competitors"]:
        out.append(_save(_competitors(found), folder / "voters-competitors.png"))
    if found["scaling"]:
        out.append(_save(_scaling(found), folder / "voters-scaling.png"))
    if found["roofline"]:
        out.append(_save(_roofline(found), folder / "voters-roofline.png"))
    return out


def _save(figure: plt.Figure, path: Path) -> Path:
    figure.savefig(path, dpi=150, bbox_inches="tight")
    plt.close(figure)
    return path


def _finish(figure: plt.Figure, found: dict[str, Any]) -> None:
    """Plain numbers on the axes, no boxes, and a line that says whose numbers these are."""
    plain = FuncFormatter(lambda x, _: f"{x / 1e6:g} M" if x >= 1e6 else f"{x:,.0f}" if x >= 1 else f"{x:g}")
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log":
                axis.set_major_formatter(plain)
                axis.set_minor_formatter(NullFormatter())
    what = "quick mode, few repetitions; " if found["quick"] else ""
    figure.tight_layout()
    figure.text(0, -0.03, f"{what}{found['processor']}, {found['processors']} processors", fontsize=7, color=GREY)


def _threads(n: int) -> str:
    return "1 thread" if n == 1 else f"{n} threads"


def _competitors(found: dict[str, Any]) -> plt.Figure:
    rows = found["competitors"][::-1]
    figure, axes = plt.subplots(figsize=(7, 0.3 * len(rows) + 1))
    times = [row["month_ns_median"] for row in rows]
    axes.hlines(range(len(rows)), min(times) / 2, times, color="#dddddd", lw=1)
    axes.scatter(times, range(len(rows)), color=[OURS if "ours" in row["key"] else OTHERS for row in rows], zorder=2)
    axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
    for place, row in enumerate(rows):
        if not np.isnan(row["ratio"]):
            digits = 0 if row["ratio"] >= 9.95 else 1
            axes.text(1.2 * times[place], place, f"{row['ratio']:,.{digits}f}x", va="center", fontsize=8, color=GREY)
    axes.set_xscale("log")
    axes.set_xlim(min(times) / 2, 3 * max(times))
    axes.set_xlabel("ns a voter and month, median; beside it whole runs as multiples of ours")
    _finish(figure, found)
    return figure


def _scaling(found: dict[str, Any]) -> plt.Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
    for threads, style in zip(sorted({row["threads"] for row in found["scaling"]}), ("o-", "s--"), strict=False):
        rows = [row for row in found["scaling"] if row["threads"] == threads]
        voters = [row["voters"] for row in rows]
        left.plot(voters, [row["month_ns_median"] for row in rows], style, color=OURS, label=_threads(threads))
        right.plot(voters, [row["whole_s"] for row in rows], style, color=OURS, label=_threads(threads))
    left.set_ylabel("ns a voter and month")
    left.set_ylim(bottom=0)
    right.set_ylabel("seconds, 24 months and an election")
    right.set_yscale("log")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xlabel("voters")
        axes.legend(frameon=False)
    _finish(figure, found)
    return figure


def _roofline(found: dict[str, Any]) -> plt.Figure:
    roof = found["roofline"]
    figure, axes = plt.subplots(figsize=(8, 4))
    intensity = np.geomspace(0.5, 128, 400)
    for one, style in zip(roof["roofs"], ("-", "--"), strict=False):
        label = f"{_threads(one['threads'])}: {one['bandwidth'] / 1e9:.0f} GB/s, {one['arithmetic'] / 1e9:.0f} G op/s"
        for share, shade in ((1, 1), (0.5, 0.35)):
            top = np.minimum(intensity * one["bandwidth"], share * one["arithmetic"])
            axes.plot(intensity, top / 1e9, style, color=GREY, alpha=shade, label=label if share == 1 else None)
    span = [roof["intensity"], roof["intensity_without_far"]]
    for point in roof["points"]:
        height = [point["operations_a_second"] / 1e9] * 2
        marker = "o" if point["threads"] == 1 else "s"
        color = OURS if point["label"].startswith("ours") else OTHERS
        axes.plot(span, height, marker=marker, color=color, label=f"{point['label']}: {height[0]:.0f} G op/s")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_ylim(bottom=4)
    axes.set_xlabel(
        "operations a byte: far neighbours read from memory (left end) or from a cache (right end)", fontsize=8
    )
    axes.set_ylabel("G operations a second")
    axes.set_title("Monthly kernels under the roofs; paler: without fused multiply-adds", fontsize=9, loc="left")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    _finish(figure, found)
    return figure
