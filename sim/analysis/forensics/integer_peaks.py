"""Whole percents: more stations at them than redraws of the same protocols give (Kobak, Shpilkin & Pshenichnikov)."""

from __future__ import annotations

import numpy as np

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Stations
from sim.kernels import peaks
from sim.streams import Streams

TEST = "integer_peaks"
QUESTION = "Integer peaks: do more stations show a whole percent than chance gives?"
SOURCE = "Kobak, Shpilkin & Pshenichnikov 2016, Annals of Applied Statistics 10:54-73"
CANNOT = (
    "which stations wrote a wanted figure, how many votes that moved, or for whom; made-up figures that are not round "
    "stay unseen, and so does stuffing that nobody aimed at a figure."
)


def chosen(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Stations:
    """The stations the test looks at: enough voters, and neither turnout nor share near 100 %."""
    there = stations.counted()
    high = settings.peak_highest / 100
    keep = (there.voters >= settings.peak_voters) & (there.given <= high * there.voters)
    return there.take(keep & (there.leader <= high * there.cast))


def integer_peaks(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Stations at a whole percent of turnout or of the leader's share, less the mean of binomial redraws."""
    held = chosen(stations, settings)
    if len(held) < 20:
        return no_answer(
            TEST,
            QUESTION,
            f"{len(held)} stations have {settings.peak_voters} voters or more and figures up to "
            f"{settings.peak_highest:g} %; at least 20 are needed.",
            unit="stations",
            cannot_tell=CANNOT,
            source=SOURCE,
            excess=None,
            mc_sd=None,
            observed=None,
            mc_mean=None,
            draws=0,
            stations=len(held),
        )
    arrays = held.voters, held.given, held.cast, held.leader
    streams = Streams(settings.seed)
    addresses = [
        [streams.key(f"forensics/peaks/{of}", occasion=d) for of in ("turnout", "share")] for d in range(settings.draws)
    ]
    drawn = peaks.redrawn(np.array(addresses), *arrays, settings.peak_within)
    seen = int(peaks.shown(held.given, held.voters, held.leader, held.cast, settings.peak_within).sum())
    mean, spread = float(drawn.mean()), float(drawn.std(ddof=1))
    excess = seen - mean
    p = (1 + int((drawn >= seen).sum())) / (len(drawn) + 1)
    reading = (
        f"{seen:,} of {len(held):,} stations show one; {len(drawn)} redraws {mean:,.1f} on average: {excess:+,.1f} "
        f"[{excess - 1.96 * spread:,.0f}, {excess + 1.96 * spread:,.0f}], spread of redraws {spread:,.1f}, "
        f"p {p:.2g} (not below {1 / (len(drawn) + 1):.2g} with {len(drawn)} redraws)."
    )
    return Finding(
        TEST,
        QUESTION,
        excess,
        "stations",
        (excess - 1.96 * spread, excess + 1.96 * spread),
        "what chance alone moves the number of whole percents by",
        (
            "every voter of a station decides alone, at its observed rates",
            f"stations of {settings.peak_voters} voters and more, turnout and share up to {settings.peak_highest:g} %",
            f"whole means within {settings.peak_within:g} points",
        ),
        CANNOT,
        SOURCE,
        values={
            "excess": excess,
            "mc_sd": spread,
            "observed": seen,
            "mc_mean": mean,
            "draws": len(drawn),
            "stations": len(held),
        },
        p=p,
        reading=reading,
    )
