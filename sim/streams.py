"""Chance by address: every draw is a function of (seed, decision, occasion, id); nothing is consumed.

The address is hashed into the key of the generator of :mod:`sim.kernels.chance`, the id is its counter, so that a draw
does not depend on what else was drawn, in which order, by how many threads, or on anything that is switched off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.kernels import chance
from sim.kernels.counts import draws


class Streams:
    """Addressed chance of one seed.

    ``decision`` names what is decided ("turnout", "taste/amanat_1999"), ``occasion`` counts its repetitions (the month,
    the election), and the position in the array is the id of who decides.
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)

    def key(self, decision: str, *, occasion: int = 0) -> NDArray[np.uint64]:
        """The two halves of an address's key, shape (2,): what compiled loops draw from."""
        return np.frombuffer(self._digest(decision, occasion), "<u8")

    def keys(self, decisions: Iterable[str], *, occasion: int = 0) -> NDArray[np.uint64]:
        """The keys of several decisions of one occasion as rows, shape (D, 2)."""
        digests = b"".join([self._digest(decision, occasion) for decision in decisions])
        return np.frombuffer(digests, "<u8").reshape(-1, 2)

    def _digest(self, decision: str, occasion: int) -> bytes:
        address = f"{self.seed}\x1f{decision}\x1f{int(occasion)}"
        return hashlib.blake2b(address.encode(), digest_size=16).digest()

    def uniform(self, decision: str, n: int, *, occasion: int = 0, first: int = 0) -> NDArray[np.float64]:
        """Uniforms in (0, 1), never an end point, for ids ``first .. first + n - 1``; shape (n,)."""
        return chance.uniforms(self.key(decision, occasion=occasion), first, n)

    def uniforms(self, decisions: Iterable[str], n: int, *, occasion: int = 0) -> NDArray[np.float64]:
        """Uniforms of several decisions for ids ``0 .. n - 1``; shape (n, D), columns contiguous."""
        return draws(self.keys(decisions, occasion=occasion), n)

    def one(self, decision: str, *, occasion: int = 0, of: int = 0) -> float:
        """The uniform of a single id."""
        return float(self.uniform(decision, 1, occasion=occasion, first=of)[0])

    def normal(self, decision: str, n: int, *, occasion: int = 0, first: int = 0) -> NDArray[np.float64]:
        """Standard normals by inversion of :meth:`uniform`; shape (n,)."""
        return ndtri(self.uniform(decision, n, occasion=occasion, first=first))

    def gumbel(self, decision: str, n: int, *, occasion: int = 0, first: int = 0) -> NDArray[np.float64]:
        """Standard Gumbel shocks; argmax(utility + gumbel) is an exact multinomial-logit choice; shape (n,)."""
        return -np.log(-np.log(self.uniform(decision, n, occasion=occasion, first=first)))
