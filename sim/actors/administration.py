"""The President's administration: it orders loyal parties into being and asks the akims for turnout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import mesa
import numpy as np

if TYPE_CHECKING:
    from sim.actors.roster import PartyFacts
    from sim.malpractice.practice import Practice
    from sim.streams import Streams


class Administration(mesa.Agent):
    """Acts on orders of the day; it does not learn in this form of the model."""

    def __init__(
        self, model: mesa.Model, *, turnout_orders: Sequence[float], practice: Practice, streams: Streams
    ) -> None:
        super().__init__(model)
        self.turnout_orders = np.array(turnout_orders)  # (R,) logits of turnout asked of each akim
        self.practice, self.streams = practice, streams

    def orders(self, party: PartyFacts) -> bool:
        """Whether a party on the administration's list is ordered into being; the draw is the party's own."""
        return self.streams.one(f"order/{party.key}") < self.practice.sponsorship
