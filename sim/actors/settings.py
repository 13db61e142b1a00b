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
    where: Literal["everywhere", "urban only", "whole territories", "two levels"] = setting(
        "everywhere",
        "assumed",
        "drawn evenly over stations, over those of towns, territory by territory, or in half of the territories only",
    )
    accredited: Share = setting(1, "assumed", "of the stations chosen, those where the mission is let in")
    deterrence: float = setting(
        1.75, "prototype", "kappa: how much an observer holds a commission back; 1.3-2.4 fit", ge=0
    )
    displacement: Share = setting(0.25, "assumed", "share of deterred acts moved to unwatched stations; 0-.5 is swept")
    earlier: Share = setting(
        0,
        "assumed",
        "share of deterred ballots, less those moved elsewhere, that are won before the day; told of",
    )
    spill_over: Share = setting(
        0, "assumed", "deterrence at unwatched stations of a territory wholly watched but for them; 0 is no spill-over"
    )
    webcams: Share = setting(0, "assumed", "stations with a camera; none on record for the cases")
    webcam_deterrence: float = setting(
        0.5, "assumed", "how much a camera holds a commission back, probits; effect sizes were not seen", ge=0
    )
    scanners: Share = setting(
        0, "assumed", "stations where a machine counts, so that nothing is stolen or rewritten; none on record"
    )


class CommissionSettings(Strict):
    """Pressure from above and the commission's answer (Rundlett & Svolik 2016; FINDINGS B, fitted to Russian stations).

    Zeal, caution and honesty of a commission cannot be told apart; their sum is one standard normal.
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
    peers: float = setting(
        0, "prototype", "nu: pull of the other commissions of a territory that join; 0-2, station data need none", ge=0
    )
    peers_start: Literal["last election", "nobody", "everybody"] = setting(
        "last election", "prototype", "from whose joining commissions learn what others do; the ends bound all answers"
    )
    believed_win: float = setting(
        0, "prototype", "mu: per logit by which the territory's honest share beats the nation's; 0-2.2", ge=0
    )
    seats: int = setting(7, "assumed", "members of a precinct commission", unit="members", ge=3)
    party_member: Share = setting(
        0.6, "assumed", "chance that a party on the ballot has a member in a commission, until seats are full"
    )
    rival_restraint: float = setting(
        0, "assumed", "probits by which a commission of disloyal parties' members alone holds back; no estimate", ge=0
    )
