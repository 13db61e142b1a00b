"""The settings of the actors, apart from the agents, so that a scenario is checked without importing Mesa."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sim.strict import Share, Strict, setting


class RegistrarSettings(Strict):
    """How the Ministry works its queue."""

    notice_days: int = setting(
        11,
        "calibrated",
        "12 refusals of one group in about 300 days to 19 March 2023, less 14 days to file again",
        unit="days",
        ge=1,
    )
    check_days: int = setting(
        10,
        "calibrated",
        "47 days from congress to registration in 2022-23, less 30 of review and a week before filing",
        unit="days",
        ge=0,
    )


class Pressure(Strict):
    """How far the registrar is pressed to register from a day on, against 2022 = 0."""

    since: date
    value: float


class ObserverSettings(Strict):
    """Where independent observers are, and what their presence does."""

    share: Share | None = setting(
        None, "sourced", "stations with an independent observer; the case's own for the election (events.toml)"
    )
    where: Literal["everywhere", "urban only"] = setting("everywhere", "assumed", "drawn evenly over stations")
    deterrence: float = setting(
        1.75, "prototype", "kappa: how much an observer holds a commission back; 1.3-2.4 fit", ge=0
    )
    displacement: Share = setting(0.25, "assumed", "share of deterred acts moved to unwatched stations; 0-.5 is swept")


class CommissionSettings(Strict):
    """Pressure from above and the commission's answer (Rundlett & Svolik 2016; FINDINGS B, fitted to Russian stations).

    Zeal, caution and honesty of a commission cannot be told apart; together they are one standard normal.
    """

    pressure: float = setting(0, "assumed", "added to the mean pressure of the level of malpractice, probits")
    region_spread: float = setting(
        0.5, "assumed", "spread of pressure between regions; Russia's 2.5 is not carried over", ge=0
    )
    territory_spread: float = setting(1.1, "prototype", "spread between territories; .7-1.3 fit", ge=0)
    share_above: float = setting(0.5, "assumed", "an average order's logit share above the leader's official share")
    turnout_above: float = setting(
        0.35, "assumed", "an average order's logit turnout above the region's official turnout"
    )
    share_slope: float = setting(0.49, "prototype", "order's logit share per unit of pressure; .37-.6 fit")
    turnout_slope: float = setting(0.69, "prototype", "order's logit turnout per unit of pressure")
    territory_weight: float = setting(0.13, "prototype", "weight of the territory in the order")
    rural_share: float = setting(0.94, "prototype", "logit share ordered of rural against urban stations of a region")
    rural_turnout: float = setting(
        1.2, "prototype", "logit turnout ordered of rural against urban stations of a region"
    )
    share_noise: float = setting(0.74, "prototype", "spread of ordered logit shares; .42-.8 fit", ge=0)
    turnout_noise: float = setting(0.49, "prototype", "spread of ordered logit turnouts", ge=0)
