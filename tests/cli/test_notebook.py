"""In a notebook a batch shows its progress without a warning, with widgets or without, and results read well."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from sim.batch import progress

pytestmark = (
    pytest.mark.skipif(  # looked for and not imported: a program that has ipykernel takes itself for a notebook
        any(importlib.util.find_spec(name) is None for name in ("nbclient", "nbformat", "ipykernel")),
        reason="there is no notebook",
    )
)

PATHS = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "batch")]
BATCH = f"""
import sys
sys.path[:0] = {PATHS!r}
import tiny_model
from sim.batch.execute import run
scenarios = [tiny_model.Tiny(name="base"), tiny_model.Tiny(name="shifted", shift=1.0)]
runs = run(scenarios, 6, workers=1, simulate=tiny_model.simulate)
runs
"""
COMPARED = "import sim\nsim.compare(runs)"


RUNNER = """
import json, sys, nbformat
from nbclient import NotebookClient
cells = [nbformat.v4.new_code_cell(text) for text in json.load(sys.stdin)]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
"""


@pytest.fixture(scope="module")
def outputs() -> list[list[Any]]:
    """What the cells of a notebook show; in a process of its own, because the client leaves sockets to their fate."""
    asked = json.dumps([BATCH, COMPARED])
    done = subprocess.run([sys.executable, "-c", RUNNER], input=asked, capture_output=True, text=True, check=True)
    found: list[list[Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_bar_is_there_and_nothing_is_complained_of(outputs: list[list[Any]]) -> None:
    batch, _ = outputs
    assert not [out for out in batch if out["output_type"] == "stream" and out["name"] == "stderr"]
    if importlib.util.find_spec("ipywidgets") is None:
        printed = "".join(out["text"] for out in batch if out["output_type"] == "stream")
        assert "12/12" in printed
        assert max(map(len, printed.replace("\r", "\n").splitlines())) <= progress.NOTEBOOK
    else:
        assert any("application/vnd.jupyter.widget-view+json" in out.get("data", {}) for out in batch)


def test_results_and_comparisons_read_well(outputs: list[list[Any]]) -> None:
    batch, compared = outputs
    results, comparison = batch[-1]["data"], compared[-1]["data"]
    assert "2 scenarios, 12 runs done, 0 missing" in results["text/plain"]
    assert "<td" in results["text/html"]
    assert comparison["text/plain"].startswith("<Comparison of 1 with base:")
    assert "<table>" in comparison["text/html"]


def test_a_notebook_with_widgets_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    fake = types.ModuleType("tqdm.notebook")
    fake.tqdm = lambda **options: made.append(options)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "tqdm.notebook", fake)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "ipywidgets" else None)
    progress._bar(5, shown=True)
    assert made == [{"total": 5, "unit": "run"}]
    progress._bar(5, shown=False).close()  # shows nothing, so makes no widget
    assert len(made) == 1
