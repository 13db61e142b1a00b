"""The settings of every stage, apart from the stages, so that a scenario is checked without importing Mesa."""

from __future__ import annotations

from datetime import date

from sim.strict import Share, Strict, setting


class OpinionSettings(Strict):
    """How positions and grievances move in a month."""

    attraction: Share = setting(0.1, "assumed", "step towards the mean of neighbours within the bound")
    bound: float = setting(1.5, "assumed", "neighbours further away on an axis are not listened to", gt=0)
    noise: float = setting(
        0.2, "calibrated", "spread of private change; keeps the spread of opinion at 1 (0.98 after two years)", ge=0
    )
    grievance_decay: Share = setting(0.95, "prototype", "grievance left after a month above its usual level")


class Shock(Strict):
    """A dated event that adds to everybody's grievance."""

    day: date
    name: str
    grievance: float
    known_on: date


class FormationSettings(Strict):
    """How often groups form and what they are like."""

    rate: float = setting(1.9, "prototype", "groups a year that try at 20,000 members", unit="groups a year", ge=0)
    elasticity: float = setting(0.70, "prototype", "attempts fall with this power of the members asked", ge=0)
    fewest_members: int = setting(
        500, "assumed", "below this a lower number attracts nobody more", unit="members", ge=1
    )
    unlisted: Share = setting(
        5 / 12, "calibrated", "14 groups gave notice in 2022-23 less 9 in the case file, of 12 not ordered"
    )
    candidates: int = setting(5, "prototype", "a founder is the worst served of this many voters", ge=1)
    accountability_on_loyalty: float = setting(
        1.0, "assumed", "logits of loyalty lost per unit of accountability", ge=0
    )
    latent_loyalty_spread: float = setting(
        1.0, "assumed", "spread of a latent group's loyalty around its lean, logits", ge=0
    )
    loyalty_spread: float = setting(0.5, "assumed", "uncertainty of a behaviour code, logits of loyalty", ge=0)
    money_spread: float = setting(0.7, "assumed", "spread of the logarithm of money; median 1", ge=0)
    profile_spread: float = setting(0.5, "assumed", "spread of the logarithm of regional strength", ge=0)
    position_spread: float = setting(0.25, "assumed", "uncertainty of a position coded from platform words", ge=0)
    valence: float = setting(-1.2, "prototype", "mean valence of an entrant")
    valence_spread: float = setting(0.5, "prototype", "spread of an entrant's valence", ge=0)


class RecruitmentSettings(Strict):
    """How fast a group finds members."""

    names: float = setting(
        1_100, "prototype", "names a month per unit of money at a sympathy of 4 %", unit="persons", ge=0
    )
    usual_sympathy: float = setting(0.04, "prototype", "sympathy at which that speed was found", gt=0)
    reach: Share = setting(0.10, "assumed", "share of sympathisers who would ever sign: capacity; not identified", gt=0)
    leave: Share = setting(0.01, "prototype", "members lost a month")
    margin: float = setting(1.1, "assumed", "groups gather this multiple of what the law asks before they file", ge=1)


class FoundingSettings(Strict):
    """How groups hold congresses and how soon they try again."""

    come: Share = setting(0.54, "prototype", "members who come to a congress at no distance and nobody stopped")
    distance_km: float = setting(300, "prototype", "kilometres over which attendance falls by e, without money", gt=0)
    venue: str | None = setting(None, "assumed", "region whose centre holds the congress; the case's own (case.toml)")
    refile_days: int = setting(14, "prototype", "days from a refusal to the next filing", unit="days", ge=1)
    second_try_days: int = setting(30, "assumed", "days from a congress without quorum to the next", unit="days", ge=1)


class ChoiceSettings(Strict):
    """Utility of a list: valence, distance, a local term, and the chance that a vote for it is not wasted."""

    distance: float = setting(0.7, "prototype", "weight of squared distance on the three axes", ge=0)
    local_spread: float = setting(
        0.6, "prototype", "spread of local party terms, by kind of settlement in a district", ge=0
    )
    rural_incumbent: float = setting(0.7, "prototype", "utility of the party of power in villages: +17 points, Russia")
    strategic: float = setting(0.25, "prototype", "weight of the log believed chance to win a seat; .2-.3", ge=0)
    belief_noise: float = setting(0.1, "prototype", "error of beliefs about support, in logs", ge=0)
    rounds: int = setting(4, "prototype", "rounds in which beliefs and intentions meet", ge=0, le=20)
    grievance_against_all: float = setting(2.0, "assumed", "utility of a vote against all per unit of grievance", ge=0)
    best_against_all: float = setting(
        0.3, "assumed", "utility of a vote against all lost per unit of the best list", ge=0
    )


class TurnoutSettings(Strict):
    """Log-odds of voting; pivotality is near 0 (Peisakhin et al. 2020) and left out."""

    stakes: float = setting(0.1, "assumed", "per unit by which the best list beats the mean one", ge=0)
    distrust: float = setting(1.0, "assumed", "per unit of disbelief in an honest count", ge=0)
    rural: float = setting(0.57, "prototype", "in villages: +14 points, Russia")


class CountSettings(Strict):
    """Honest differences between stations, and spoilt ballots."""

    turnout_spread: float = setting(0.34, "prototype", "spread of station effects on logit turnout", ge=0)
    share_spread: float = setting(0.31, "prototype", "spread of station effects on the leader's logit share", ge=0)
    correlation: float = setting(0.08, "prototype", "correlation of the two station effects", ge=-1, le=1)
    closed_turnout: Share = setting(
        0.95, "assumed", "turnout of closed stations (most Moscow stations above 95 % are small)"
    )
    closed_leader: float = setting(
        0,
        "assumed",
        "logits the leader has more in closed stations; small ones above 95 %: .4 Moscow, 1.2 Russia",
    )
    invalid: Share | None = setting(
        None, "sourced", "ballots in the box that name no option; the case's own for the election (events.toml)"
    )


class NominationSettings(Strict):
    """Which registered parties have a list."""

    record: bool = setting(
        True, "sourced", "parties that boycotted, were barred or ran on another's list stay out, as on record"
    )


class AftermathSettings(Strict):
    """How published evidence moves belief in an honest count."""

    learning: Share = setting(0.2, "assumed", "step of belief towards what observers publish")
    supporters: float = setting(
        1.5, "assumed", "step of the incumbent's voters against others' (sign: Reuter & Szakonyi 2021)", ge=1, le=5
    )
    published: Share = setting(1, "assumed", "chance that what observers saw in a region is published there")
