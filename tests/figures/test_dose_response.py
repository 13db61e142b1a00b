"""An outcome over a dose: means and intervals as in the runs, scales that can be read, and honest lines."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from sim.analysis.compare import compare, t_interval
from sim.figures import dose_response, style
from sim.figures.dose_response import Scale, _scale, _ticks
from sim.figures.outcomes import setting_label
from sim.strict import InputError

OBSERVERS = "mechanism.observers.share"
SERIES = ["kz-2023-no-congress", "kz-2023", "kz-2023-observers-everywhere"]  # by dose: 0, 0.01, 1


def line(ax: Any, gid: str) -> Any:
    (found,) = [one for one in ax.lines if one.get_gid() == gid]
    return found


def said(figure: Any, which: int) -> str:
    return " ".join(figure.texts[which].get_text().split())


def values(results: Any, name: str, level: str) -> np.ndarray:
    runs = results.to_frame("runs").query("scenario == @name and level == @level")
    return 100 * runs["autonomous_seat_share_middle"].to_numpy(float)


def test_a_mean_and_an_interval_a_scenario_and_level(results: Any) -> None:
    ax = dose_response(results, setting=OBSERVERS).axes[0]
    for level in ("low", "high"):
        means = line(ax, f"means {level} 0")
        np.testing.assert_allclose(means.get_ydata(), [values(results, name, level).mean() for name in SERIES])
        for name, x in zip(SERIES, means.get_xdata(), strict=True):
            runs = line(ax, f"runs {name} {level}")
            np.testing.assert_allclose(runs.get_ydata(), values(results, name, level))
            bars = [one.get_ydata() for one in ax.lines if list(one.get_xdata()) == [x, x]]
            np.testing.assert_allclose(bars, [t_interval(values(results, name, level))])


def test_the_title_says_both_ends_and_the_subtitle_their_paired_difference(results: Any) -> None:
    figure = dose_response(results, setting=OBSERVERS, level="low")
    first, last = values(results, SERIES[0], "low").mean(), values(results, SERIES[-1], "low").mean()
    assert said(figure, 0) == (
        f"Seats of autonomous parties from {first:.1f} to {last:.1f} % (low); "
        "share of stations with an independent observer from 0 % to 100 %"
    )
    rows = compare(results, "autonomous_seat_share_middle", against=SERIES[0]).rows
    (row,) = [row for row in rows if row.scenario == SERIES[-1] and row.level == "low"]
    assert row.difference is not None
    assert f"{style.signed(100 * row.difference)} [" in said(figure, 1)
    assert "(low, n = 20)" in said(figure, 1)


def test_only_scenarios_that_differ_in_nothing_else_are_joined(results: Any) -> None:
    figure = dose_response(results, setting=OBSERVERS)
    ax = figure.axes[0]
    assert len(line(ax, "means low 0").get_xdata()) == 3
    hollow = [one for one in ax.lines if str(one.get_gid()).startswith("means low") and one.get_gid()[-1] != "0"]
    assert sum(len(one.get_xdata()) for one in hollow) == 3
    assert all(one.get_markerfacecolor() == "white" for one in hollow)
    assert {"open", "bound registrar", "members 50000"} == {text.get_text() for text in ax.texts}
    assert "Hollow marks: 3 scenarios that differ from the others in more than the dose" in said(figure, -1)


def test_doses_over_orders_of_magnitude_stand_by_their_logarithm(results: Any) -> None:
    figure = dose_response(results, setting=OBSERVERS)
    ax = figure.axes[0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0 %", "1 %", "100 %"]
    assert list(ax.get_xticks()) == pytest.approx([-2.8, -2, 0])
    assert line(ax, "cut").get_xdata()[0] == pytest.approx(-2.4)
    assert "The axis is cut between 0 and the smallest dose" in said(figure, -1)
    assert "logarithmic" in ax.get_xlabel()


def test_doses_of_like_size_stand_as_they_are() -> None:
    assert _scale([0, 0.03, 0.05, 0.07]) == Scale(None)
    assert _scale([0, 0.01, 0.1, 1]) == Scale(0.01)
    assert _scale([0, 1]) == Scale(None)
    assert Scale(None).place(0.05) == 0.05
    assert Scale(500).place(0) < Scale(500).place(500) < Scale(500).place(50_000)


def test_marks_stand_at_their_dose_with_as_much_room_on_both_sides(small: Any) -> None:
    small.observers = {"kz-2023": 0.5}  # the two scenarios differ in more than the dose, and no dose is shared
    ax = dose_response(small, setting="law.registration.members").axes[0]
    for number, dose in enumerate((5000, 500)):
        places = [line(ax, f"means {level} {number}").get_xdata()[0] for level in ("low", "high")]
        assert np.mean(places) == pytest.approx(dose)


def test_words_of_doses_that_stand_close_do_not_touch() -> None:
    assert _ticks([-2.9, -2.09, -2, -1, 0], ["0 %", "0.815 %", "1 %", "10 %", "100 %"])[1:3] == ["0.815 %", "\n1 %"]
    assert _ticks([0, 3, 5, 7], ["0 %", "3 %", "5 %", "7 %"]) == ["0 %", "3 %", "5 %", "7 %"]


def test_the_dose_of_the_experiment_is_taken(small: Any) -> None:
    small.experiment["dose"] = "law.registration.members"
    figure = dose_response(small)
    assert figure.axes[0].get_xlabel() == "members a party needs to be registered"
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["500", "5,000"]


def test_the_doses_are_those_of_the_analysis(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"kz-2023": 7.0, "kz-2023-open": 2.0}
    monkeypatch.setattr(import_module("sim.figures.dose_response"), "doses", lambda results, setting: given)
    ax = dose_response(small, setting="mechanism.congress.size").axes[0]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2", "7"]


def test_runs_without_a_value_are_counted(small: Any) -> None:
    runs = small.tables["runs"]
    runs.loc[(runs["replication"] == 1) & (runs["scenario"] == "kz-2023"), "enp_seats"] = np.nan
    figure = dose_response(small, "enp_seats", "law.registration.members")
    assert "2 runs have no value and are left out, not counted as 0" in said(figure, -1)
    assert "n = 3 to 4 runs" in said(figure, -1)
    assert "(low, n = 3)" in said(figure, 1)


def test_scenarios_that_differ_in_more_are_not_called_a_dose_alone(small: Any) -> None:
    small.observers = {"kz-2023": 0.5}
    figure = dose_response(small, setting="law.registration.members")
    assert "These scenarios differ in more than this setting" in said(figure, 1)
    assert {text.get_text() for text in figure.axes[0].texts} == {"kz-2023", "open"}
    assert "from 500 to 5,000" in said(figure, 0)


def test_without_a_dose_there_is_no_figure(small: Any) -> None:
    with pytest.raises(InputError, match="names no dose"):
        dose_response(small)
    small.observers = dict.fromkeys(small.scenarios, 0.5)
    with pytest.raises(InputError, match="has one value in all scenarios"):
        dose_response(small, setting=OBSERVERS)


def test_settings_are_called_by_their_titles() -> None:
    assert setting_label("law.list.threshold") == "share of votes a list needs to win seats"
    assert setting_label(OBSERVERS) == "share of stations with an independent observer"
    assert setting_label("practice.audit_zeal") == "audit zeal"
