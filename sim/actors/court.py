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

    def reinstate(self, refused: NDArray[np.bool_], occasion: int) -> NDArray[np.bool_]:
        """Which refused candidates of each district sue and win; both (k, D)."""
        most, districts = refused.shape
        sues, wins = (
            self.streams.uniforms([f"court/{what}/{d}" for d in range(districts)], most, occasion=occasion)
            for what in ("sue", "win")
        )
        return refused & (sues < self.settings.sue) & (wins < self.settings.win)
