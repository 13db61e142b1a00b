"""Votes against seats: every list a point, the threshold of the law, and a bonus that is computed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from sim.figures import seats_votes, style
from sim.strict import InputError


def drawn(ax: Any, gid: str) -> np.ndarray:
    return np.vstack([line.get_xydata() for line in ax.lines if line.get_gid() == gid])


def title(figure: Any) -> str:
    return " ".join(figure.texts[0].get_text().split())


def caption(figure: Any) -> str:
    return " ".join(figure.texts[-1].get_text().split())


def test_a_point_a_party_and_run_and_the_mean_of_each_party(results: Any) -> None:
    ax = seats_votes(results).axes[0]
    parties = results.to_frame("parties").query("scenario == 'kz-2023' and level == 'low'")
    seats = 100 * parties["seats"] / parties.groupby("replication")["seats"].transform("sum")
    votes = 100 * parties["official_share"]
    for party in ("amanat_1999", "auyl_2002", "baytaq_2022"):
        own = parties["party"] == party
        np.testing.assert_allclose(drawn(ax, f"runs {party}"), np.column_stack([votes[own], seats[own]]))
        np.testing.assert_allclose(drawn(ax, f"mean {party}"), [[votes[own].mean(), seats[own].mean()]])
    assert not any(str(line.get_gid()).startswith("runs independent") for line in ax.lines)


def test_the_bonus_of_the_largest_list_is_seats_less_votes(results: Any) -> None:
    parties = results.to_frame("parties").query("scenario == 'kz-2023' and level == 'high'")
    size = parties.groupby("replication")["seats"].sum()
    first = parties[parties["party"] == "amanat_1999"].set_index("replication")
    bonus = (100 * (first["seats"] / size - first["official_share"])).mean()
    assert title(seats_votes(results, level="high")) == (
        f"kz-2023: the largest list gets a bonus of seats over votes of {style.signed(bonus)} points (high)"
    )
    assert "n = 20 runs" in caption(seats_votes(results))
    assert "Deputies without list votes hold up to" in caption(seats_votes(results))


def test_the_threshold_is_that_of_the_law(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = seats_votes(small)
    np.testing.assert_allclose(drawn(figure.axes[0], "threshold")[:, 0], 5)
    assert "threshold 5 %" in figure.axes[0].get_title(loc="left")
    monkeypatch.setattr(import_module("sim.figures.seats_votes"), "doses", lambda results, setting: {"kz-2023": 0.0})
    figure = seats_votes(small)
    assert not any(line.get_gid() == "threshold" for line in figure.axes[0].lines)
    assert "no threshold" in figure.axes[0].get_title(loc="left")


def test_a_threshold_the_results_do_not_tell_is_said_to_be_unknown(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(results: Any, setting: str) -> dict[str, float]:
        raise InputError("no such setting")

    monkeypatch.setattr(import_module("sim.figures.seats_votes"), "doses", silent)
    assert "threshold not known" in seats_votes(small).axes[0].get_title(loc="left")


def test_both_axes_are_the_same_and_hold_every_point(results: Any) -> None:
    figure = seats_votes(results, ["kz-2023", "kz-2023-open"])
    assert len(figure.axes) == 4  # two scenarios at two levels
    for ax in figure.axes:
        assert ax.get_xlim() == ax.get_ylim()
        points = np.vstack([line.get_xydata() for line in ax.lines if str(line.get_gid()).startswith("runs")])
        assert points.max() <= ax.get_xlim()[1]
        assert points.min() >= ax.get_xlim()[0]
    assert "(kz-2023, low)" in title(figure)


def test_small_lists_are_enlarged_where_they_crowd(results: Any) -> None:
    (inset,) = seats_votes(results, level="low").axes[0].child_axes
    assert inset.get_xlim()[1] == 15
    np.testing.assert_allclose(drawn(inset, "mean auyl_2002"), drawn(seats_votes(results).axes[0], "mean auyl_2002"))


def test_a_list_without_a_value_is_counted(small: Any) -> None:
    parties = small.tables["parties"]
    lost = (parties["party"] == "baytaq_2022") & (parties["replication"] == 1) & (parties["scenario"] == "kz-2023")
    parties.loc[lost, "official_share"] = np.nan
    figure = seats_votes(small, level="low")
    assert "1 lists without a value are left out, not counted as 0" in caption(figure)
    assert len(drawn(figure.axes[0], "runs baytaq_2022")) == 3


def test_without_list_votes_there_is_no_figure(small: Any) -> None:
    small.tables["parties"]["official_share"] = np.nan
    with pytest.raises(InputError, match="no party has list votes"):
        seats_votes(small)
