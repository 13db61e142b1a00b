"""Closed media: parties that are not loyal do not reach the public through them."""

from __future__ import annotations

from sim.strict import Share, Strict, setting


class MediaSettings(Strict):
    """How parties become known."""

    reach: Share = setting(0.05, "assumed", "chance a month that a voter hears of an unknown party through the media")
    word_of_mouth: Share = setting(0.03, "assumed", "chance a month to hear of it from one neighbour who knows it")
    campaign: Share = setting(0.8, "assumed", "voters whom a list's campaign reaches once it stands: airtime, posters")
    ballot_paper: Share = setting(0.2, "assumed", "voters who consider a list they only read of on the ballot paper")
    canvass: Share = setting(
        0.3, "assumed", "voters reached by what one campaign's worth of public money pays outside the media"
    )
    known_before: Share = setting(0.95, "assumed", "voters who know a party that stood before")


def media_reach(settings: MediaSettings, strength: float, loyal: bool) -> float:
    """Chance a month to hear of a party through the media."""
    return settings.reach * _open_to(strength, loyal)


def campaign_reach(settings: MediaSettings, strength: float, loyal: bool, public_money: float = 0.0) -> float:
    """Chance that a voter considers a list: from its campaign, what public money pays, or the ballot paper."""
    missed = (1 - settings.ballot_paper) * (1 - settings.campaign * _open_to(strength, loyal))
    return 1 - missed * (1 - settings.canvass) ** public_money


def _open_to(strength: float, loyal: bool) -> float:
    return 1 if loyal else 1 - strength
