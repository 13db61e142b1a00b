"""Effective parties beside autonomy: marks as in the runs, and a title that follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.analysis.compare import compare, t_interval
from sim.figures import pluralism
from sim.figures.pluralism import AUTONOMY, PARTIES
from sim.strict import InputError
from tests.figures.conftest import invented


def of(ax: Any, gid: str) -> np.ndarray:
    (found,) = [line for line in ax.lines if line.get_gid() == gid]
    return np.asarray(found.get_xydata())


def said(figure: Any, which: int) -> str:
    return " ".join(figure.texts[which].get_text().split())


def counts(results: Any, level: str) -> tuple[int, int]:
    """Scenarios with clearly more parties, and those of them with clearly more autonomous seats."""
    found = compare(results, [PARTIES, AUTONOMY]).to_frame().query("level == @level and kind == 'difference'")
    clear = found[found["low"] > 0].groupby("outcome")["scenario"].apply(set)
    return len(clear[PARTIES]), len(clear[PARTIES] & clear[AUTONOMY])


def test_a_mark_a_scenario_with_intervals_in_both_directions(results: Any) -> None:
    figure = pluralism(results)
    for ax, level in zip(figure.axes[:2], ("low", "high"), strict=True):
        runs_here = results.to_frame("runs").groupby(["scenario", "level"])
        for name in results.scenarios:
            runs = runs_here.get_group((name, level))
            points = np.column_stack([runs[PARTIES].astype(float), 100 * runs[AUTONOMY].astype(float)])
            np.testing.assert_allclose(of(ax, f"runs {name}"), points)
            np.testing.assert_allclose(of(ax, f"mean {name}"), [points.mean(axis=0)])
            across = [line.get_xdata() for line in ax.lines if list(line.get_ydata()) == [points[:, 1].mean()] * 2]
            np.testing.assert_allclose(across, [t_interval(points[:, 0])])


def test_the_title_counts_where_more_parties_meant_more_autonomy(results: Any) -> None:
    (more, both), (more_high, both_high) = counts(results, "low"), counts(results, "high")
    assert more >= 2  # else the invented results tell nothing
    assert said(pluralism(results), 0) == (
        "More effective parties than in kz-2023 meant more autonomous seats in "
        f"{both} of {more} scenarios (low), {both_high} of {more_high} (high)"
    )


def test_the_title_follows_the_numbers(small: Any) -> None:
    runs = small.tables["runs"]
    other = runs["scenario"] == "kz-2023-open"
    runs.loc[other, AUTONOMY] = runs.loc[~other, AUTONOMY].to_numpy()  # more parties, no more autonomy
    assert "meant more autonomous seats in 0 of 1 scenarios" in said(pluralism(small, "low"), 0)
    runs[PARTIES] = np.where(other, 1.5, 3.0) + 0.01 * runs["replication"] * (1 + other)
    assert "Fewer effective parties than in kz-2023 meant fewer autonomous seats in 0 of 1" in said(
        pluralism(small, "low"), 0
    )
    runs[PARTIES] = np.where(other & (runs["level"] == "high"), 3.0, 2.0) + 0.01 * runs["replication"] * (1 + other)
    runs.loc[runs["level"] == "low", PARTIES] = 2.0
    assert said(pluralism(small), 0).endswith("scenarios (high); none has more at level low")
    runs[PARTIES] = 2.0
    assert said(pluralism(small), 0) == "No scenario has clearly more or fewer effective parties than kz-2023"


def test_one_scenario_alone_tells_the_correlation_of_its_runs(small: Any) -> None:
    small.tables["runs"] = small.tables["runs"].query("scenario == 'kz-2023' and level == 'low'")
    figure = pluralism(small)
    ranks = small.tables["runs"][[PARTIES, AUTONOMY]].rank()
    tie = np.corrcoef(ranks[PARTIES], ranks[AUTONOMY])[0, 1]
    assert f"rank correlation {'+' if tie > 0 else '−'}{abs(tie):.2f} (low)" in said(figure, 0)


def test_every_scenario_is_named_beside_its_mark(small: Any) -> None:
    for ax in pluralism(small).axes:
        assert {text.get_text() for text in ax.texts} == {"kz-2023", "open"}


def test_scenarios_that_crowd_are_drawn_again_enlarged(results: Any) -> None:
    runs = results.to_frame("runs").copy()
    far = runs["scenario"] == "kz-2023-open"
    results.tables["runs"], kept = runs.assign(**{PARTIES: runs[PARTIES] + 20 * far}), results.tables["runs"]
    try:
        figure = pluralism(results)
    finally:
        results.tables["runs"] = kept
    assert len(figure.axes) == 4
    assert figure.axes[2].get_title(loc="left") == "level low, enlarged"
    whole, near = figure.axes[0], figure.axes[2]
    (frame,) = [patch for patch in whole.patches if patch.get_gid() == "frame"]
    assert frame.get_x() == pytest.approx(near.get_xlim()[0])
    assert "open" in {text.get_text() for text in whole.texts}
    assert {"kz-2023", "no congress"} <= {text.get_text() for text in near.texts}
    assert "open" not in {text.get_text() for text in near.texts}


def test_of_many_scenarios_those_that_clearly_differ_are_named() -> None:
    many = invented(
        runs=4, stations=0, scenarios=["kz-2023", "kz-2023-open", *(f"kz-2023-like-{i}" for i in range(20))]
    )
    figure = pluralism(many)
    named = {text.get_text() for ax in figure.axes for text in ax.texts} - {"enlarged below"}
    found = compare(many, [PARTIES, AUTONOMY]).to_frame().query("kind == 'difference'")
    clear = set(found[(found["low"] > 0) | (found["high"] < 0)]["scenario"])
    assert named == {"kz-2023"} | {name.removeprefix("kz-2023-").replace("-", " ") for name in clear}
    assert "open" in named
    assert f"{21 - len(clear)} scenarios that differ clearly in neither have no label" in said(figure, -1)


def test_every_run_lies_on_the_sheet(results: Any) -> None:
    ax = pluralism(results).axes[0]
    runs = results.to_frame("runs")
    assert ax.get_xlim()[0] < runs[PARTIES].min() < runs[PARTIES].max() < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < 100 * runs[AUTONOMY].min() <= 100 * runs[AUTONOMY].max() < ax.get_ylim()[1]


def test_runs_without_either_value_are_counted(small: Any) -> None:
    runs = small.tables["runs"]
    runs.loc[runs["replication"] == 1, PARTIES] = np.nan
    caption = said(pluralism(small), -1)
    assert "4 runs without either value are left out, not counted as 0" in caption
    assert "n = 3 runs" in caption
    runs[PARTIES] = np.nan
    with pytest.raises(InputError, match="no run has a value of both"):
        pluralism(small)
