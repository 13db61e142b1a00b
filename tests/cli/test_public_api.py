"""`import sim` is light, and every public name is there when it is asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sim

HOME = Path(sim.__file__)


@pytest.mark.parametrize("name", sim.__all__)
def test_every_public_name_is_there(name):
    assert getattr(sim, name) is not None
    assert name in dir(sim)


def test_the_names_lead_where_they_say():
    from sim.analysis.compare import compare
    from sim.batch.store import Results

    assert sim.compare is compare
    assert sim.open == Results.open
    assert sim.figures.__name__ == "sim.figures"
    assert sim.load("kz-2023").name == "kz-2023"


def test_a_name_that_is_not_there_is_said_as_python_says_it():
    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'laod'"):
        _ = sim.laod  # type: ignore[attr-defined]


def test_type_checkers_see_the_same_names():
    known = next(node for node in ast.parse(HOME.read_text("utf-8")).body if isinstance(node, ast.If))
    stubs: set[str] = set()
    for node in known.body:
        if isinstance(node, ast.ImportFrom):
            stubs |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            stubs |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            stubs.add(node.target.id)
    assert stubs == set(sim.__all__)


def test_importing_it_loads_nothing_but_the_standard_library():
    ask = "import sys, sim; print(*sorted({m.partition('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))"
    done = subprocess.run([sys.executable, "-S", "-c", ask], capture_output=True, text=True, check=True)
    assert {name for name in done.stdout.split() if not name.startswith("_")} == {"sim"}
