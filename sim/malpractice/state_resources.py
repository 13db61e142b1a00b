"""State resources: what the party of power owes to office, staff, money and screen rather than to voters' liking.

Totals cannot separate media from administrative resources, nor either from an honest liking for the incumbent; the
organic part is *assumed* to be the valence of its strongest rival whom nobody
ordered, and the rest is called the premium.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping


def premium(valence: Mapping[str, float], party_of_power: str, ordered: Collection[str]) -> float:
    """The regime premium in the fitted valence of the party of power, in utility; 0 where a rival is stronger.

    Parties that the administration ordered are no rivals: their appeal is the regime's too.
    """
    rivals = [value for key, value in valence.items() if key != party_of_power and key not in ordered]
    return max(0.0, valence[party_of_power] - max(rivals))


def valence_with(strength: float, fitted: float, regime_premium: float) -> float:
    """Valence of the party of power when its premium has this strength."""
    return fitted - (1 - strength) * regime_premium
