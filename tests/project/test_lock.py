"""requirements.lock pins everything by hash, names no address, and covers what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)")


def entries() -> list[str]:
    """One text a pin, its continued lines joined and its comments left out."""
    lines = [line for line in LOCK.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


def test_every_entry_is_a_pin_with_hashes() -> None:
    for entry in entries():
        assert PIN.match(entry), entry
        hashes = re.findall(r"--hash=(\S+)", entry)
        assert hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), entry


def test_nothing_is_pinned_twice_for_one_platform() -> None:
    pins = [(PIN.match(entry) or [""])[1] + entry.split("--hash")[0].partition(";")[2] for entry in entries()]
    assert len(pins) == len(set(pins))


def test_no_address_no_path_no_option() -> None:
    assert "://" not in LOCK
    assert "/" not in re.sub(r"#.*", "", LOCK)
    assert not re.search(r"^\s*--(?!hash=sha256:)", LOCK, re.MULTILINE)


def test_every_dependency_is_pinned() -> None:
    asked = PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"]
    asked += PYPROJECT["build-system"]["requires"]  # the project is built without network from the same lock
    names = {re.split(r"[^A-Za-z0-9._-]", item)[0].lower().replace("_", "-") for item in asked}
    assert names <= {match[1] for entry in entries() if (match := PIN.match(entry))}
