"""Paired comparison: figures worked by hand, the t interval of scipy, and honesty about what is missing."""

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.compare import CAUTION, INVENTED, RESAMPLES, bootstrap_interval, compare, t_interval
from sim.analysis.outcomes import figure
from sim.analysis.summary import summarise
from sim.strict import InputError


def results(values, *, level="low", experiment=None, settings=None, **others):
    """A store in memory: {scenario: {seed: enp}}, and other outcomes as {name: {scenario: {seed: value}}}.

    ``settings`` are those of each scenario, where a test looks at them.
    """
    rows = []
    for scenario, seeds in values.items():
        for seed, value in seeds.items():
            row = {"key": f"{scenario}{seed}", "scenario": scenario, "level": level, "replication": seed}
            row |= {"society": seed, "history": seed, "status": "done", "error": None, "stations_kept": False}
            row["enp_seats"] = np.nan if value is None else float(value)
            row |= {name: float(table[scenario][seed]) for name, table in others.items()}
            rows.append(row)
    frame = pd.DataFrame(rows)
    planned = [
        {"scenario": name, "level": level, "replications": len(seeds)}
        | ({"settings": {"name": name, **settings[name]}} if settings else {})
        for name, seeds in values.items()
    ]
    return SimpleNamespace(
        folder="results/x",
        experiment=experiment or {},
        scenarios=list(values),
        levels=[level],
        planned=planned,
        to_frame=lambda table="runs": frame,
    )


def seeds(*values):
    return dict(enumerate(values, start=1))


def test_a_comparison_worked_by_hand():
    found = compare(results({"base": seeds(1, 2, 3, 4), "fair": seeds(2, 4, 3, 7)}), "enp_seats", "base")
    (row,) = found.rows
    # differences 1 2 0 3: mean 1.5, sum of squares about it 5, sd sqrt(5/3), standard error sqrt(5/12), t(3) 3.182446
    assert (row.mean, row.mean_against, row.difference) == (4.0, 2.5, 1.5)
    assert row.low == pytest.approx(1.5 - 3.182446 * (5 / 12) ** 0.5, abs=1e-6)
    assert row.high == pytest.approx(1.5 + 3.182446 * (5 / 12) ** 0.5, abs=1e-6)
    assert (row.higher, row.lower, row.higher_share) == (3, 0, 0.75)
    assert (row.shared, row.used, row.missing, row.missing_against, row.same) == (4, 4, 0, 0, False)
    assert 0 <= row.boot_low < 1.5 < row.boot_high <= 3
    assert found.notes[-1] == CAUTION


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30))
def test_the_t_interval_is_that_of_scipy(values):
    d = np.array(values)
    ours = t_interval(d)
    if d.std(ddof=1) > 0:
        theirs = stats.t.interval(0.95, d.size - 1, loc=d.mean(), scale=stats.sem(d))
        assert ours == pytest.approx(tuple(theirs), abs=1e-9)
    else:
        assert ours[0] == ours[1] == d.mean()


