"""The README's promises: its Python runs, its commands exist, its scenario is valid, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.scenario.load import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def test_the_notebook_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    namespace: dict[str, object] = {}
    smaller = code.replace("replications=20, workers=2", "replications=2, workers=1")
    assert smaller != code
    exec(smaller, namespace)
    assert sum(namespace["one"].outcome.seats.values()) == 98
    assert (tmp_path / "results" / "discretion" / "runs").is_dir()


def test_the_example_scenario_is_valid(tmp_path):
    (text,) = blocks("toml")
    file = tmp_path / "mine.toml"
    file.write_text(text, "utf-8")
    assert load(str(file)).practice.discretion == 0


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"^majilis (\w+)", README, flags=re.M))))
def test_every_verb_named_is_there(verb):
    found = subprocess.run([sys.executable, "-m", "sim", verb, "--help"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_is_left_to_fill_in():
    assert not re.search(r"\b[A-Z]+_(LOW|HIGH|ENP)\b", README)
