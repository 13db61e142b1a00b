"""Figures of runs of decades: lives and descent, registered parties by year, and the funnel of the period counted."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.batch.execute import run
from sim.batch.store import Results
from sim.figures import _plates, figures_all, funnel, lineage, registered_by_year
from sim.figures.lineage import MOST
from sim.figures.registered_by_year import record
from sim.scenario.load import load
from sim.strict import InputError

SPAN = {"since": "2002-01-01", "until": "2009-01-01", "given_until": "2002-07-15", "counted_from": None}


class Fake:
    """Stands for a store of one scenario of decades, made up row by row."""

    def __init__(self, lives: list[dict[str, Any]], ties: list[dict[str, Any]]) -> None:
        keys = {"scenario": "a", "level": "low", "replication": 1}
        self.tables = {"lives": pd.DataFrame([keys | row for row in lives])}
        if ties:
            self.tables["lineage"] = pd.DataFrame([keys | row for row in ties])
        self.scenarios, self.levels, self.experiment = ["a"], ["low"], {}
        self.folder = Path("invented")
        self.planned = [{"scenario": "a", "level": "low", "settings": {"case": "kazakhstan", "decades": SPAN}}]

    def to_frame(self, table: str = "runs") -> pd.DataFrame:
        return self.tables.get(table, pd.DataFrame())


def life(party: str, registered: str | None, **more: Any) -> dict[str, Any]:
    row = {"party": party, "display": party.title(), "conduct": "pro_regime", "conduct_founded": "pro_regime"}
    row |= {"given": False, "status": "registered", "since": registered or "2003-01-01", "won_over": None}
    return row | {"formed": registered or "2003-01-01", "registered": registered} | more


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two scenarios of seven years with few voters, two runs each."""
    base = load("kz-1999-2026").vary("population.voters", 600, name="short", title="short")
    base = base.vary("decades", {"since": "2002-01-01", "until": "2009-01-01"}, name="short", title="short")
    bound = base.vary("practice.discretion", 0, name="short-bound")
    return run([base, bound], replications=2, into=tmp_path_factory.mktemp("store"), workers=1, progress=False)


def drawn(figure: Any, gid: str) -> list[Any]:
    return [line for ax in figure.axes for line in ax.lines if line.get_gid() == gid]


def test_every_figure_of_such_a_store_is_drawn_and_no_other(store: Results, tmp_path: Path) -> None:
    notes: list[str] = []
    files = figures_all(store, tmp_path, note=notes.append)
    assert notes == []
    assert {file.name for file in files} >= {
        "registered-by-year-low.png",
        "funnel-low.png",
        "lineage-short.png",
        "lineage-short-bound.png",
        "law-timeline-kazakhstan.png",
    }
    assert not any(file.name.startswith(("hemicycle", "map", "fingerprint", "pluralism", "seats")) for file in files)
    assert all(file.stat().st_size > 5000 for file in files)


def test_a_store_of_single_elections_has_none_of_them(small: Any) -> None:
    assert not any(name.startswith(("lineage", "registered-by-year")) for name in _plates(small))
    with pytest.raises(InputError, match='no rows in table "lives"'):
        lineage(small)
    with pytest.raises(InputError, match='no rows in table "years"'):
        registered_by_year(small)


def test_a_line_a_party_that_was_registered_and_the_others_are_counted(store: Results) -> None:
    lives = store.to_frame("lives")
    own = lives[(lives["scenario"] == "short") & (lives["replication"] == 2)]
    ever = own["registered"].notna()
    figure = lineage(store, "short", 2)
    assert len(figure.axes[0].get_yticks()) == ever.sum()
    assert f"{(~ever).sum()} groups that were never registered are left out" in figure.told["caption"]
    assert "replication 2" in figure.told["caption"]
    assert "Simulated" in figure.told["caption"]
    assert [line.get_xdata()[0] for line in drawn(figure, "election")] == pytest.approx([2004.72, 2007.63], abs=0.01)


