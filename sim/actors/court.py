"""Courts: they hear candidates who were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.malpractice.candidate_filtering import CandidateSettings
    from sim.streams import Streams


class Court(mesa.Agent):
    """First-instance courts taken together: few sue, few of those win (82 and 6 of 174 refused in 2023)."""

    def __init__(self, model: mesa.Model, settings: CandidateSettings, streams: Streams) -> None:
        super().__init__(model)
        self.settings, self.streams = settings, streams

    def reinstate(self, refused: NDArray[np.bool_], district: int, occasion: int) -> NDArray[np.bool_]:
        """Which refused candidates (k,) of a district sue and win."""
        sues, wins = (
            self.streams.uniform(f"court/{what}/{district}", len(refused), occasion=occasion) for what in ("sue", "win")
        )
        return refused & (sues < self.settings.sue) & (wins < self.settings.win)
