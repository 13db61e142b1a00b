"""Candidate filtering: technical refusals that fall on the less loyal of those who stand in a district."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.strict import Share, Strict, setting


class CandidateSettings(Strict):
    """Independent candidates and what becomes of their papers, Majilis 2023."""

    per_district: Annotated[float, Field(ge=0)] | None = setting(
        None, "sourced", "self-nominated candidates a district; the case's own for the election (events.toml)"
    )
    refused: float = setting(
        1 - 359 / 525, "sourced", "359 of about 525 self-nominated registered, CEC 2023", ge=0, le=0.5
    )
    ordinary_refusal: Share = setting(0.05, "assumed", "refusals without any filtering: honest faults in papers")
    sue: Share = setting(82 / 174, "sourced", "82 of 174 refused candidates went to court, 2023")
    win: Share = setting(6 / 82, "sourced", "6 of the 82 won, 2023")
    quality_spread: float = setting(
        1.0,
        "calibrated",
        "spread of a candidate's personal vote, in utility; on the districts of 1999 and 2004 (odd.md, 7.18)",
        ge=0,
    )
    independent_base: float = setting(
        1.0, "calibrated", "common appeal of a candidate without a party; on the districts of 1999 and 2004"
    )
    charged: Share = setting(
        0, "assumed", "wholly disloyal candidates barred by a criminal charge; cases are known, no count"
    )
    unpaid: Share = setting(
        0, "assumed", "self-nominated who cannot pay the deposit; those on record as nominated have paid it"
    )
    ordered_loyal: Share = setting(
        0, "assumed", "self-nominated whom the administration asked to stand: wholly loyal; told of, no count"
    )
    party_reach: Share = setting(
        50 / 174, "sourced", "79 party candidates less 29 of the party of power, over 29 districts and 6 other lists"
    )


def refusal_probability[Loyalty: (float, NDArray[np.float64])](
    settings: CandidateSettings, strength: float, loyalty: Loyalty
) -> Loyalty:
    """Chance that a self-nominated candidate's papers are refused; of one, or of arrays.

    The average over loyalties spread evenly is the refusal rate on record; the loyal are refused less, in proportion.
    """
    return settings.ordinary_refusal + strength * 2 * (settings.refused - settings.ordinary_refusal) * (1 - loyalty)


def charge_probability[Loyalty: (float, NDArray[np.float64])](
    settings: CandidateSettings, strength: float, loyalty: Loyalty
) -> Loyalty:
    """Chance that a criminal charge keeps a self-nominated candidate off the ballot; no court gives it back in time."""
    return strength * settings.charged * (1 - loyalty)
