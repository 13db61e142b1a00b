"""Discretion: the registrar refuses whom it does not trust, and keeps its mind about each group."""

from __future__ import annotations

import math

from sim.strict import Strict, setting


class DiscretionSettings(Strict):
    """The registrar's mind, the prototype's fit of 1999-2024."""

    loyalty_weight: float = setting(13, "prototype", "slope in loyalty; 10-16 fit", ge=0)
    fifty_point: float = setting(
        0.67, "prototype", "loyalty refused half the time at the pressure of 2022", ge=-1, le=1
    )
    pressure_weight: float = setting(
        9, "prototype", "slope in pressure to register; not separable from a period effect", ge=0
    )
    mood_spread: float = setting(2.2, "prototype", "spread of the opinion drawn once per group and stage", ge=0)
    threat_weight: float = setting(
        0, "assumed", "slope in threat, shares of voters; the record cannot tell it from loyalty, so 0: vary it", ge=0
    )


def refuses(
    settings: DiscretionSettings,
    strength: float,
    *,
    loyalty: float,
    pressure: float,
    mood: float,
    draw: float,
    threat: float = 0.0,
) -> bool:
    """Whether the registrar wants to refuse.

    ``mood`` (a standard normal) and ``draw`` (a uniform) are drawn once per group and stage, so that the answer changes
    only when loyalty, threat, pressure or the strength of the practice changes. ``pressure`` is measured against 2022 =
    0, ``threat`` is the share of voters at odds with the regime through the group, 0 where nobody asks them.
    """
    against = settings.loyalty_weight * (settings.fifty_point - loyalty) - settings.pressure_weight * pressure
    against += settings.threat_weight * threat
    return draw < strength / (1 + math.exp(-min(max(against + settings.mood_spread * mood, -700), 700)))