def test_the_bootstrap_agrees_with_scipy_and_is_the_same_every_time():
    d = np.random.default_rng(3).exponential(size=40)
    ours = bootstrap_interval(d)
    theirs = stats.bootstrap((d,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05)
    assert bootstrap_interval(d) == ours
    assert RESAMPLES == 2000


def test_the_bootstrap_is_the_same_in_blocks(monkeypatch):
    d = np.random.default_rng(3).normal(size=11)
    whole = bootstrap_interval(d)
    monkeypatch.setattr("sim.analysis.compare._AT_ONCE", 11 * 300)
    assert bootstrap_interval(d) == whole


def test_the_order_of_rows_does_not_matter():
    one = results({"a": seeds(1, 2, 4), "b": seeds(2, 2, 7)})
    other = results({"a": {3: 4, 1: 1, 2: 2}, "b": {2: 2, 3: 7, 1: 2}})
    assert compare(one, against="a").to_json() == compare(other, against="a").to_json()


def test_missing_values_are_counted_and_told():
    found = compare(results({"base": seeds(1, None, 3, 4), "fair": seeds(2, 4, None, None)}), "enp_seats", "base")
    (row,) = found.rows
    assert (row.shared, row.used, row.missing, row.missing_against) == (4, 1, 2, 1)
    assert row.difference is row.low is row.boot_low is None
    assert "no value in 2 of 4 seeds of fair and 1 of base (too few left to compare)" in found.notes[0]
    assert json.loads(found.to_json())["differences"][0]["difference"] is None
    assert "none" in found.to_text()


def test_fewer_than_two_shared_seeds_are_refused():
    with pytest.raises(InputError, match=r"^compare needs at least 2 shared seeds; found 1\.$"):
        compare(results({"a": {1: 1.0, 2: 1.0}, "b": {2: 1.0, 3: 1.0}}), against="a")


def test_unshared_seeds_are_told():
    found = compare(results({"a": dict.fromkeys(range(50), 1.0), "b": dict.fromkeys(range(20, 60), 2.0)}), against="a")
    assert any("share 30 of 60 seeds; compared on those 30." in note for note in found.notes)


def test_equal_differences_are_flagged():
    found = compare(results({"a": seeds(1, 2, 3), "b": seeds(1, 2, 3), "c": seeds(1.1, 2.1, 3.1)}), against="a")
    zero, tenth = found.rows
    assert zero.same
    assert (zero.low, zero.difference, zero.high) == (0, 0, 0)
    assert tenth.same
    assert tenth.difference == pytest.approx(0.1)
    assert "with 3 seeds, a difference that comes in up to 63% of seeds can go unseen" in " ".join(found.notes)
    assert "all seeds equal" in found.to_text()


def test_differences_in_few_seeds_are_flagged():
    found = compare(results({"a": seeds(1, 2, 3, 4, 5), "b": seeds(1, 2, 3, 4, 9)}), against="a")
    assert (found.rows[0].higher, found.rows[0].lower, found.rows[0].same) == (1, 0, False)
    assert "enp_seats of b (level low, 1 of 5)" in found.notes[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "none"), (0.0, "0"), (1234567.8, "+1,234,568"), (123.4, "+123"), (2.345, "+2.35"), (-0.0412, "-0.0412"),
     (3.4e-5, "+0.000034"), (-2e-7, "-2e-07")],
)  # fmt: skip
def test_figures_are_written_for_reading(value, said):
    assert figure(value, signed=True) == said


def test_unknown_names_are_told_with_the_nearest():
    store = results({"base": seeds(1, 2), "fair": seeds(1, 2)})
    with pytest.raises(InputError) as fault:
        compare(store, ["enp_seat", "gallager"], "base")
    assert 'unknown outcome "enp_seat". Did you mean "enp_seats"?' in str(fault.value)
    assert 'unknown outcome "gallager"' in str(fault.value)
    with pytest.raises(InputError, match=r'unknown scenario "bas"\. Did you mean "base"'):
        compare(store, against="bas")
    with pytest.raises(InputError, match="at least 2 scenarios"):
        compare(results({"base": seeds(1, 2)}))


def test_what_is_compared_by_default():
    table = {"base": seeds(1, 2), "fair": seeds(2, 4)}
    store = results(table, experiment={"primary": "turnout_gap", "against": "fair"}, turnout_gap=table, unnamed=table)
    found = compare(store)
    assert found.against == "fair"
    assert [row.outcome for row in found.rows] == ["turnout_gap", "enp_seats"]
    assert compare(store, against=SimpleNamespace(name="base")).against == "base"
    assert compare(results(table)).against == "base"


def test_text_fits_and_frames_hold_the_same():
    rng = np.random.default_rng(1)
    long = "the_registrar_bound_by_the_law_and_courts_that_hear_every_appeal_in_time"
    table = {name: seeds(*rng.normal(120_000, 9000, 20)) for name in ("baseline", "fair", long)}
    found = compare(results(table), against="baseline")
    text = found.to_text(80)
    assert max(map(len, text.splitlines())) <= 80
    for said in (long, "baseline", " of 20"):
        assert said in text
    frame = found.to_frame()
    assert frame["difference"].tolist() == [row.difference for row in found.rows]
    assert found.to_csv().splitlines()[0].startswith("outcome,level,scenario,against,mean")
    assert str(found) == text


SQUARE = {
    "base": seeds(1, 2, 3, 4),
    "open": seeds(2, 2, 4, 5),
    "fair": seeds(1, 3, 3, 6),
    "both": seeds(4, 5, 5, 9),
}
WORLDS = {
    "base": {"members": 5000, "discretion": 1},
    "open": {"members": 500, "discretion": 1},
    "fair": {"members": 5000, "discretion": 0},
    "both": {"members": 500, "discretion": 0},
}
ENTRY = {"first": "open", "second": "fair", "both": "both"}


