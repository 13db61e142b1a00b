"""Memory that an electorate takes, held against what the machine has before it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from sim.strict import InputError

BYTES_A_VOTER = 130
"""Memory a simulated voter takes at the height of a run, columns and work arrays together (1.6 GB one to one)."""

LEFT_OVER = 0.9  # the rest of what is free is for libraries, stations and everybody else [assumed]


def needed(voters: int) -> int:
    """Bytes that so many voters take."""
    return voters * BYTES_A_VOTER


def available() -> int | None:
    """Bytes that a program can still have, None where the system does not tell."""
    try:
        limits = [_first_number(path) for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current")]
        free = _in_meminfo("MemAvailable")
    except OSError:
        free, limits = None, [None, None]
    if free is None:
        try:
            free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, ValueError, OSError):
            return None
    most, used = limits
    if most is None or used is None:
        return free
    return min(free, most - used + _given_back())


def check(voters: int) -> None:
    """Refuse an electorate that does not fit.

    Raises:
        InputError: it needs more memory than is free.
    """
    free = available()
    if free is not None and needed(voters) > LEFT_OVER * free:
        fitting = int(LEFT_OVER * free / BYTES_A_VOTER)
        step = 10 ** max(len(str(fitting)) - 2, 0)
        raise InputError(
            f"population.voters = {voters}: would need about {needed(voters) / 1e9:,.2g} GB of memory, and"
            f" {free / 1e9:,.2g} GB are free; up to {fitting // step * step} would fit."
        )


def _given_back() -> int:
    """Bytes of files that a group of processes keeps in memory and that the system takes back on demand."""
    file = Path("/sys/fs/cgroup/memory.stat")
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))


def _first_number(path: str) -> int | None:
    """The number in a one-line file; None where there is none, or no limit."""
    file = Path(path)
    text = file.read_text("ascii").strip() if file.exists() else ""
    return int(text) if text.isdigit() else None


def _in_meminfo(name: str) -> int | None:
    """A line of Linux's table of memory, in bytes."""
    for line in Path("/proc/meminfo").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return None
