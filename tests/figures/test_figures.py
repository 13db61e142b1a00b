"""Figures say what they show, show every value once, and keep their words readable and on the sheet."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim import cases
from sim.analysis.compare import compare
from sim.figures import (
    dose_response,
    fingerprint,
    forest,
    funnel,
    hemicycle,
    law_timeline,
    pluralism,
    save,
    seats_votes,
    style,
    tilemap,
    true_official,
)
from sim.figures.forest import _numbers, reach
from sim.figures.funnel import STAGES
from sim.figures.hemicycle import leader, seat_places
from sim.strict import InputError


def words(figure: Figure) -> list[str]:
    """Title, subtitle and caption."""
    return [text.get_text() for text in figure.texts]


def said(figure: Figure) -> str:
    return " ".join(" ".join(words(figure)).split())


def labels(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def seats_drawn(figure: Figure) -> int:
    return sum(len(c.get_offsets()) for c in figure.axes[0].collections if c.get_gid() == "seats")


DRAWN = {
    "hemicycle": lambda r: hemicycle(r, "kz-2023"),
    "hemicycle of many": lambda r: hemicycle(r, "kz-2023-open", "high"),
    "forest": lambda r: forest(r),
    "forest of two": lambda r: forest(r, ["enp_seats", "enp_autonomous"]),
    "funnel": lambda r: funnel(r),
    "fingerprint": lambda r: fingerprint(r),
    "tilemap": lambda r: tilemap(r, "kz-2023", value="official_leader_share"),
    "seats and votes": lambda r: seats_votes(r),
    "seats and votes of two": lambda r: seats_votes(r, ["kz-2023", "kz-2023-open"], "low"),
    "pluralism": lambda r: pluralism(r),
    "true and official": lambda r: true_official(r),
    "dose-response": lambda r: dose_response(r, setting="mechanism.observers.share"),
    "law": lambda r: law_timeline(),
    "law of the invented country": lambda r: law_timeline("textbook"),
}
SIMULATED = [name for name in DRAWN if not name.startswith("law")]


@pytest.mark.parametrize("name", DRAWN)
def test_no_word_leaves_the_sheet(results: Any, name: str) -> None:
    figure = DRAWN[name](results)
    figure.draw_without_rendering()
    sheet = figure.bbox.padded(1)
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent()
            if box.width:  # tick labels outside their axis have none
                assert sheet.contains(box.x0, box.y0), text.get_text()
                assert sheet.contains(box.x1, box.y1), text.get_text()


@pytest.mark.parametrize("name", DRAWN)
def test_no_word_lies_on_another(results: Any, name: str) -> None:
    figure = DRAWN[name](results)
    figure.draw_without_rendering()
    texts = [*figure.texts, *(t for ax in figure.axes for t in [*ax.texts, ax.title, ax._left_title, ax.xaxis.label])]
    there = [(t.get_text(), t.get_window_extent().padded(-1)) for t in texts if t.get_text()]
    touching = [(a, b) for (a, one), (b, two) in itertools.combinations(there, 2) if one.overlaps(two)]
    assert touching == []


@pytest.mark.parametrize("name", SIMULATED)
def test_a_caption_says_that_it_is_simulated_and_on_how_many_runs_it_rests(results: Any, name: str) -> None:
    caption = " ".join(words(DRAWN[name](results))[-1].split())
    assert caption.startswith("Simulated")
    assert "interval" in caption
    assert "n = " in caption or "One run each" in caption


def test_a_chamber_has_a_dot_a_seat_and_says_who_leads(results: Any) -> None:
    parties = results.to_frame("parties").query("scenario == 'kz-2023' and level == 'low' and replication == 1")
    figure = hemicycle(results, "kz-2023")
    total, first = parties["seats"].sum(), parties.set_index("party")["seats"]["amanat_1999"]
    assert seats_drawn(figure) == total
    assert words(figure)[0] == f"kz-2023: Amanat holds {first} of {total} seats"
    assert "Independents: 7" in labels(figure)
    assert not any(label.startswith("Baytaq") for label in labels(figure))  # on the ballot, without a seat
    assert "48 % of the votes cast, 54 % officially" in said(figure)
    assert "not party branding" in said(figure)


def test_a_name_too_long_for_its_label_is_cut_between_words(results: Any) -> None:
    assert "A party with a very ...: 1" in labels(hemicycle(results, "kz-2023-open"))


def test_more_groups_than_labels_have_room_for_stand_together_by_conduct(small: Any) -> None:
    parties = small.tables["parties"].query("scenario == 'kz-2023' and level == 'low' and replication == 1")
    more = [{"party": f"group_{i}", "display": f"Group of {i}", "seats": 1 + i % 2} for i in range(16)]
    groups = pd.DataFrame(more).assign(conduct=["unknown", "soft_opposition"] * 8, origin="latent")
    for column in ("key", "scenario", "level", "replication"):
        groups[column] = parties[column].iloc[0]
    small.tables["parties"] = pd.concat([parties, groups])
    figure = hemicycle(small, "kz-2023")
    assert "8 new, soft opposition: 16" in labels(figure)
    assert "8 new, conduct unknown: 8" in labels(figure)
    assert seats_drawn(figure) == parties["seats"].sum() + 24
    assert "though they are separate parties" in said(figure)


def test_vacant_seats_are_empty_circles(small: Any) -> None:
    small.tables["runs"]["unfilled_seats"] = 12
    figure = hemicycle(small, "kz-2023")
    *_, vacant = [c for c in figure.axes[0].collections if c.get_gid() == "seats"]
    assert len(vacant.get_offsets()) == 12
    assert tuple(vacant.get_facecolor()[0]) == (1, 1, 1, 1)
    assert "Vacant: 12" in labels(figure)


def test_of_a_chamber_without_list_seats_no_list_vote_is_told(small: Any) -> None:
    small.tables["parties"]["list_seats"] = 0
    figure = hemicycle(small, "kz-2023")
    assert "No seats are filled from lists" in said(figure)
    assert "of the votes cast" not in said(figure)


def test_a_chamber_with_missing_seats_is_not_drawn(small: Any) -> None:
    small.tables["parties"]["seats"] = small.tables["parties"]["seats"].astype(float).where(lambda s: s != 1)
    with pytest.raises(InputError, match="seats are missing"):
        hemicycle(small, "kz-2023")


def test_a_chamber_can_be_drawn_into_axes(small: Any) -> None:
    sheet = style.Sheet(figsize=(8, 5))
    ax = sheet.add_subplot()
    assert hemicycle(small, "kz-2023", ax=ax) is sheet
    assert "Amanat holds" in ax.get_title(loc="left")


def crossing(one: Any, two: Any) -> bool:
    """Whether two lines of many short pieces cross."""

    def side(p: Any, q: Any, r: Any) -> Any:
        return np.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    pieces = [list(itertools.pairwise(np.column_stack(line))) for line in (one, two)]
    return any(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for (a, b), (c, d) in itertools.product(*pieces)
    )


@pytest.mark.parametrize("small_parties", [0, 6, 10])
def test_no_two_lines_of_a_chamber_cross_and_none_touches_a_seat(small: Any, small_parties: int) -> None:
    parties = small.tables["parties"].query("scenario == 'kz-2023' and level == 'low' and replication == 1")
    kept = parties.head(12 - small_parties)
    more = pd.DataFrame([{"party": f"p{i}", "display": f"Party {i}", "seats": 1} for i in range(small_parties)])
    more = more.assign(conduct="hard_opposition", origin="case")
    for column in ("key", "scenario", "level", "replication"):
        more[column] = parties[column].iloc[0]
    small.tables["parties"] = pd.concat([kept, more])
    lines = [line.get_data() for line in hemicycle(small, "kz-2023").axes[0].lines if line.get_gid() == "leader"]
    assert len(lines) >= 5
    assert not any(crossing(one, two) for one, two in itertools.combinations(lines, 2))
    assert all(np.hypot(x, y).min() > 1.05 for x, y in lines)


def test_a_line_to_a_label_below_the_left_end_goes_the_short_way() -> None:
    x, y = leader(3.0, -1.14, -0.03)
    assert np.all(x < -1)
    assert np.hypot(np.diff(x), np.diff(y)).sum() < 0.3


@pytest.mark.parametrize("seats", [1, 2, 5, 47, 98, 107, 450])
def test_seats_stand_apart_and_in_order(seats: int) -> None:
    angles, radii, gap = seat_places(seats)
    assert len(angles) == seats
    assert np.all(np.diff(angles) <= 1e-12)
    places = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    apart = [math.dist(a, b) for a, b in itertools.combinations(places, 2)]
    assert min(apart, default=1) > 0.7 * min(gap, 1)


def test_a_narrow_interval_is_printed_with_its_width() -> None:
    assert _numbers(-0.0047, -0.0072, -0.0021, 1) == "−0.005 [−0.007, −0.002]"
    assert _numbers(-5.95, -6.41, -5.49, 1) == "−6.0 [−6.4, −5.5]"
    assert _numbers(0.0, 0.0, 0.0, 2) == "0.00 [0.00, 0.00]"


def test_a_scenario_that_the_levels_move_to_opposite_sides_does_not_differ_clearly(small: Any) -> None:
    runs = small.tables["runs"]
    other = runs["scenario"] == "kz-2023-open"
    runs["enp_seats"] = np.where(other, np.where(runs["level"] == "low", 2.0, 4.0), 3.0)
    assert "none of 1 scenarios clearly differ from kz-2023" in said(forest(small, "enp_seats"))
    runs["enp_seats"] = np.where(other, 4.0, 3.0)
    assert "1 of 1 scenarios clearly differs from kz-2023" in said(forest(small, "enp_seats"))


def test_a_forest_in_which_nothing_moves_names_no_largest_change(small: Any) -> None:
    small.tables["runs"]["enp_seats"] = 3.0
    assert "No scenario changes the mean of effective parties, by seats" in said(forest(small, "enp_seats"))


def test_a_forest_has_a_row_a_scenario_and_a_marker_a_level(results: Any) -> None:
    figure = forest(results)
    ax = figure.axes[0]
    assert words(figure)[0] == "Seats of autonomous parties: 3 of 5 scenarios clearly differ from kz-2023"
    assert ax.get_yticklabels()[0].get_text() == "open"
    assert len(ax.get_yticks()) == len(results.scenarios) - 1
    markers = [line.get_marker() for line in ax.lines if line.get_marker() not in ("None", None, "")]
    assert sorted(set(markers)) == ["D", "o"]
    assert len(markers) == 2 * (len(results.scenarios) - 1)
    assert "n = 20 pairs" in said(figure)
    assert "percentage points" in ax.get_xlabel()


def test_pairs_without_a_value_are_counted_and_never_zero(small: Any) -> None:
    runs = small.tables["runs"]
    other = runs["scenario"] == "kz-2023-open"
    runs.loc[other & (runs["level"] == "low"), "enp_autonomous"] = None
    runs.loc[other & (runs["level"] == "high") & (runs["replication"] == 1), "enp_autonomous"] = None
    runs["enp_autonomous"] = runs["enp_autonomous"].astype(float)
    figure = forest(small, "enp_autonomous")
    assert "no value in any pair  n 0" in labels(figure)
    assert any(label.endswith("n 3") for label in labels(figure))
    assert "5 pairs had no value and are left out, not counted as 0" in said(figure)


def test_two_outcomes_stand_side_by_side(small: Any) -> None:
    figure = forest(small, ["enp_seats", "autonomous_seat_share_middle"])
    assert len(figure.axes) == 2
    assert "effective parties, by seats" in figure.axes[0].get_xlabel()


def test_where_one_effect_squeezes_the_others_they_are_drawn_again_enlarged(results: Any) -> None:
    figure = forest(results)
    whole, near = figure.axes
    assert whole.get_title(loc="left") == "whole range"
    assert near.get_title(loc="left") == "the same, enlarged"
    found = compare(results, "autonomous_seat_share_middle").to_frame().query("kind == 'difference'")
    small = found[~found["scenario"].isin(["kz-2023-open", "kz-2023-bound-registrar"])]
    low, high = near.get_xlim()
    assert low < 100 * small["low"].min()
    assert 100 * small["high"].max() < high < 0.5 * whole.get_xlim()[1]
    arrows = [line for line in near.lines if line.get_gid() == "beyond"]
    beyond = found["difference"] * 100 > high
    assert len(arrows) == beyond.sum() > 0
    assert all(arrow.get_marker() == ">" for arrow in arrows)
    drawn = sorted(float(line.get_xdata()[0]) for line in whole.lines if line.get_marker() in ("o", "D"))
    np.testing.assert_allclose(drawn, sorted(100 * found["difference"]))
    assert "an arrow at its edge lies beyond it" in said(figure)


def test_effects_of_like_size_need_no_second_panel(small: Any) -> None:
    assert len(forest(small).axes) == 1
    frame = pd.DataFrame({"scenario": list("aabb"), "difference": [10.0, 9.0, 3.0, 0.0]})
    frame = frame.assign(low=frame["difference"] - 1, high=frame["difference"] + 1)
    assert reach(frame) is None
    assert reach(frame.assign(difference=[10.0, 9.0, 0.5, -0.5], low=[9.0, 8, 0, -1], high=[11.0, 10, 1, 0])) == (-1, 1)
    assert reach(frame.assign(difference=[10.0, 9.0, 0, 0], low=[9.0, 8, 0, 0], high=[11.0, 10, 0, 0])) is None


def test_a_forest_is_in_the_order_of_the_mean_over_the_levels(results: Any) -> None:
    names = [label.get_text() for label in forest(results).axes[0].get_yticklabels()]
    found = compare(results, "autonomous_seat_share_middle").to_frame().query("kind == 'difference'")
    means = found.groupby("scenario")["difference"].mean()
    expected = means.sort_values(ascending=False).index.str.removeprefix("kz-2023-").str.replace("-", " ")
    assert names == list(expected)


def test_a_funnel_has_a_panel_a_scenario_on_the_same_axes(results: Any) -> None:
    figure = funnel(results)
    assert [ax.get_title(loc="left") for ax in figure.axes] == results.scenarios
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert "registered a run in" in words(figure)[0]
    held = results.to_frame("funnel").query("scenario == 'kz-2023' and level == 'low' and conduct == 'pro_regime'")
    expected = held.groupby("stage")["groups"].mean()[list(STAGES)]
    drawn = next(line for line in figure.axes[0].lines if line.get_marker() == "s" and len(line.get_ydata()) == 6)
    np.testing.assert_allclose(np.asarray(drawn.get_ydata(), float), expected)


def test_a_funnel_of_like_scenarios_says_so(small: Any) -> None:
    table = small.tables["funnel"]
    base = table[table["scenario"] == "kz-2023"]
    small.tables["funnel"] = pd.concat([base, base.assign(scenario="kz-2023-open")])
    assert "registered a run in every scenario" in said(funnel(small))


def test_a_run_in_which_no_group_formed_counts_as_none(small: Any) -> None:
    table = small.tables["funnel"]
    small.tables["funnel"] = table[table["replication"] != 1]
    held = small.tables["funnel"].query("scenario == 'kz-2023' and level == 'low' and conduct == 'pro_regime'")
    expected = held.query("stage == 'formed'")["groups"].sum() / 4
    drawn = next(line for line in funnel(small).axes[0].lines if line.get_marker() == "s")
    assert float(np.asarray(drawn.get_ydata(), float)[0]) == pytest.approx(expected)


def test_a_missing_count_of_groups_is_left_out(small: Any) -> None:
    groups = small.tables["funnel"]["groups"].astype(float)
    groups[(small.tables["funnel"]["replication"] == 1)] = np.nan
    small.tables["funnel"]["groups"] = groups
    assert "missing counts are left out, not counted as 0" in said(funnel(small))


def test_a_fingerprint_shows_each_level_and_one_without_fraud(results: Any) -> None:
    figure = fingerprint(results)
    titles = [ax.get_title(loc="left") for ax in figure.axes[:3]]
    assert titles[0].startswith("kz-2023, level low")
    assert titles[1].startswith("kz-2023, level high")
    assert titles[2].startswith("kz-2023-open, level low")
    assert titles[2].splitlines()[1].startswith("0 % joined")
    assert "10,000 simulated stations" in words(figure)[0]
    assert "they are not evidence about real stations" in said(figure)


def test_every_voter_of_a_counted_station_is_in_a_fingerprint(small: Any) -> None:
    stations = small.tables["stations"]
    stations.loc[stations["station"] == 0, ["given", "cast", "leader"]] = 0
    figure = fingerprint(small, [("kz-2023", "low")])
    mesh = figure.axes[0].collections[0]
    counted = stations.query("scenario == 'kz-2023' and level == 'low' and station != 0")["voters"].sum()
    assert np.ma.sum(mesh.get_array()) == counted
    assert "1 stations without voters or votes are left out" in said(figure)


def test_without_station_rows_there_is_no_fingerprint(small: Any) -> None:
    del small.tables["stations"]
    with pytest.raises(InputError, match='no rows in table "stations"'):
        fingerprint(small)


def test_a_map_has_every_region_of_the_day_once_and_marks_its_cities(results: Any) -> None:
    figure = tilemap(results, "kz-2023")
    ax = figure.axes[0]
    assert len(ax.patches) == 20
    assert len({tile.get_xy() for tile in ax.patches}) == 20
    assert sum(tile.get_linewidth() > 2 for tile in ax.patches) == 3
    assert "cities (Almaty, Astana, Shymkent)" in said(figure)
    assert words(figure)[0].startswith("kz-2023: official turnout from 25 % in Almaty ")
    mean = results.to_frame("regions").query("scenario == 'kz-2023' and level == 'low' and region == 'KZ-23'")
    assert f"{100 * mean['official_turnout'].mean():.1f}" in labels(figure)


def test_an_older_map_has_the_regions_and_names_of_its_day(small: Any) -> None:
    small.election = "2012"
    figure = tilemap(small, "kz-2023")
    assert len(figure.axes[0].patches) == 16  # before Shymkent left and three more were cut
    assert {"South\nKazakhstan", "Astana"} <= set(labels(figure))
    assert "Regions without a tile: KZ-10, KZ-33, KZ-62, KZ-79" in said(figure)


def test_any_case_with_tiles_has_a_map(tebria: Any) -> None:
    figure = tilemap(tebria, "kz-2023")
    assert len(figure.axes[0].patches) == 5
    assert {"Tavessa", "Eddermoor", "Saltreach"} <= set(labels(figure))


def test_a_case_without_tiles_has_no_map(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "about", lambda case: {"title": case, "fictional": False})
    with pytest.raises(InputError, match="has no tiles"):
        tilemap(small, "kz-2023")


def test_a_region_without_a_value_is_hatched(small: Any) -> None:
    regions = small.tables["regions"]
    regions.loc[regions["region"] == "KZ-62", "official_turnout"] = None
    figure = tilemap(small, "kz-2023")
    assert labels(figure).count("no value") == 1
    assert sum(bool(tile.get_hatch()) for tile in figure.axes[0].patches) == 1
    assert "missing and left out" in said(figure)


def test_no_map_shows_manipulation_by_region(results: Any) -> None:
    with pytest.raises(InputError, match="no value"):
        tilemap(results, "kz-2023", "high", "gap")


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda r: hemicycle(r, "kz-2032"), "Did you mean 'kz-2023'"),
        (lambda r: hemicycle(r, "kz-2023", "hihg"), "Did you mean 'high'"),
        (lambda r: hemicycle(r, "kz-2023", replication=99), "held: 1, 2, 3, 4"),
        (lambda r: tilemap(r, "kz-2023", value="trunout"), "known: official_turnout"),
        (lambda r: tilemap(r, "kz-2023", value="true_turnout"), "says nothing about a real region"),
        (lambda r: forest(r, "enp_seat"), "enp_seats"),
    ],
)
def test_a_wrong_name_is_answered_with_what_there_is(small: Any, draw: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        draw(small)


def contrast(one: Any, two: Any) -> float:
    def luminance(colour: Any) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear)) + 0.05

    light, dark = sorted([luminance(one), luminance(two)], reverse=True)
    return light / dark


def test_text_can_be_read_on_every_colour_of_the_map_and_on_white() -> None:
    tints = colormaps["cividis"](np.linspace(0, 1, 101))
    assert min(contrast(style.ink_on(tuple(c)), c[:3]) for c in tints) >= 4.5
    assert min(contrast(ink, "white") for ink in (style.INK, style.SOFT_INK)) >= 7


def test_parties_without_a_documented_colour_still_differ() -> None:
    looks = style.party_looks(["amanat_1999", *(f"latent_{i}" for i in range(30))])
    assert len(set(looks.values())) == 31


def test_a_namesake_of_another_year_does_not_look_like_a_documented_party() -> None:
    looks = style.party_looks(["amanat_1999", "auyl_2002", "auyl_1991", "otan", "adilet_2004", "steady_course_1996"])
    documented = {style.PARTY_LOOKS["amanat_1999"], style.PARTY_LOOKS["auyl_2002"]}
    assert documented == {looks["amanat_1999"], looks["auyl_2002"]}
    assert not documented & {looks[key] for key in ("auyl_1991", "otan", "adilet_2004", "steady_course_1996")}
    markers = {look.marker for look in style.PARTY_LOOKS.values()}
    assert not markers & {looks[key].marker for key in ("auyl_1991", "otan", "adilet_2004", "steady_course_1996")}


def test_pale_marks_have_an_edge_that_stands_out() -> None:
    assert style.edge("#F0E442") == style.INK
    assert style.edge("#0072B2") == "#0072B2"


def test_a_key_too_wide_for_one_line_has_several(results: Any) -> None:
    looks = style.party_looks([f"party_{i}" for i in range(20)])
    figure = style.sheet("A", "b", key={f"A party of some length {i}": look for i, look in enumerate(looks.values())})
    figure.draw_without_rendering()
    (drawn,) = figure.legends
    assert [text.get_text() for text in drawn.get_texts()] != []
    box = drawn.get_window_extent()
    assert box.x1 < figure.bbox.x1
    assert box.y1 < figure.texts[0].get_window_extent().y0


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_a_file_tells_its_title_in_its_own_words(small: Any, tmp_path: Any, ending: str) -> None:
    written = save(pluralism(small), tmp_path / f"a.{ending}").read_bytes()
    title = "More effective parties than in kz-2023"
    assert title.encode() in written or title.encode("utf-16-be") in written


def test_labels_are_spread_no_further_than_needed() -> None:
    assert style.spread([0.0, 5.0, 9.0], 1.0) == [0.0, 5.0, 9.0]
    assert style.spread([1.0, 1.0, 1.0], 1.0) == [0.0, 1.0, 2.0]
    assert style.spread([0.0, 0.0], 1.0, lowest=0.0) == [0.0, 1.0]
    assert style.spread([], 1.0) == []
    assert style.spread([0.9, 1.0], 0.5, lowest=0.0, highest=1.0) == [0.5, 1.0]


@pytest.mark.parametrize(("value", "text"), [(0.04, "0.0"), (-0.04, "0.0"), (3.14, "+3.1"), (-2.0, "−2.0")])
def test_differences_carry_their_sign(value: float, text: str) -> None:
    assert style.signed(value) == text


@pytest.mark.parametrize("ending", style.FORMATS)
def test_files_are_the_same_bytes_each_time(small: Any, tmp_path: Any, ending: str) -> None:
    one, two = (save(hemicycle(small, "kz-2023"), tmp_path / f"{i}.{ending}").read_bytes() for i in range(2))
    assert one == two


def test_an_unknown_ending_is_refused(small: Any, tmp_path: Any) -> None:
    with pytest.raises(InputError, match="png, svg or pdf"):
        save(hemicycle(small, "kz-2023"), tmp_path / "a.gif")


def test_a_notebook_shows_a_figure(small: Any) -> None:
    assert hemicycle(small, "kz-2023")._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_the_package_alone_does_not_load_matplotlib() -> None:
    code = "import sim, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_frames_stay_as_they_were(small: Any) -> None:
    before = {name: frame.copy() for name, frame in small.tables.items()}
    for draw in (lambda: hemicycle(small, "kz-2023"), lambda: funnel(small), lambda: tilemap(small, "kz-2023")):
        draw()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, small.tables[name])