def of(found, kind):
    return [row for row in found.rows if row.kind == kind]


@pytest.mark.parametrize("way", ["experiment", "asked"])
def test_an_interaction_worked_by_hand(way):
    if way == "experiment":
        found = compare(results(SQUARE, experiment={"against": "base", "interactions": [ENTRY]}))
    else:
        found = compare(results(SQUARE), interactions=[("open", "fair", "both")])
    (row,) = of(found, "interaction")
    # both - open - fair + base: 4-2-1+1, 5-2-3+2, 5-4-3+3, 9-5-6+4 = 2 2 1 2: mean 7/4, sd 1/2, standard error 1/4
    assert row.difference == pytest.approx(1.75)
    assert (row.low, row.high) == pytest.approx((1.75 - 3.182446 / 4, 1.75 + 3.182446 / 4), abs=1e-6)
    assert row.mean == pytest.approx(23 / 4)
    assert row.mean_against == pytest.approx((13 + 13 - 10) / 4)
    assert (row.scenario, row.against, row.change) == ("both", "open + fair - base", "open x fair")
    assert (row.higher, row.shared, row.used) == (4, 4, 4)
    assert "interaction open x fair" in found.to_text()
    assert "interaction" in found.to_frame()["kind"].tolist()
    assert '"kind": "interaction"' in found.to_json()
    assert ",interaction,open x fair" in found.to_csv()
    assert "interaction open x fair" in found.to_latex()
    assert "interaction open x fair" in found._repr_html_()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.floats(-5, 5)] * 3), min_size=2, max_size=12))
def test_effects_that_add_up_do_not_interact(columns):
    base, first, second = (dict(enumerate(column)) for column in zip(*columns, strict=True))
    both = {seed: first[seed] + second[seed] - base[seed] for seed in base}
    store = results({"base": base, "open": first, "fair": second, "both": both})
    (row,) = of(compare(store, interactions=[("open", "fair", "both")]), "interaction")
    assert row.difference == pytest.approx(0, abs=1e-9)


def test_an_interaction_counts_seeds_without_a_value_on_either_side():
    values = SQUARE | {"fair": seeds(1, None, 3, 6), "both": seeds(4, 5, None, 9)}
    found = compare(results(values), interactions=[("open", "fair", "both")])
    (row,) = of(found, "interaction")
    assert (row.shared, row.used, row.missing, row.missing_against) == (4, 2, 1, 1)
    assert row.difference == pytest.approx(2)
    assert "1 of 4 seeds of both and 1 of open + fair - base (2 used)" in " ".join(found.notes)


def test_an_interaction_is_paired_on_the_seeds_of_all_four():
    values = SQUARE | {"both": {2: 5, 3: 5, 4: 9, 5: 1}}
    (row,) = of(compare(results(values), interactions=[("open", "fair", "both")]), "interaction")
    assert (row.shared, row.difference) == (3, pytest.approx(5 / 3))


def test_an_interaction_that_cannot_be_read_is_told():
    store = results(SQUARE)
    with pytest.raises(InputError, match=r'unknown scenario "opne"\. Did you mean "open"'):
        compare(store, interactions=[("opne", "fair", "both")])
    with pytest.raises(InputError, match='"open" stands in it more than once'):
        compare(store, interactions=[("open", "open", "both")])
    part = {name: SQUARE[name] for name in ("base", "open")}  # a folder that holds a part of the experiment
    assert not of(compare(results(part, experiment={"interactions": [ENTRY]})), "interaction")


def test_the_effect_of_a_lever_wherever_it_is_moved_and_on_average():
    found = compare(results(SQUARE, settings=WORLDS))
    steps = {(row.change, row.against): row.difference for row in of(found, "step")}
    assert steps == {("open", "fair"): pytest.approx(10 / 4), ("fair", "open"): pytest.approx(10 / 4)}
    averages = {row.change: row for row in of(found, "average")}
    # open: alone 3/4, on top of fair 10/4; by seed (1+3)/2 (0+2)/2 (1+2)/2 (1+3)/2 = 2 1 1.5 2
    assert averages["open"].difference == pytest.approx(13 / 8)
    assert averages["open"].higher == 4
    assert averages["fair"].difference == pytest.approx((3 / 4 + 10 / 4) / 2)
    assert set(found.changes["both"]) == {"members 5,000 -> 500", "discretion 1 -> 0"}
    text = found.to_text()
    assert "open: members 5,000 -> 500" in text
    assert "open on top of fair" in text
    assert "fair, average over 2 places" in text


