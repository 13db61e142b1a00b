"""Competitor: plain C, compiled here with the system's compiler (``cc -O3 -march=native``, OpenMP for threads).

Scalar code in single precision with the addressed draws, over ties that are arithmetic, one pass a voter and month.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
from work import Array, Election, Work, chance, exchange, silent

EXACT = True
CHUNK = 4096
SOURCE = Path(__file__).with_name("c_reference.c")
BUILT = Path(__file__).parents[1] / ".tools" / "c"
FLAGS = ("-O3", "-march=native", "-std=gnu11", "-fPIC", "-shared", "-fopenmp")
MORE = os.environ.get("C_FLAGS", "").split()  # for example -ffast-math
f32 = np.float32


class NotThere(Exception):
    """There is no compiler."""


def compiler() -> str:
    """The system's compiler."""
    for name in (os.environ.get("CC", ""), "gcc", "cc", "clang"):
        if name and (path := shutil.which(name)):
            return path
    raise NotThere("no C compiler on the path (looked for $CC, gcc, cc, clang)")


@cache
def library() -> ctypes.CDLL:
    """The compiled functions; compiled again only when the source is newer."""
    BUILT.mkdir(parents=True, exist_ok=True)
    target = BUILT / f"c_reference{''.join(MORE)}.so"
    if not target.exists() or target.stat().st_mtime < SOURCE.stat().st_mtime:
        fresh = target.with_suffix(f".{os.getpid()}")
        command = [compiler(), *FLAGS, *MORE, str(SOURCE), "-lm", "-o", str(fresh)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotThere(f"the C compiler failed: {done.stderr.strip().splitlines()[-1]}")
        fresh.replace(target)
    return ctypes.CDLL(str(target))


POINTER = ctypes.c_void_p
WHOLE, FLOAT = ctypes.c_int64, ctypes.c_float


class Country(ctypes.Structure):
    """The C struct of the same name."""

    _fields_ = [
        *((name, WHOLE) for name in ("voters", "cells", "regions", "lists", "groups", "local", "fars")),
        *((name, POINTER) for name in ("cell_first", "cell_size", "cell_region", "cell_village", "far_numbers")),
        *((name, FLOAT) for name in ("bound", "step", "noise", "decay", "distance")),
        *((name, POINTER) for name in ("silent", "base", "place", "cell_weight")),
        *((name, FLOAT) for name in ("against_constant", "against_grievance", "against_best")),
        *((name, FLOAT) for name in ("turnout_constant", "turnout_rural", "stakes", "distrust", "spill_over")),
        *((name, POINTER) for name in ("order", "usual", "belief", "habit", "dependent")),
        ("chunks", WHOLE),
        ("chunk", POINTER),
    ]


class Run:
    """One run of the reference work."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work, self.c, n = work, library(), work.voters
        self.chunks = np.array(
            [
                (first + begin, first + min(begin + CHUNK, size), c)
                for c, (first, size) in enumerate(zip(work.cell_first.tolist(), work.cell_size.tolist(), strict=True))
                for begin in range(0, size, CHUNK)
            ],
            np.int64,
        )
        arrays = {
            **{name: getattr(work, name) for name in ("cell_first", "cell_size", "cell_region")},
            **{name: getattr(work, name).view(np.uint8) for name in ("cell_village", "dependent")},
            "far_numbers": work.far,
            "silent": silent(work).astype(f32),
            **{name: getattr(work, name).astype(f32) for name in ("base", "place", "cell_weight", "order")},
            "usual": work.grievance,
            "belief": work.belief,
            "habit": work.habit,
            "chunk": self.chunks,
        }
        self.kept = {name: np.ascontiguousarray(array) for name, array in arrays.items()}  # C holds their addresses
        numbers = {name: getattr(work, name) for name, kind in Country._fields_ if kind is FLOAT and name != "step"}
        self.country = Country(
            voters=n,
            cells=work.cells,
            regions=work.regions,
            lists=work.lists,
            groups=work.groups,
            local=work.local,
            fars=work.far.shape[1],
            chunks=len(self.chunks),
            step=work.attraction / work.ties,
            **numbers,
            **{name: array.ctypes.data for name, array in self.kept.items()},
        )
        self.position, self.moved = np.ascontiguousarray(work.position.T), np.empty((n, 3), f32)
        self.aware, self.knows = work.aware.copy(), np.empty(n, np.uint32)
        self.grievance, self.choice = work.grievance.copy(), np.full(n, -1, np.int8)

    def call(self, name: str, *given: Array | float) -> None:
        """One of the C functions, on the country, arrays and numbers."""
        getattr(self.c, name)(
            ctypes.byref(self.country),
            *(POINTER(x.ctypes.data) if isinstance(x, np.ndarray) else FLOAT(x) for x in given),
        )

    def by_cell(self, by_chunk: Array) -> Array:
        """Sums over chunks (chunks, k), by cell (C, k)."""
        return np.add.reduceat(by_chunk, np.flatnonzero(np.diff(self.chunks[:, 2], prepend=-1)), axis=0)

    def months(self) -> Array:
        w = self.work
        sympathy, sums = np.empty((w.months, w.groups, w.regions)), np.empty((len(self.chunks), w.groups))
        for t in range(w.months):
            columns = (self.position, self.moved, self.aware, self.knows, self.grievance)
            self.call("month", w.opinion_key[t], w.hear_key[t], float(w.shock[t]), *columns, sums)
            self.position, self.moved = self.moved, self.position
            self.aware, self.knows = self.knows, self.aware
            sympathy[t] = w.by_region(self.by_cell(sums).T)
        return sympathy

    def election(self) -> Election:
        w, options = self.work, self.work.lists + 1
        odds, turnout = np.empty((w.voters, options), f32), np.empty(w.voters, f32)
        self.call("weigh", self.position, self.aware, self.grievance, odds, turnout)
        sums, counts = np.empty((len(self.chunks), options)), np.empty((len(self.chunks), options), np.int64)

        def poll(chances: Array) -> Array:
            self.call("poll", odds, np.exp(chances).astype(f32), sums)
            votes = sums.sum(axis=0)
            return votes / votes.sum()

        believed = exchange(w, poll)
        taste = np.exp(chance(w, believed)).astype(f32)
        self.call("vote", odds, taste, turnout, w.taste_key, w.turnout_key, self.choice, counts)
        return Election(believed, self.by_cell(counts))

    def columns(self) -> dict[str, Array]:
        return {
            "position": self.position.T,
            "grievance": self.grievance,
            "aware": self.aware,
            "choice": self.choice,
        }
