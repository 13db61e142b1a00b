"""What may be imported where, as far as import-linter cannot say it: allow-lists, and a light start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"mesa", "networkx", "numba", "pandas", "matplotlib", "scipy", "pyarrow", "rich", "distributed"}
ALLOWED = {
    "law": {"pydantic", "sim.strict", "sim.law"},
    "measures": {"pydantic", "numpy", "sim.strict", "sim.measures"},
}
# import names that differ from the names they are installed under
INSTALLED_AS = {"salib": "SALib", "great_tables": "great-tables"}


def imports(path: Path) -> Iterator[str]:
    """Dotted names of everything a module imports, at the top or inside functions."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield f"{package}.{node.module}" if node.module else package
        elif isinstance(node, ast.ImportFrom) and node.module == "sim":
            yield from (f"sim.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("room", ALLOWED)
def test_law_and_measures_import_only_what_is_allowed(room: str) -> None:
    strangers = {
        f"{path.name}: {name}"
        for path in (ROOT / "sim" / room).rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not within(name, ALLOWED[room])
    }
    assert strangers == set()


def test_every_package_imported_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    asked = [*project["dependencies"], *(item for extra in extras for item in extra)]
    declared = {re.split(r"[^A-Za-z0-9._-]", item)[0].lower() for item in asked}
    used = {name.split(".")[0] for path in (ROOT / "sim").rglob("*.py") for name in imports(path)}
    used -= set(sys.stdlib_module_names) | {"sim"}
    assert {name for name in used if INSTALLED_AS.get(name.lower(), name).lower() not in declared} == set()


@pytest.mark.parametrize("start", ["import sim", "import sim.cli", "import sim.law"])
def test_a_light_start_leaves_the_heavy_packages_alone(start: str) -> None:
    ask = f"{start}\nimport sys\nprint(*sorted(set(name.partition('.')[0] for name in sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, cwd=ROOT)
    assert HEAVY & set(loaded.stdout.split()) == set()
