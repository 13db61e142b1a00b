"""What is known: one folder a country, facts with their sources and nothing else."""

from __future__ import annotations

import tomllib
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any


def folder(case: str) -> Path:
    """The folder of a case that ships with the program."""
    return Path(__file__).parent / case


@cache
def about(case: str) -> dict[str, Any]:
    """What a case says of itself (``case.toml``): title, whether fictional, venue, unmobilised region, tiles."""
    return tomllib.loads((folder(case) / "case.toml").read_text("utf-8"))


@cache
def digest(case: str) -> str:
    """A hash of every fact of a case, so that results made from other facts are not taken for these."""
    files = sorted(path for path in folder(case).iterdir() if path.is_file())
    content = b"".join(path.name.encode() + b"\0" + path.read_bytes() for path in files)
    return blake2b(content, digest_size=8).hexdigest()


@cache
def names() -> tuple[str, ...]:
    """The cases that ship with the program, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/law.toml")))
