"""Repression: fear keeps people out of groups the authorities do not like."""

from __future__ import annotations

from sim.strict import Share, Strict, setting


class RepressionSettings(Strict):
    """How much fear costs a wholly disloyal group."""

    fear: Share = setting(0.5, "assumed", "share of possible members frightened away from a wholly disloyal group")


def still_join(settings: RepressionSettings, strength: float, loyalty: float) -> float:
    """Share of the willing who join despite fear: 1 - fear (1 - loyalty)."""
    return 1 - strength * settings.fear * (1 - loyalty)