def test_changes_made_once_have_no_rows_of_their_own():
    star = {name: SQUARE[name] for name in ("base", "open", "fair")}
    found = compare(results(star, settings=WORLDS))
    assert {row.kind for row in found.rows} == {"difference"}
    assert set(found.changes) == {"open", "fair"}


def test_intervals_that_differ_materially_are_both_shown():
    rare = dict.fromkeys(range(20), 0.0) | {0: 1.0}
    found = compare(results({"base": dict.fromkeys(range(20), 0.0), "fair": rare}), against="base")
    (row,) = found.rows
    assert row.disagree
    lines = found.to_text().splitlines()
    under = lines[next(n for n, line in enumerate(lines) if line.startswith("  fair ")) + 1]
    assert under.split() == ["bootstrap", "0", "to", "+0.150"]
    assert any("differ materially" in note and "enp_seats of fair (level low)" in note for note in found.notes)
    shown = found._repr_html_()
    assert "bootstrap" in shown


def test_intervals_that_agree_are_shown_twice_only_on_request():
    d = np.random.default_rng(5).normal(1, 1, 60)
    found = compare(results({"base": dict.fromkeys(range(60), 0.0), "fair": dict(enumerate(d))}), against="base")
    assert not found.rows[0].disagree
    assert "bootstrap" not in found.to_text()
    assert "bootstrap" in found.to_text(bootstrap=True)
    assert "bootstrap" not in found.to_latex()
    assert "bootstrap" in found.to_latex(bootstrap=True)


def test_one_verdict_on_zero_and_ends_near_each_other_is_agreement():
    row = compare(results({"base": seeds(1, 2, 3, 4), "fair": seeds(2, 4, 3, 7)})).rows[0]

    def with_ends(low, high, boot_low, boot_high):
        ends = {"low": low, "high": high, "boot_low": boot_low, "boot_high": boot_high}
        return dataclasses.replace(row, **ends).disagree

    assert not with_ends(1, 5, 1.9, 4.1)
    assert with_ends(1, 5, 2.1, 4.5)  # an end off by more than a quarter of the width
    assert with_ends(-0.1, 5, 0.1, 4.9)  # only one leaves out 0
    assert not with_ends(None, None, None, None)


def test_a_comparison_is_read_at_a_glance_in_a_notebook():
    found = compare(results(SQUARE, settings=WORLDS))
    assert repr(found) == "<Comparison of 3 with base: 1 outcome, 4 shared seeds>"
    shown = found._repr_html_()
    assert shown.count("<table>") == 1
    assert "shared seeds: 4" in shown
    assert "<td" in shown
    assert CAUTION in shown


def test_html_shows_names_as_they_are_written():
    table = {"a<b": seeds(1, 2), "fair & open": seeds(2, 4)}
    shown = compare(results(table), against="a<b")._repr_html_()
    assert "a&lt;b" in shown
    assert "fair &amp; open" in shown


def test_an_invented_country_was_fitted_to_nothing():
    worlds = {name: world | {"case": "textbook"} for name, world in WORLDS.items()}
    assert compare(results(SQUARE, settings=worlds)).notes[-1] == INVENTED
    worlds["base"] = worlds["base"] | {"case": "kazakhstan"}
    assert compare(results(SQUARE, settings=worlds)).notes[-1] == CAUTION


def test_a_summary_worked_by_hand():
    found = summarise(results({"a": seeds(*range(1, 22)), "b": seeds(None, None)}))
    first, second = found.rows
    assert (first.mean, first.low, first.high, first.runs, first.missing) == (11.0, 2.0, 20.0, 21, 0)
    assert (second.mean, second.low, second.runs, second.missing) == (None, None, 0, 2)
    assert max(map(len, found.to_text().splitlines())) <= 80
    assert json.loads(found.to_json())[1]["mean"] is None
    assert len(found.to_frame()) == 2
