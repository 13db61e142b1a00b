"""Turnout against the leader's share, and observed against other stations: least squares with clustered errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.resampling import Fitted, least_squares, within
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Clusters, Stations

TURNOUT, OBSERVERS = "turnout_share", "observers"
TURNOUT_QUESTION = "Turnout and share: does the leader's share rise with turnout within a place?"
TURNOUT_SOURCE = "Myagkov, Ordeshook & Shakin 2009; Enikolopov et al. 2013, PNAS 110:448-452, table 3"
TURNOUT_CANNOT = (
    "why: supporters who are easier to bring out, places that differ inside a territory, and added ballots all tie the "
    "two; and a share moved without turnout leaves no tie."
)
OBSERVERS_QUESTION = "Observers: do stations with observers differ from the others?"
OBSERVERS_SOURCE = "Enikolopov, Korovkin, Petrova, Sonin & Zakharov 2013, PNAS 110:448-452"
OBSERVERS_CANNOT = (
    "how much was removed: unless observers were sent at random the difference may be that of places; what moves to "
    "other stations widens it (a bigger gap can mean less removed), and what observers cannot see is not in it."
)

FloatArray = NDArray[np.float64]


def effects(stations: Stations) -> tuple[NDArray[np.int64], str]:
    """The number of the place each station's effect is taken from, and what places are: the finest that is known."""
    for names, kind in ((stations.places, "territory"), (stations.region, "region")):
        if names is not None:
            _, of = np.unique(names.astype(str), return_inverse=True)
            if of.size and 1 < of.max() + 1 <= len(stations) / 2:
                return of.astype(np.int64), kind
    return np.zeros(len(stations), np.int64), "none"


