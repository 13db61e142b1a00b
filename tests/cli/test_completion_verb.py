"""TAB: what may follow is asked of the command itself, and the scripts work in the shells that are there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import cases, cli
from sim.cli.completion import Shell, candidates
from sim.measures.names import MEASURES
from sim.scenario import catalogue

SCENARIOS, EXPERIMENTS = list(catalogue.shipped("scenario")), list(catalogue.shipped("experiment"))


def test_the_first_word_is_a_verb():
    assert candidates([""]) == [*cli.VERBS, "--help", "--version"]
    assert candidates(["ex"]) == ["explain", "export"]
    assert candidates([]) == candidates([""])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["run", ""], SCENARIOS),
        (["run", "--story", "--society", "3", ""], SCENARIOS),
        (["diff", "kz-2023", ""], SCENARIOS),
        (["batch", ""], EXPERIMENTS),
        (["check", "kz-2023", ""], [*SCENARIOS, *EXPERIMENTS]),
        (["run", "kz-2023", "--level", ""], ["low", "high"]),
        (["run", "kz-2023", "--format", "c"], ["csv"]),
        (["compare", "x", "--format", "l"], ["latex"]),
        (["run", "--st"], ["--story"]),
        (["run", "--story", "--st"], []),  # given once is enough
        (["law", ""], list(cases.names())),
        (["law", "kazakhstan", "registration.members", "list.threshold_"], ["list.threshold_base"]),
        (["explain", "kz-2023", "alga_q"], ["alga_qazaqstan_2022"]),
        (["compare", "x", "--outcomes", "enp_seats,enp_v"], ["enp_seats,enp_votes", "enp_seats,enp_votes_true"]),
        (["compare", "x", "--outcomes", "z"], []),
        (["export", "x", "--table", "f"], ["funnel"]),
        (["seats", "--formula", "d"], ["droop", "dhondt"]),
        (["figures", "x", "--format", ""], ["png", "svg", "pdf"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["run", "kz-2023", ""], []),  # nothing more is expected
        (["seats", ""], []),  # a file: the shell's own matter
        (["nonsense", ""], []),
    ],
)
def test_what_may_follow(words, found):
    assert candidates(words) == found


def test_every_outcome_and_every_verb_can_be_completed():
    assert set(candidates(["compare", "x", "--outcomes", ""])) == set(MEASURES)
    for verb in cli.VERBS:
        assert "--help" in candidates([verb, "--"])


def test_folders_of_results_and_their_scenarios_are_names_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("results/mine")
    folder.mkdir(parents=True)
    assert candidates(["compare", ""]) == []
    (folder / "provenance.json").write_text("{}")
    assert candidates(["compare", ""]) == candidates(["figures", "m"]) == ["mine"]
    assert "mine" in candidates(["explain", ""])
    assert candidates(["compare", "nowhere", "--against", ""]) == []


def test_the_command_prints_them_a_line_each_and_nothing_for_none(majilis):
    assert majilis("__complete", "ex") == (0, "explain\nexport\n", "")
    assert majilis("__complete", "nonsense", "") == (0, "", "")
    assert "__complete" not in majilis("--help").out


@pytest.mark.parametrize("shell", Shell)
def test_the_scripts_say_how_to_use_them(shell, majilis):
    said = majilis("completion", shell)
    assert said.code == 0
    assert f"majilis completion {shell}" in said.out
    assert "__complete" in said.out


def command(folder: Path) -> dict[str, str]:
    """An environment in which `majilis` is this checkout's command."""
    script = folder / "majilis"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sim "$@"\n')
    script.chmod(0o755)
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}


def shell(name: str, script: str, folder: Path) -> list[str]:
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name}")
    words = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f"], "fish": ["fish", "-N"]}[name]
    done = subprocess.run([*words, "-c", script], capture_output=True, text=True, check=True, env=command(folder))
    return done.stdout.split()


def test_bash_completes(tmp_path):
    script = """
        eval "$(majilis completion bash)"
        COMP_WORDS=(majilis run kz-2023-qurultai); COMP_CWORD=2; _majilis; printf '%s\\n' "${COMPREPLY[@]}"
        complete -p majilis
    """
    *found, _ = [*shell("bash", script, tmp_path), ""]
    assert found[:2] == [name for name in SCENARIOS if name.startswith("kz-2023-qurultai")][:2]
    assert "_majilis" in found


def test_zsh_completes(tmp_path):
    script = """
        autoload -U compinit && compinit -u -d ~/dump
        source <(majilis completion zsh)
        compadd() { shift; print -r -- ${(P)1} }
        _files() { print FILES }
        print -r -- $_comps[majilis]
        words=(majilis batch dem); CURRENT=3; _majilis
        words=(majilis seats f); CURRENT=3; _majilis
    """
    assert shell("zsh", script, tmp_path) == ["_majilis", "demo", "FILES"]


def test_fish_completes(tmp_path):
    assert shell("fish", "majilis completion fish | source; complete -C 'majilis batch dem'", tmp_path) == ["demo"]
