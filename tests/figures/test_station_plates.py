"""The figures of a table of stations, whoever made it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.analysis.forensics.nulls import honest
from sim.figures import fingerprint, observed_unobserved, save, station_plates, turnout_histogram
from sim.strict import InputError

STATIONS = honest(2, stations=1_500)


def test_each_is_drawn_and_says_what_it_cannot_show(tmp_path: Path) -> None:
    for name, draw in station_plates(STATIONS).items():
        figure = draw()
        path = save(figure, tmp_path / f"{name}.png")
        assert path.stat().st_size > 5000
        assert "Simulated stations, no evidence about real ones." in figure.told["caption"]
        real = station_plates(replace(STATIONS, simulated=False))[name]().told
        assert "imulated" not in real["title"] + real["caption"]


def test_every_voter_of_a_table_is_in_its_fingerprint() -> None:
    figure = fingerprint(STATIONS)
    mesh = figure.axes[0].collections[0]
    assert np.ma.getdata(mesh.get_array()).sum() == STATIONS.voters.sum()
    assert "1,500 simulated stations" in figure.told["title"]


def test_every_station_is_in_a_bar_of_its_histogram() -> None:
    figure = turnout_histogram(STATIONS)
    for ax in figure.axes:
        assert sum(bar.get_height() for bar in ax.containers[0]) == pytest.approx(len(STATIONS), abs=5)
    assert "beside binomial redraws" in figure.told["title"]


def test_observed_and_others_are_shares_of_their_own() -> None:
    figure = observed_unobserved(STATIONS)
    for ax in figure.axes:
        for curve in ax.patches:
            assert curve.get_data().values.sum() == pytest.approx(100)
    assert "errors clustered" in figure.told["caption"]


def test_what_cannot_be_drawn_says_why() -> None:
    with pytest.raises(InputError, match="does not say which stations had observers"):
        observed_unobserved(replace(STATIONS, observed=None))
    with pytest.raises(InputError, match="this figure needs 20"):
        turnout_histogram(STATIONS.take(np.arange(5)))
