"""The wheel carries the cases and the scenarios; the scripts that set a checkout up start and explain themselves."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names in a wheel built from this checkout, without network."""
    into = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(into.glob("*.whl"))).namelist()


def test_the_wheel_carries_every_scenario_and_experiment(wheel: list[str]) -> None:
    files = {path.relative_to(ROOT / "scenarios").as_posix() for path in (ROOT / "scenarios").rglob("*.toml")}
    assert files
    assert {f"sim/_scenarios/{name}" for name in files} <= set(wheel)


def test_the_wheel_carries_every_file_of_the_cases(wheel: list[str]) -> None:
    cases = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sim" / "cases").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert cases <= set(wheel)


def test_the_wheel_carries_nothing_else(wheel: list[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"sim", "majilis"}
    assert not [name for name in wheel if "__pycache__" in name or name.endswith((".pyc", ".nbi", ".nbc"))]


def test_a_python_that_will_not_do_is_refused_with_its_version(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 3.9.2\nexit 1\n", "utf-8")
    fake_uv = tmp_path / "uv"
    fake_uv.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    for script in (old, fake_uv):
        script.chmod(0o755)
    (tmp_path / ".ci").mkdir()
    for name in (".ci/bootstrap", ".python-version"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    path = f"{tmp_path}{os.pathsep}{os.defpath}"
    asked = {"PATH": path, "HOME": str(tmp_path), "PYTHON": str(old)}
    told = subprocess.run(["sh", ".ci/bootstrap"], cwd=tmp_path, env=asked, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "3.9.2" in told.stderr
    assert "3.12, 3.13 or 3.14" in told.stderr
    assert not (tmp_path / ".venv").exists()
