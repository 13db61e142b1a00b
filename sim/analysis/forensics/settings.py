"""What the forensic tests are set to, each number with its mark and its source."""

from __future__ import annotations

from sim.strict import Strict, setting


class ForensicSettings(Strict):
    """Choices behind the tests; what a paper fixes is sourced, the bars for refusing to answer are assumed."""

    draws: int = setting(100, "sourced", "Monte Carlo redraws of integer peaks; targets are given at 100", ge=20)
    peak_voters: int = setting(
        100, "sourced", "integer peaks and digits: Kobak, Shpilkin & Pshenichnikov 2016", unit="voters", ge=1
    )
    peak_highest: float = setting(
        99.0, "sourced", "turnout and share above this are left out: Kobak et al. 2016", unit="%", gt=0, le=100
    )
    peak_within: float = setting(
        0.05, "sourced", "distance from a whole percent that counts: Kobak et al. 2016", unit="points", gt=0, lt=0.5
    )
    resamples: int = setting(400, "assumed", "bootstrap resamples of clusters", ge=50)
    few_clusters: int = setting(
        8, "assumed", "below as many regions, territories are resampled; below as many of these, stations", ge=2
    )
    few_stations: int = setting(200, "assumed", "below this a distribution is not fitted", unit="stations", ge=20)
    clean_share: float = setting(
        0.05, "assumed", "Shpilkin: voters below the peak that make a clean side", unit="share", ge=0, lt=1
    )
    clean_rise: float = setting(
        3.0, "assumed", "Shpilkin: rise of the leader's share below the peak that is not flat", unit="points", gt=0
    )
    clean_spread: float = setting(
        8.0, "assumed", "Shpilkin: 95 % range of the peak over resamples that is no place", unit="points", gt=0
    )
    rival_height: float = setting(
        0.5, "assumed", "Shpilkin: a second peak this high, beside the first, is a rival", unit="share", gt=0, lt=1
    )
    rival_valley: float = setting(
        0.8, "assumed", "Shpilkin: depth of the valley before a rival, of the lower peak", unit="share", gt=0, lt=1
    )
    least_count: int = setting(
        100, "sourced", "last digits: counts of three digits and more; Beber & Scacco 2012", unit="votes", ge=10
    )
    least_voters: int = setting(0, "assumed", "regression: smaller stations are left out", unit="voters", ge=0)
    round_within: int = setting(5, "sourced", "round shares: votes from a whole 0.1 %; published targets", ge=0)
    extreme_spread: float = setting(
        0.075, "sourced", "Klimek et al. 2012: spread of what extreme stations leave undone", gt=0, lt=1
    )
    seed: int = setting(1, "assumed", "seed of the redraws and resamples", ge=0)


DEFAULTS = ForensicSettings()
