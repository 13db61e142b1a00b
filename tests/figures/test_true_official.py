"""True against official by region: values as in the runs, and no name of a real region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.figures import save, style, true_official
from sim.strict import InputError
from tests.figures.conftest import REGIONS, TEBRIA


def of(ax: Any, gid: str) -> np.ndarray:
    (found,) = [line for line in ax.lines if line.get_gid() == gid]
    return np.asarray(found.get_xydata())


def said(figure: Any, which: int) -> str:
    return " ".join(figure.texts[which].get_text().split())


def everything(figure: Any) -> str:
    texts = [
        text.get_text() for ax in figure.axes for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels()]
    ]
    return " ".join([*texts, *(text.get_text() for text in figure.texts), *map(str, figure.told.values())])


@pytest.mark.parametrize("value", ["turnout", "leader_share"])
def test_a_mark_a_region_and_a_point_a_run(results: Any, value: Any) -> None:
    ax = true_official(results, value=value).axes[0]
    held = results.to_frame("regions").query("scenario == 'kz-2023' and level == 'low'")
    pairs = 100 * held[[f"true_{value}", f"official_{value}"]].to_numpy(float)
    runs = of(ax, "runs")
    np.testing.assert_allclose(runs[np.lexsort(runs.T)], pairs[np.lexsort(pairs.T)])
    means = 100 * held.groupby("region")[[f"true_{value}", f"official_{value}"]].mean().to_numpy(float)
    np.testing.assert_allclose(of(ax, "means"), means[np.argsort(means[:, 0])])
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] <= pairs.min() <= pairs.max() <= ax.get_xlim()[1]


def test_real_regions_have_no_name_and_no_order_of_their_own(results: Any, tmp_path: Path) -> None:
    figure = true_official(results)
    told = everything(figure)
    assert not [name for code, name in REGIONS.items() if name in told or code in told]
    means = of(figure.axes[0], "means")
    assert np.all(np.diff(means[:, 0]) >= 0)
    assert np.all(np.diff(of(figure.axes[0], "runs")[:, 0]) >= 0)
    assert "Regions have no names here, no map" in said(figure, -1)
    assert "not evidence about any real region" in said(figure, -1)
    written = save(figure, tmp_path / "a.svg").read_text(encoding="utf-8")
    assert not [name for code, name in REGIONS.items() if name in written or code in written]


def test_regions_of_an_invented_country_are_named(tebria: Any) -> None:
    figure = true_official(tebria)
    for ax in figure.axes:
        assert {text.get_text() for text in ax.texts} == set(TEBRIA.values())
    assert "The country is invented, so its regions are named" in said(figure, -1)


def test_the_title_gives_the_difference_of_the_whole_country(results: Any) -> None:
    runs = results.to_frame("runs").query("scenario == 'kz-2023'")
    gaps = 100 * (runs["official_turnout"] - runs["true_turnout"]).groupby(runs["level"]).mean()
    assert said(true_official(results), 0) == (
        f"kz-2023: official turnout differs from the true one by {style.signed(gaps['low'])} points (low), "
        f"{style.signed(gaps['high'])} (high)"
    )
    assert "n = 20 runs a level" in said(true_official(results), -1)


def test_missing_values_are_counted(small: Any) -> None:
    regions = small.tables["regions"]
    lost = (regions["region"] == "KZ-62") & (regions["scenario"] == "kz-2023") & (regions["level"] == "low")
    regions.loc[lost, "official_turnout"] = np.nan
    figure = true_official(small, level="low")
    assert "4 values are missing and left out, not counted as 0" in said(figure, -1)
    assert len(of(figure.axes[0], "means")) == 19
    assert "Means of the 19 regions" in said(figure, 1)


def test_one_run_has_no_interval(small: Any) -> None:
    small.tables = {name: frame[frame["replication"] == 1] for name, frame in small.tables.items()}
    assert "so no interval" in said(true_official(small), -1)


def test_an_unknown_value_is_refused(small: Any) -> None:
    with pytest.raises(InputError, match="known: turnout, leader_share"):
        true_official(small, value="stuffed")  # type: ignore[arg-type]
