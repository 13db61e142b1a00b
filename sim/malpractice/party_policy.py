"""The regime's party policy: co-opted leaders, engineered splits, look-alikes, mergers, prosecution, removal, bans.

What an act promises is weighed here, in shares of voters; who weighs and when is :mod:`sim.actors.patron`. Nothing in
this module says how to do any of it, and the amounts are those that the record of one country is least surprised by.
"""

from __future__ import annotations

import math

from sim.strict import Share, Strict, setting

_AS_IT_WAS = "1 is the practice as it was, in the amounts of its mechanism; 0 is open and changes nothing"


class PartyPractice(Strict):
    """Strengths of the practices that only a run of decades has; each lies between 0 and 1."""

    cooptation: Share = setting(1, "assumed", f"leaders won over with posts and seats. {_AS_IT_WAS}")
    engineered_splits: Share = setting(1, "assumed", f"loyal splinters of disloyal parties. {_AS_IT_WAS}")
    look_alikes: Share = setting(1, "assumed", f"loyal parties with the name and place of another. {_AS_IT_WAS}")
    mergers: Share = setting(1, "assumed", f"loyal parties merged into the party of power or another. {_AS_IT_WAS}")
    prosecution: Share = setting(1, "assumed", f"leaders tried and members frightened. {_AS_IT_WAS}")
    bans: Share = setting(1, "assumed", f"parties ended by a court as extremist. {_AS_IT_WAS}")
    removal: Share = setting(1, "assumed", f"lists struck off before the vote. {_AS_IT_WAS}")
    hall_refusal: Share = setting(1, "assumed", f"halls refused to founding congresses. {_AS_IT_WAS}")
    suspension: Share = setting(1, "assumed", f"applications left without an answer. {_AS_IT_WAS}")
    fast_track: Share = setting(1, "assumed", f"quick answers to parties that were ordered. {_AS_IT_WAS}")
    court_dependence: Share = setting(1, "assumed", f"courts that uphold refusals without a ground. {_AS_IT_WAS}")


OPEN = PartyPractice.model_validate(dict.fromkeys(PartyPractice.model_fields, 0))
"""Every practice of the party policy switched off."""


class PolicySettings(Strict):
    """What the administration looks at, what its acts do, and what they cost it.

    Threat is a party's share of voters times its distance from loyalty. Costs and gains are in the same unit.
    """

    season: int = setting(4, "assumed", "months from one look at the parties to the next", unit="months", ge=1)
    misjudged: float = setting(0.3, "assumed", "error in what it believes of a party's support, in logs", ge=0)
    doubt: float = setting(0.01, "assumed", "spread of what else it weighs (Gumbel), shares of voters", gt=0)
    inertia: float = setting(0.05, "assumed", "gain below which it would rather leave a party alone", ge=0)
    budget: float = setting(0.03, "assumed", "what its acts of one year may cost together", ge=0)
    cooptation_cost: float = setting(0.004, "assumed", "posts, seats, chairs", ge=0)
    split_cost: float = setting(0.006, "assumed", "of an engineered split", ge=0)
    look_alike_cost: float = setting(0.004, "assumed", "of a party with another's name", ge=0)
    prosecution_cost: float = setting(0.006, "assumed", "of a trial", ge=0)
    ban_cost: float = setting(0.012, "assumed", "of a ban: what the world and others say", ge=0)
    won_over: float = setting(2.0, "assumed", "loyalty gained by a leader who is won over, logits", ge=0)
    splintered: float = setting(
        0.4, "assumed", "share of members and voters who go with an engineered splinter", ge=0, le=0.95
    )
    confused: float = setting(
        0.15, "assumed", "share of a party's voters who take its look-alike for it", ge=0, le=0.95
    )
    frightened: Share = setting(0.5, "assumed", "members who leave when leaders are tried")
    outlasting: float = setting(
        2.0, "assumed", "years after its first notice from which a refused group counts as lasting", unit="years", ge=0
    )
    satellites: int = setting(4, "assumed", "loyal parties wanted beside the party of power", unit="parties", ge=0)
    orders: Share = setting(0.5, "assumed", "chance a season that a missing one is ordered")
    order_before: int = setting(18, "assumed", "months before an election from which they are", unit="months", ge=1)
    merging: Share = setting(0.1, "assumed", "chance a season that one too many is merged")
    into_power: Share = setting(
        4 / 7, "sourced", "of seven mergers of loyal parties 2002-2015 four were into the party of power (parties.toml)"
    )
    banned_name_years: int = setting(
        10, "assumed", "for which a banned movement goes on outside the law", unit="years", ge=0
    )
    struck_off: Share = setting(0.05, "assumed", "chance that a list at odds with its registrar is struck off")


def threat(support: float, loyalty: float) -> float:
    """Share of voters at odds with the regime through a party."""
    return support * (1 - loyalty)


def gains(
    settings: PolicySettings,
    practice: PartyPractice,
    *,
    support: float,
    loyalty: float,
    hard: bool,
    registered: bool,
    outlasted: bool = False,
) -> dict[str, float]:
    """What each act against a party promises less what it costs, in shares of voters; acts switched off are left out.

    Leaders of ideological parties are not for sale (Reuter & Robertson 2015; Dollbaum 2017): co-optation is weighed
    for the moderate only, trials and bans for the hard only. A splinter and a look-alike need a party to be taken from.
    Courts are not called for where a refusal will do: a group is tried or banned once it has ``outlasted`` refusals.
    """
    danger = threat(support, loyalty)
    there = registered or outlasted
    after = 1 / (1 + math.exp(-(_logit(loyalty) + settings.won_over)))
    weighed = {
        "cooptation": (not hard, practice.cooptation, support * (after - loyalty), settings.cooptation_cost),
        "split": (registered, practice.engineered_splits, settings.splintered * danger, settings.split_cost),
        "look_alike": (registered, practice.look_alikes, settings.confused * danger, settings.look_alike_cost),
        "prosecution": (hard and there, practice.prosecution, settings.frightened * danger, settings.prosecution_cost),
        "ban": (hard and there, practice.bans, danger, settings.ban_cost),
    }
    return {act: gain - cost for act, (possible, strength, gain, cost) in weighed.items() if possible and strength > 0}


def _logit(share: float) -> float:
    inside = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))