def test_lives_end_where_parties_do_and_change_colour_where_leaders_are_won_over() -> None:
    store = Fake(
        [
            life("old", "1999-03-01", given=True),
            life("turned", "2003-01-01", conduct_founded="soft_opposition", won_over="2005-01-01"),
            life("gone", "2003-01-01", status="banned", since="2006-01-01", conduct="hard_opposition"),
            life("went", "2004-01-01", status="merged", since="2006-07-02", formed="2003-01-01"),
            life("never", None),
        ],
        [
            {"kind": "split", "source": "old", "target": "went", "day": "2003-01-01"},
            {"kind": "split", "source": "old", "target": "never", "day": "2003-01-01"},
            {"kind": "merger", "source": "went", "target": "old", "day": "2006-07-02"},
            {"kind": "renaming", "source": "Before", "target": "turned", "day": "2007-01-01"},
        ],
    )
    figure = lineage(store)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["Old", "Gone", "Turned", "Went"]
    spans = [(line.get_ydata()[0], *line.get_xdata()) for line in drawn(figure, "life")]
    wanted = [(0, 2002, 2009), (1, 2003, 2006), (2, 2003, 2005), (2, 2005, 2009), (3, 2004, 2006.5)]
    for found, expected in zip(sorted(spans), wanted, strict=True):
        assert found == pytest.approx(expected, abs=0.01)
    turned = [line.get_color() for line in drawn(figure, "life") if line.get_ydata()[0] == 2]
    assert len(set(turned)) == 2
    assert sorted(line.get_marker() for line in drawn(figure, "end")) == [">", "X"]
    assert [list(line.get_ydata()) for line in drawn(figure, "split")] == [[0, 3]]
    assert [list(line.get_ydata()) for line in drawn(figure, "merger")] == [[3, 0]]
    assert len(drawn(figure, "renaming")) == 1
    assert [list(line.get_xdata()) for line in drawn(figure, "way")] == [[2003, 2004]]
    assert "1 group that was never registered is left out, among them 1 that broke away" in figure.told["caption"]


def test_of_many_parties_those_registered_longest_have_a_row() -> None:
    lives = [life(f"p{n:03}", f"2003-01-{1 + n % 28:02}", status="merged", since="2003-03-01") for n in range(60)]
    figure = lineage(Fake([*lives, life("long", "2004-01-01")], []))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(names) == MOST
    assert "Long" in names
    assert f"{61 - MOST} parties that were registered for a shorter time have no row" in figure.told["caption"]
    assert "61 parties" in figure.told["title"]


def test_where_no_party_was_ever_registered_it_says_so() -> None:
    with pytest.raises(InputError, match="no party was ever registered"):
        lineage(Fake([life("never", None)], []))
    with pytest.raises(InputError, match="replication 7 is not held"):
        lineage(Fake([life("old", "1999-03-01")], []), replication=7)


@pytest.mark.parametrize("draw", [lineage, registered_by_year, funnel])
def test_no_word_leaves_the_sheet_or_lies_on_another(store: Results, draw: Callable[[Any], Figure]) -> None:
    figure = draw(store)
    figure.draw_without_rendering()
    ticks = [t for ax in figure.axes for t in ax.get_yticklabels() if t.get_visible()]
    texts = [*figure.texts, *ticks, *(t for ax in figure.axes for t in [*ax.texts, ax._left_title, ax.xaxis.label])]
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts if t.get_text() and t.get_window_extent().width]
    sheet = figure.bbox.padded(1)
    assert [
        word for word, box in boxes if not (sheet.contains(box.x0, box.y0) and sheet.contains(box.x1, box.y1))
    ] == []
    pairs = itertools.combinations(boxes, 2)
    assert [(a, b) for (a, one), (b, two) in pairs if one.padded(-1).overlaps(two.padded(-1))] == []


def test_means_and_bands_by_year_are_those_of_the_runs(store: Results) -> None:
    years = store.to_frame("years")
    figure = registered_by_year(store, "low")
    for ax, name in zip(figure.axes, ["short", "short-bound"], strict=True):
        own = years[years["scenario"] == name].groupby("year")["registered"].mean()
        line = next(line for line in ax.lines if line.get_gid() == "registered")
        assert list(line.get_ydata()) == own.tolist()
        assert list(line.get_xdata()) == [year + 0.5 for year in own.index]
        assert sum(part.get_gid() == "band" for part in ax.collections) == 2


def test_the_record_is_marked_by_what_a_fit_made_of_it(store: Results) -> None:
    figure = registered_by_year(store, "low")
    keys = {fact.key: fact for fact in record("kazakhstan")}
    points = [line for line in figure.axes[0].lines if line.get_gid() in keys]
    within = [fact for fact in keys.values() if date(2002, 1, 1) <= date.fromisoformat(fact.until) < date(2009, 1, 1)]
    assert [(line.get_gid(), line.get_ydata()[0]) for line in points] == [(fact.key, fact.value) for fact in within]
    assert {keys[line.get_gid()].use: line.get_marker() for line in points} == {"given": "s", "fitted": "P"}
    told = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"record, given", "record, fitted"} <= told
    assert "record, held out" not in told


def test_an_invented_country_has_no_record() -> None:
    assert record("textbook") == []


def test_the_funnel_tells_the_period_that_it_counts(store: Results, small: Any) -> None:
    figure = funnel(store, "low")
    assert "Groups that formed from 2002-07-15 to 2009-01-01" in figure.told["caption"]
    assert "Groups that formed" not in funnel(small, "low").told["caption"]
