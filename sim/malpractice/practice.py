"""The strength of every practice: 1 as it was (enacted), 0 open."""

from __future__ import annotations

from sim.strict import Share, Strict, setting

_AS_IT_WAS = "1 is the practice as it was, in the amounts of its mechanism; 0 is open and changes nothing"


class Practice(Strict):
    """One lever per link of the menu of manipulation (Schedler 2002); every strength lies between 0 and 1."""

    discretion: Share = setting(1, "assumed", f"the registrar's mind beyond the law. {_AS_IT_WAS}")
    audit_zeal: Share = setting(
        1,
        "assumed",
        f"zeal of the audit where the registrar wants a refusal; without discretion it has no work. {_AS_IT_WAS}",
    )
    repression: Share = setting(1, "assumed", f"fear of joining a disloyal group. {_AS_IT_WAS}")
    detention: Share = setting(1, "assumed", f"delegates stopped on the way to a congress. {_AS_IT_WAS}")
    sponsorship: Share = setting(1, "assumed", f"parties ordered by the administration. {_AS_IT_WAS}")
    candidate_filtering: Share = setting(1, "assumed", f"refusal of candidates in districts. {_AS_IT_WAS}")
    media_closure: Share = setting(1, "assumed", f"media shut to parties that are not loyal. {_AS_IT_WAS}")
    state_resources: Share = setting(
        1, "assumed", f"party of power and state fused: its premium in votes. {_AS_IT_WAS}"
    )
    mobilisation: Share = setting(1, "assumed", f"turnout of dependants on order. {_AS_IT_WAS}")
    stuffing: Share = setting(1, "assumed", f"ballots added in the box. {_AS_IT_WAS}")
    stealing: Share = setting(1, "assumed", f"ballots of others counted for the party of power. {_AS_IT_WAS}")
    rewriting: Share = setting(1, "assumed", f"protocols rewritten to a round figure. {_AS_IT_WAS}")
    observer_expulsion: Share = setting(1, "assumed", f"observers put out of the station. {_AS_IT_WAS}")
    observer_barring: Share = setting(
        1, "assumed", f"observers kept from the count; the mechanism's amount is 0 until set. {_AS_IT_WAS}"
    )
    carousel: Share = setting(
        1, "assumed", f"voters driven to vote again; the mechanism's amount is 0 until set. {_AS_IT_WAS}"
    )
    tabulation: Share = setting(
        1,
        "assumed",
        f"other figures written above the station; the mechanism's amount is 0 until set. {_AS_IT_WAS}",
    )
    criminal_charges: Share = setting(
        1, "assumed", f"candidates barred by a charge; the mechanism's amount is 0 until set. {_AS_IT_WAS}"
    )


OPEN = Practice.model_validate(dict.fromkeys(Practice.model_fields, 0))
"""Every practice switched off."""
