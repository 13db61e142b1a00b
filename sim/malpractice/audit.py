"""The audit of member lists: how many names are struck when the registrar looks kindly, and when it wants a refusal."""

from __future__ import annotations

from sim.strict import Share, Strict, setting


class AuditSettings(Strict):
    """Names struck from a list by the checkers."""

    bad_names: Share = setting(0.05, "assumed", "names that are dead, under age, double, withdrawn or wrongly written")
    found_by_sample: Share = setting(0.25, "assumed", "share of bad names that an ordinary check finds")
    struck_with_zeal: Share = setting(
        0.32, "sourced", "Alga 2005: at least 20,000 of 62,178 names struck, cable 06ASTANA34"
    )
    kinds: tuple[Share, Share, Share, Share, Share] = setting(
        (0.3, 0.1, 0.2, 0.2, 0.2),
        "assumed",
        "struck names that are dead, under age, listed twice, withdrew, wrongly written; all five are on record",
    )


KINDS = ("dead", "under age", "listed twice", "withdrew", "wrongly written")
"""Why names are struck."""


def kinds_of(settings: AuditSettings, struck: int) -> dict[str, int]:
    """Struck names by the reason stated, in whole persons; what rounding leaves over stands under the last."""
    parts = {kind: int(struck * share) for kind, share in zip(KINDS, settings.kinds, strict=True)}
    parts[KINDS[-1]] += struck - sum(parts.values())
    return parts


def struck_share(settings: AuditSettings, zeal: float) -> float:
    """Share of filed names struck; ``zeal`` 0 is an ordinary check, 1 the harshest on record."""
    ordinary = settings.bad_names * settings.found_by_sample
    return ordinary + zeal * (settings.struck_with_zeal - ordinary)
