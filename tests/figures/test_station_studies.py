"""The figures of the two studies on stations: what they say is what the numbers say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.analysis.forensics.power import EXTENTS, KINDS, NUMBERS, TESTS, read
from sim.figures.counting_shapes import counting_shapes
from sim.figures.detection_power import detection_power

ROOT = Path(__file__).parents[2]


def test_power_is_drawn_for_every_kind_test_and_extent():
    rows = read(ROOT / NUMBERS)
    figure = detection_power(rows)
    axes = figure.get_axes()
    assert len(axes) == 3 * len(KINDS)
    assert [ax.get_title(loc="left") for ax in axes[: len(KINDS)]] == list(KINDS)
    curves = [line for line in axes[0].lines if len(line.get_xdata()) == len(EXTENTS) + 1]
    assert len(curves) == len(TESTS)
    at = {(r.gap, r.kind, r.extent, r.test): r for r in rows}
    slope = [at[0, "stuffing", extent, "slope"].above_alike for extent in EXTENTS]
    assert any(np.allclose(line.get_ydata()[1:], slope) for line in curves)
    assert f"calls {at[10, 'honest', 0.0, 'slope'].above_alike:.0f} % suspicious" in " ".join(
        figure.told["title"].split()
    )


def test_a_file_of_numbers_is_drawn_as_its_rows_are():
    one, other = detection_power(ROOT / NUMBERS), detection_power(read(ROOT / NUMBERS))
    assert one.told == other.told


def test_the_city_has_two_modes_where_nobody_watched_and_one_in_truth():
    figure = counting_shapes()
    published, watched, true = (line.get_ydata() for line in figure.get_axes()[0].lines)
    assert sum(published) > 99
    upper = slice(23, 32)  # shares of 46 to 64 %
    assert sum(published[upper]) > 2 * sum(watched[upper]) > 2 * sum(true[upper])
    assert "two modes" in " ".join(figure.told["title"].split())
