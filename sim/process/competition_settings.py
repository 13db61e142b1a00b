"""The settings of party competition over decades, apart from the stages, so that they can be read without Mesa."""

from __future__ import annotations

from typing import Literal

from sim.strict import Share, Strict, setting

Rule = Literal["sticker", "aggregator", "hunter", "predator"]
"""How a party moves between elections (Laver & Sergenti 2012)."""


class CompetitionSettings(Strict):
    """How parties arise, drift, move, join and leave from one election to the next.

    How voters choose between lists, once there are lists, is that of a single election: ``ChoiceSettings``.
    """

    drift: float = setting(
        0.5,
        "calibrated",
        "spread of a term's news about a party with half the vote, in log odds; on 98 list seats",
        ge=0,
    )
    averaging: float = setting(
        0.5,
        "assumed",
        "power by which that spread grows as v (1 - v) falls; .5: a following is many that go their own ways; 0: none",
        ge=0,
        le=1,
    )
    smallest: Share = setting(
        0.01, "assumed", "share of the vote below which news about a party no longer weighs more", gt=0, le=0.5
    )
    persistence: Share = setting(0.9, "prototype", "valence kept from one election to the next")
    cost_of_ruling: float = setting(
        0.25,
        "prototype",
        "valence lost over a term by a party that held every seat: 40 % of seats cost 2.4 points of the vote, where"
        " Nannestad & Paldam 1999 find about 2.25 for governments of rich democracies",
        ge=0,
    )
    local_persistence: Share = setting(0.7, "prototype", "local terms kept from one election to the next")
    term: int = setting(48, "assumed", "from one election to the next", unit="months", ge=2)
    round: int = setting(4, "assumed", "from one move of the parties to the next", unit="months", ge=1)
    step: float = setting(0.1, "prototype", "length of a move, in standard deviations of opinion", ge=0)
    rules: tuple[Rule, ...] = setting(
        ("sticker", "aggregator", "hunter", "predator"), "prototype", "rules of movement, one drawn for each party"
    )
    founders: int = setting(
        20, "assumed", "parties of the first free election; the long run forgets them", unit="parties", ge=2
    )
    tries: float = setting(2.5, "prototype", "mean number of groups that consider a party", unit="a term", ge=0)
    candidates: int = setting(5, "prototype", "a group forms around the worst served of this many voters", ge=1)
    entrant: float = setting(-1.2, "prototype", "mean valence of a new party")
    entrant_spread: float = setting(0.5, "prototype", "spread of a new party's valence", ge=0)
    entry_chance: Share = setting(0.4, "prototype", "best believed chance to win a seat that a new party asks for")
    memory: Share = setting(0.7, "prototype", "weight of the past in a party's smoothed seats")
    fewest: float = setting(2.0, "prototype", "smoothed seats below which a party gives up", unit="seats", ge=0)
    grace: float = setting(3.0, "prototype", "smoothed seats a new party is credited with", unit="seats", ge=0)
    exit_by: Literal["seats", "votes"] = setting("seats", "prototype", "what a party is kept alive by")
    fewest_votes: Share = setting(0.03, "prototype", "the same bar in shares of the vote, where votes decide")
    grace_votes: Share = setting(0.045, "prototype", "what a new party is credited with, where votes decide")
    partners: int = setting(
        3, "assumed", "nearest lists that each asks for a joint list; 0: no joint lists", unit="lists", ge=0
    )
