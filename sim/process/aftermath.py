"""After the election: what people believe of the count now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sim.model import ElectionModel


class Aftermath:
    """The stage in which observers publish and people learn."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.settings = model, model.mechanism.aftermath

    def learn(self) -> None:
        """q += step * (signal - q) where somebody watched; the signal is a region's share of clean watched stations.

        A station counts as unclean whose observer was put out or kept from the count, or saw other figures published.
        Trust rises only where all that was watched was clean. Without observers, or where what they saw is not
        published, there is no news and no change.
        """
        model, c, e = self.model, self.model.commissions, self.model.electorate
        region = self.model.stations.region
        size = len(model.geography.regions)
        watched = np.bincount(region[c.observed], minlength=size)
        assert model.counting.ledger is not None
        other = model.counting.ledger.tabulated > 0  # than the copy of the protocol says
        amiss = model.counting.acts | other | c.expelled | c.barred
        unclean = np.bincount(region[c.observed & amiss], minlength=size)
        supporter = model.voted_for_power()
        told = model.history.uniform("observer/published", size, occasion=model.case.ordinal) < self.settings.published
        start = np.searchsorted(e.region, np.arange(size + 1, dtype=np.int16))
        for r in np.flatnonzero((watched > 0) & told):
            rows, signal = slice(start[r], start[r + 1]), 1 - unclean[r] / watched[r]
            belief, steps = e.belief[rows], np.where(supporter[rows], self.settings.supporters, 1.0)
            step = np.minimum(self.settings.learning * steps, 1)
            news = (signal >= 1) | (signal < belief)  # a mixed report convinces nobody that the count was cleaner
            belief[news] += step[news] * (signal - belief[news])
