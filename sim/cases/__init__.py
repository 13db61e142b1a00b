"""What is known: one folder a country, facts with their sources and nothing else."""

from __future__ import annotations

from pathlib import Path


def folder(case: str) -> Path:
    """The folder of a case that ships with the program."""
    return Path(__file__).parent / case


def names() -> list[str]:
    """The cases that ship with the program, in alphabetical order."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/law.toml"))