def turnout_share(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Slope of the leader's share of ballots on turnout with effects of places, and the leader beside each other list.

    ``interactions`` are those of four-column tables: share of voters on turnout, on being the leader, and on both, over
    the leader's and one other list's rows, with effects of territories.
    """
    there = stations.counted()
    there = there.take(there.voters >= settings.least_voters)
    place, kind = effects(there)
    absorbed = int(place.max()) + 1 if len(there) else 0
    empty = dict.fromkeys(("slope", "slope_se", "slope_per_voter", "others_per_voter", "interactions", "n"))
    if len(there) < max(30, absorbed + 10) or there.turnout.std() < 1e-9:
        why = f"{len(there)} stations in {absorbed} places; more stations, with turnouts that differ, are needed."
        return no_answer(
            TURNOUT, TURNOUT_QUESTION, why, unit="points", cannot_tell=TURNOUT_CANNOT, source=TURNOUT_SOURCE, **empty
        )
    groups = there.clusters(settings.few_clusters)
    turnout = there.turnout[:, None]

    def fit(y: FloatArray, x: FloatArray) -> Fitted:
        both = within(np.column_stack([y, x]), place)
        return least_squares(both[:, 0], both[:, 1:], groups.of, absorbed)

    main = fit(there.share, turnout)
    slope, error = float(main.coefficients[0]), float(main.errors[0])
    reach = float(stats.t.ppf(0.975, max(main.clusters - 1, 1))) * error
    p = float(2 * stats.t.sf(abs(slope) / error, max(main.clusters - 1, 1))) if error > 0 else None
    lead = float(fit(there.leader / there.voters, turnout).coefficients[0])
    rest = float(fit((there.cast - there.leader) / there.voters, turnout).coefficients[0])
    beside = {name: interaction(there, votes, place, groups) for name, votes in there.lists.items()}
    reading = (
        f"{slope:+.3f} points of share a point of turnout [{slope - reach:+.3f}, {slope + reach:+.3f}]. A point of "
        f"turnout goes with {lead:.2f} points of voters for the leader and {rest:+.2f} for others, who have "
        f"{100 * there.leader.sum() / there.cast.sum():.1f} % and the rest."
    )
    return Finding(
        TURNOUT,
        TURNOUT_QUESTION,
        slope,
        "points of share a point of turnout",
        (slope - reach, slope + reach),
        f"errors clustered by {main.clusters:,} {groups.kind}",
        (f"effects of places: {kind}", "a straight line, stations alike whatever their size"),
        TURNOUT_CANNOT,
        TURNOUT_SOURCE,
        values={
            "slope": slope,
            "slope_se": error,
            "slope_per_voter": lead,
            "others_per_voter": rest,
            "interactions": beside or None,
            "n": len(there),
            "effects": kind,
        },
        p=p,
        reading=reading,
    )


def interaction(
    stations: Stations, votes: NDArray[np.int64], place: NDArray[np.int64], groups: Clusters
) -> dict[str, Any]:
    """The leader's slope of share of voters on turnout less another list's, over both lists' rows."""
    turnout = np.tile(stations.turnout, 2)
    leads = np.repeat([1.0, 0.0], len(stations))
    share = np.concatenate([stations.leader, votes]) / np.tile(stations.voters, 2)
    both = within(np.column_stack([share, turnout, leads, turnout * leads]), np.tile(place, 2))
    fit = least_squares(both[:, 0], both[:, 1:], np.tile(groups.of, 2), int(place.max()) + 1)
    return {"estimate": float(fit.coefficients[2]), "se": float(fit.errors[2]), "n": fit.rows}


def observers(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Mean leader's share and turnout at observed less at other stations, in points, errors clustered by place."""
    empty: dict[str, Any] = dict.fromkeys(("share", "share_se", "turnout", "turnout_se", "observed", "stations"))
    common: dict[str, Any] = {"unit": "points", "cannot_tell": OBSERVERS_CANNOT, "source": OBSERVERS_SOURCE}
    if stations.observed is None:
        why = "the table does not say which stations had observers (a column observed, 1 or 0)."
        return no_answer(OBSERVERS, OBSERVERS_QUESTION, why, **common, **empty)
    there = stations.counted()
    assert there.observed is not None
    seen, number = there.observed, int(there.observed.sum())
    if number < 10 or len(there) - number < 10:
        why = f"{number} observed and {len(there) - number} other stations; 10 of each are needed."
        return no_answer(OBSERVERS, OBSERVERS_QUESTION, why, **common, **empty)
    groups = _finest(there, settings)
    x = np.column_stack([np.ones(len(there)), seen])
    share, turnout = (least_squares(100 * y, x, groups.of) for y in (there.share, there.turnout))
    reach = float(stats.t.ppf(0.975, share.clusters - 1))
    gap, error = float(share.coefficients[1]), float(share.errors[1])
    other, other_error = float(turnout.coefficients[1]), float(turnout.errors[1])
    reading = (
        f"leader's share {gap:+.1f} points [{gap - reach * error:+.1f}, {gap + reach * error:+.1f}], turnout "
        f"{other:+.1f} [{other - reach * other_error:+.1f}, {other + reach * other_error:+.1f}], at {number:,} "
        f"observed beside {len(there) - number:,} other stations."
    )
    return Finding(
        OBSERVERS,
        OBSERVERS_QUESTION,
        gap,
        "points of the leader's share",
        (gap - reach * error, gap + reach * error),
        f"errors clustered by {share.clusters:,} {groups.kind}",
        ("observers were sent without regard to the result", "what they saw did not move elsewhere"),
        OBSERVERS_CANNOT,
        OBSERVERS_SOURCE,
        values={
            "share": gap,
            "share_se": error,
            "turnout": other,
            "turnout_se": other_error,
            "observed": number,
            "stations": len(there),
        },
        p=float(2 * stats.t.sf(abs(gap) / error, share.clusters - 1)) if error > 0 else None,
        reading=reading,
    )


def _finest(there: Stations, settings: ForensicSettings) -> Clusters:
    """Territories, among which observers are sent, where there are enough; else regions; else stations."""
    if there.places is not None:
        _, of = np.unique(there.places, return_inverse=True)
        if of.max() + 1 >= settings.few_clusters:
            return Clusters(of.astype(np.int64), int(of.max()) + 1, "territories")
    return there.clusters(settings.few_clusters)
