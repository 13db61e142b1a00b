"""Every notebook is a source in plain Python and a twin without outputs, and the two say the same."""

from __future__ import annotations

import ast
import json
import os
import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest
from jupytext.cli import jupytext as command

import sim

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LIBRARIES = {"numpy", "pandas", "sim", "textwrap", "warnings"}

each = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def test_there_are_notebooks_and_every_one_has_its_twin() -> None:
    assert SOURCES
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in SOURCES}


@each
def test_the_twin_has_the_cells_of_its_source(source: Path) -> None:
    ours = [(cell.cell_type, cell.source) for cell in jupytext.read(source).cells]
    twin = [(cell.cell_type, cell.source) for cell in jupytext.read(source.with_suffix(".ipynb")).cells]
    assert twin == ours, f"renew it: jupytext --sync notebooks/{source.name}"


@each
def test_the_twin_holds_no_outputs_and_nothing_of_a_machine(source: Path) -> None:
    told = json.loads(source.with_suffix(".ipynb").read_text("utf-8"))
    for cell in told["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert not cell["metadata"]
    assert set(told["metadata"]) == {"jupytext", "kernelspec"}
    assert told["metadata"]["kernelspec"] == KERNEL


@each
def test_cells_have_names_of_their_own(source: Path) -> None:
    twin = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(twin)
    names = [cell["id"] for cell in twin.cells]
    assert len(set(names)) == len(names)


@each
@pytest.mark.parametrize("newer", [".py", ".ipynb"])
def test_to_sync_once_more_changes_nothing(source: Path, newer: str, tmp_path: Path) -> None:
    copies = [Path(shutil.copy(path, tmp_path)) for path in (source, source.with_suffix(".ipynb"))]
    before = [path.read_bytes() for path in copies]
    for path in copies:
        moment = 1_000_000 + (path.suffix == newer)
        os.utime(path, (moment, moment))
    command(["--sync", "--quiet", str(tmp_path / f"{source.stem}{newer}")])
    assert [path.read_bytes() for path in copies] == before


@each
def test_a_notebook_needs_only_what_is_public(source: Path) -> None:
    tree = ast.parse(source.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert all(isinstance(node, ast.Import) for node in imports), "import sim, and nothing from inside it"
    assert {alias.name for node in imports for alias in node.names} <= LIBRARIES
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sim"
    }
    assert used <= set(sim.__all__)


@each
def test_what_a_batch_shows_does_not_depend_on_the_machine(source: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(source.read_text("utf-8"))) if isinstance(node, ast.Call)]
    runs = [call for call in calls if ast.unparse(call.func) == "sim.run"]
    assert runs
    for call in runs:  # a bar tells the pace, and a folder would stay behind
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert given.get("progress") == "False"
        assert "into" not in given
