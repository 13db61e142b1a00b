"""Rewriting: a protocol is changed after the count so that it shows a round share, a round turnout, or both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.strict import Share, Strict, setting


class RewritingSettings(Strict):
    """Which protocols are rewritten and to what, from the shape of Russian station data."""

    share_of_joiners: Share = setting(0.075, "prototype", "commissions that obey and also rewrite; .05-.13 fit")
    round_share_only: Share = setting(0.62, "prototype", "rewrite the leader's share alone")
    round_turnout_only: Share = setting(0.28, "prototype", "rewrite turnout alone; the rest rewrite both")
    to_multiple_of_five: Share = setting(0.40, "prototype", "round to 5 % rather than to 1 %")


def rewritten(
    settings: RewritingSettings,
    strength: float,
    obeys: NDArray[np.bool_],
    listed: NDArray[np.int64],
    cast: NDArray[np.int64],
    leader: NDArray[np.int64],
    draw: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ballots added to turnout (dB) and to the leader (dL) by rewriting; all arrays (S,), ``draw`` (3, S) uniforms.

    Targets are the next round percent above what the count gave, so that dL >= dB >= 0.
    """
    chosen = obeys & (draw[0] < strength * settings.share_of_joiners)
    turnout = chosen & (draw[1] >= settings.round_share_only)
    share = chosen & ~(turnout & (draw[1] < settings.round_share_only + settings.round_turnout_only))
    step = np.where(draw[2] < settings.to_multiple_of_five, 5, 1)
    more = np.where(turnout, np.clip(_next_round(cast, listed, step), cast, listed) - cast, 0)
    cast, leader = cast + more, leader + more
    lifted = np.where(share, np.clip(_next_round(leader, cast, step), leader, cast) - leader, 0)
    return more, more + lifted


def _next_round(part: NDArray[np.int64], whole: NDArray[np.int64], step: NDArray[np.int64]) -> NDArray[np.int64]:
    """The count nearest to the next multiple of ``step`` percent of ``whole`` at or above ``part``."""
    percent = -(-100 * part // np.maximum(whole * step, 1)) * step
    return np.rint(np.minimum(percent, 100) * whole / 100).astype(np.int64)
