"""Last digits of counts, which chance makes even, and second digits, whose usual null is false."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Stations
from sim.kernels import counts
from sim.streams import Streams

LAST, SECOND = "last_digit", "second_digit"
LAST_QUESTION = "Last digit: are the ten digits equally frequent at the end of the leader's votes?"
SECOND_QUESTION = "Second digit: its mean among the leader's votes (no test)"
LAST_SOURCE = "Beber & Scacco 2012, Political Analysis 20:211-234"
SECOND_SOURCE = "Mebane 2008; the warning is measured here (docs/forensics.md)"
LAST_CANNOT = (
    "figures that were moved rather than invented: adding real ballots leaves last digits even; nor who wrote them. "
    "Uneven digits may also come from rounding in the file."
)
SECOND_CANNOT = "anything about fraud by itself: without fraud the mean depends on the sizes of stations."
WARNING = (
    "the mean 4.187 of Benford's law is no null for stations: fraud-free stations give 4.10 to 4.36, so a distance "
    "from it says nothing."
)


def last_digit(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Chi-squared test of the last digits of the leader's votes; the same for other counts beside it."""
    least = settings.least_count
    kinds = {
        "leader": stations.leader,
        "others": stations.cast - stations.leader,
        "given": stations.given,
        "voters": stations.voters,
    }
    if "given" in stations.missing:
        kinds.pop("given")
    tables = {name: np.bincount(votes[votes >= least] % 10, minlength=10) for name, votes in kinds.items()}
    table = tables["leader"]
    n = int(table.sum())
    if n < 50:
        why = f"{n} stations give the leader {least} votes or more; 50 are needed for five a digit."
        return no_answer(
            LAST, LAST_QUESTION, why, unit="share", cannot_tell=LAST_CANNOT, source=LAST_SOURCE,
            mean=None, zero_five=None, counts=table.tolist(), n=n, others=None,
        )  # fmt: skip
    p, expected = _even(stations.leader, least)
    mean, mean_range, share, share_range = _digit_figures(table, settings)
    reading = (
        f"p {p:.3g} over {n:,} counts of {least} and more; mean digit {mean:.3f} "
        f"[{mean_range[0]:.3f}, {mean_range[1]:.3f}] ({expected:.3f} expected), 0 or 5 in {100 * share:.2f} % "
        f"[{100 * share_range[0]:.2f}, {100 * share_range[1]:.2f}] (20 if even)."
    )
    return Finding(
        LAST,
        LAST_QUESTION,
        share,
        "share of last digits that are 0 or 5",
        share_range,
        "bootstrap of stations",
        (
            f"counts of {least} and more spread smoothly over many tens, so that chance evens their last digit",
            "stations are counted apart",
        ),
        LAST_CANNOT,
        LAST_SOURCE,
        values={
            "mean": mean,
            "mean_interval": list(mean_range),
            "expected_mean": expected,
            "zero_five": share,
            "counts": table.tolist(),
            "n": n,
            "others": {
                name: _even(kinds[name], least)[0] for name, t in tables.items() if name != "leader" and t.sum() >= 50
            },
        },
        p=p,
        reading=reading,
    )


def _even(votes: NDArray[np.int64], least: int) -> tuple[float, float]:
    """Chi-squared p of the last digits of counts from ``least`` on, and the mean digit that chance gives there.

    Counts that fall off from ``least`` on have a few more low digits by themselves: over smooth tens digit d has the
    share .1 - (d - 4.5) f / 10, f being the density where counts are cut off (the falls of all tens add up to it).
    """
    held = votes[votes >= least]
    around = (votes >= least // 2) & (votes < least + least // 2)
    density = around.sum() / (2 * (least // 2)) / max(held.size, 1)
    share = 0.1 - (np.arange(10) - 4.5) * min(density, 0.2) / 10
    p = float(stats.chisquare(np.bincount(held % 10, minlength=10), held.size * share).pvalue)
    return p, float(share @ np.arange(10))


def _digit_figures(
    table: NDArray[np.int64], settings: ForensicSettings
) -> tuple[float, tuple[float, float], float, tuple[float, float]]:
    """Mean and share of 0 and 5, each with the 95 % interval of a bootstrap of the counts."""
    n = int(table.sum())
    digits = np.arange(10)
    drawn = _resampled(table, settings, LAST)
    means, shares = drawn @ digits / n, drawn[:, [0, 5]].sum(axis=1) / n
    ends = [np.quantile(values, [0.025, 0.975]) for values in (means, shares)]
    mean, share = float(table @ digits / n), float(table[[0, 5]].sum() / n)
    return mean, (float(ends[0][0]), float(ends[0][1])), share, (float(ends[1][0]), float(ends[1][1]))


def _resampled(table: NDArray[np.int64], settings: ForensicSettings, test: str) -> NDArray[np.float64]:
    """Tables of as many counts drawn from a table of ten; shape (resamples, 10)."""
    n, many, streams = int(table.sum()), settings.resamples, Streams(settings.seed)
    u = np.column_stack([streams.uniform(f"forensics/{test}/resample/{digit}", many) for digit in range(9)])
    drawn = counts.multinomial(u, np.full(many, n), (table / n)[None, :], np.zeros(many, np.int64))
    return drawn.astype(np.float64)


def second_digit(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """The mean second digit of the leader's votes, printed with its warning and without a verdict."""
    votes = stations.leader[stations.leader >= 10]
    common: dict[str, Any] = {"cannot_tell": SECOND_CANNOT, "source": SECOND_SOURCE}
    if len(votes) < 50:
        why = f"{len(votes)} stations give the leader 10 votes or more; 50 are needed."
        return no_answer(SECOND, SECOND_QUESTION, why, unit="digit", mean=None, n=len(votes), **common)
    power = np.floor(np.log10(votes) + 1e-12).astype(np.int64)
    digits = votes // 10 ** (power - 1) % 10
    table = np.bincount(digits, minlength=10)
    means = _resampled(table, settings, SECOND) @ np.arange(10) / len(votes)
    mean = float(digits.mean())
    low, high = (float(x) for x in np.quantile(means, [0.025, 0.975]))
    return Finding(
        SECOND,
        SECOND_QUESTION,
        mean,
        "mean digit",
        (low, high),
        "bootstrap of stations",
        ("none: no null is tested",),
        **common,
        values={"mean": mean, "n": len(votes)},
        reading=f"{mean:.3f} [{low:.3f}, {high:.3f}] over {len(votes):,} counts.",
        warning=WARNING,
    )
