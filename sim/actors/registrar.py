"""The Ministry of Justice as registrar: the law of the day first, then a mind of its own that it keeps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

import mesa
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.actors.party import Party
from sim.actors.settings import Pressure
from sim.kernels.counts import binomial
from sim.law.registration import Ground
from sim.malpractice.audit import struck_share
from sim.malpractice.discretion import refuses

if TYPE_CHECKING:
    from sim.malpractice.audit import AuditSettings
    from sim.malpractice.discretion import DiscretionSettings
    from sim.streams import Streams

Stage = Literal["notice", "list", "again"]

UNEXPLAINED = Ground("unexplained", "registration", "the list does not meet the law (no details given)")
"""What an applicant is told when the law alone gives no ground (as in July 2023)."""


class Registrar(mesa.Agent):
    """Reviews notices and lists, in order of their due day.

    The wish to refuse is formed first and sets the zeal of the audit, so that a formal refusal and a pretext can be the
    same act; the formal review itself is the law's (:mod:`sim.law.registration`).
    """

    def __init__(
        self,
        model: mesa.Model,
        *,
        discretion: DiscretionSettings,
        audit: AuditSettings,
        pressure: Sequence[Pressure],
        streams: Streams,
    ) -> None:
        super().__init__(model)
        self.discretion, self.audit = discretion, audit
        self.pressure, self.streams = sorted(pressure, key=lambda entry: entry.since), streams

    def pressure_on(self, day: date) -> float:
        """Pressure to register on a day; 0 before the first entry."""
        known = bisect_right([entry.since for entry in self.pressure], day)
        return self.pressure[known - 1].value if known else 0.0

    def wants_refusal(
        self, party: Party, stage: Stage | Literal["ballot"], day: date, strength: float, threat: float = 0.0
    ) -> bool:
        """The registrar's mind about a group: the same answer until something it looks at changes.

        ``strength`` is that of discretion. Never refused at will are a party that the administration
        ordered, and one that a court has cleared.
        """
        asked = "list" if stage == "again" else stage  # a new registration is judged by the mind about the first
        if party.sponsored or asked in party.cleared:
            return False
        mood, draw = self.streams.uniform(f"registrar/{asked}/{party.address}", 2)
        return refuses(
            self.discretion,
            strength,
            loyalty=party.character.loyalty,
            pressure=self.pressure_on(day),
            mood=float(ndtri(mood)),
            draw=float(draw),
            threat=threat,
        )

    def accepted(self, party: Party, zeal: float, attempt: int) -> NDArray[np.int64]:
        """Names left after the audit, by region (R,): each filed name is struck with the same chance."""
        filed = party.filed_names
        u = self.streams.uniform(f"audit/{party.address}", len(filed), occasion=attempt)
        return filed - binomial(u, filed, np.full(len(u), struck_share(self.audit, zeal)))
