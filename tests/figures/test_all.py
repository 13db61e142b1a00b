"""All figures of a store at once, and the verb that draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.batch.store import Results
from sim.cli.figures import figures
from sim.figures import _plates, figures_all
from sim.strict import InputError


def test_every_figure_is_drawn_and_none_is_empty(small: Any, tmp_path: Path) -> None:
    notes: list[str] = []
    files = figures_all(small, tmp_path, note=notes.append)
    assert notes == []
    assert all(file.stat().st_size > 5000 for file in files)
    names = {file.name for file in files}
    assert {"fingerprint.png", "funnel-low.png", "forest-autonomous-seat-share-middle.png"} <= names
    assert {"hemicycle-kz-2023-open-high.png", "map-official-turnout-kz-2023-low.png"} <= names
    assert {"turnout-histogram-kz-2023.png", "observed-unobserved-kz-2023.png"} <= names
    assert {"pluralism.png", "seats-votes-kz-2023.png", "law-timeline-kazakhstan.png"} <= names
    assert not any(name.startswith("true-official") for name in names)  # of a real country only on request
    assert not any(name.startswith("dose-response") for name in names)  # the experiment names no dose


def test_truth_by_region_is_drawn_of_an_invented_country(tebria: Any) -> None:
    assert {"true-official-turnout-kz-2023", "true-official-leader-share-kz-2023"} <= set(_plates(tebria))


def test_the_figure_that_answers_the_question_comes_first(results: Any, tmp_path: Path) -> None:
    found = _plates(results)
    assert next(iter(found)) == "forest-autonomous-seat-share-middle"
    results.experiment["dose"] = "mechanism.observers.share"
    try:
        found = _plates(results)
    finally:
        del results.experiment["dose"]
    assert list(found)[:2] == ["dose-response-autonomous-seat-share-middle", "forest-autonomous-seat-share-middle"]
    assert "pluralism" in found


def test_what_the_store_does_not_hold_is_left_out_with_a_note(small: Any, tmp_path: Path) -> None:
    del small.tables["stations"]
    small.scenarios = ["kz-2023"]
    notes: list[str] = []
    files = figures_all(small, tmp_path, "svg", notes.append)
    assert sorted(note.split(" not drawn")[0] for note in notes) == [
        "fingerprint",
        "forest-autonomous-seat-share-middle",
        "forest-effective-parties",
        "observed-unobserved-kz-2023",
        "turnout-histogram-kz-2023",
    ]
    assert len(files) == 6 + 3  # two levels of funnel, map and chamber; and what one scenario shows by itself


def test_an_unknown_format_is_refused_before_anything_is_drawn(small: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='format "gif" is not known'):
        figures_all(small, tmp_path, "gif")
    assert not list(tmp_path.iterdir())


def test_the_verb_needs_results(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results"):
        figures(tmp_path)


def test_the_verb_ends_with_the_files_and_what_to_type_next(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.scenarios = ["kz-2023"]
    monkeypatch.setattr(Results, "open", lambda folder: small)
    figures(tmp_path, tmp_path / "drawn")
    told = capsys.readouterr()
    assert str(tmp_path / "drawn" / "funnel-low.png") in told.out.splitlines()
    assert "compare needs at least 2 scenarios" in told.err
    assert told.out.splitlines()[-1].startswith("Next: majilis ")
