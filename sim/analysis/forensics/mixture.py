"""A finite mixture by maximum likelihood: honest stations, some added votes, nearly all votes added."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_expit, logit, ndtr, ndtri

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.klimek import CELLS, cell_of
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Stations

TEST = "mixture"
QUESTION = "Finite mixture: are stations of three kinds more likely than of one?"
SOURCE = "after Mebane 2016 and Ferrari, McAlister & Mebane 2018 (eforensics), with Klimek et al.'s mechanisms"
CANNOT = (
    "what made the kinds differ: two honest kinds of place (town and country) are taken for one honest and one added "
    "to; the shares of kinds are the model's words, and no station belongs to one for certain."
)
NODES, EXTREME_NODES = 16, 6
EDGES = np.linspace(0, 1, CELLS + 1)
TINY = 1e-12

FloatArray = NDArray[np.float64]


class Kinds(NamedTuple):
    """A mixture: shares of incremental and extreme stations; honest medians and logit spreads; theta and alpha."""

    f_i: float
    f_e: float
    turnout: float
    s_turnout: float
    share: float
    s_share: float
    theta: float
    alpha: float


def kinds(p: FloatArray) -> Kinds:
    """Natural values of the eight free parameters."""
    top = np.array([0.0, p[6], p[7]])
    weight = np.exp(top - top.max())
    weight /= weight.sum()
    turnout, share = np.exp(log_expit(p[0])), np.exp(log_expit(p[2]))
    return Kinds(
        *map(float, (weight[1], weight[2], turnout, np.exp(p[1]), share, np.exp(p[3]), np.exp(p[4]), np.exp(p[5])))
    )


def _below(values: FloatArray, middle: float, spread: float) -> FloatArray:
    """The logit-normal distribution function."""
    inside = np.clip(values, TINY, 1 - TINY)
    return np.where(values <= 0, 0.0, np.where(values >= 1, 1.0, ndtr((logit(inside) - middle) / spread)))


def _print(x: FloatArray, alpha: float, p: FloatArray) -> FloatArray:
    """Cell probabilities (CELLS, CELLS), averaged over ``x`` (nodes,): x of the absent added, x^alpha moved.

    Exact in turnout; in share exact at the middle of each cell of turnout.
    """
    a = (EDGES[None, :] - x[:, None]) / (1 - x[:, None])
    rows = np.diff(_below(a, p[0], np.exp(p[1])), axis=1)
    turnout = (EDGES[:-1] + EDGES[1:]) / 2
    inner = (turnout[None, :] - x[:, None]) / (1 - x[:, None])
    kept = np.maximum(inner, TINY)[:, :, None] * (1 - x**alpha)[:, None, None]
    v = 1 - (1 - EDGES)[None, None, :] * turnout[None, :, None] / kept
    columns = np.diff(_below(v, p[2], np.exp(p[3])), axis=2)
    columns[..., 0] += np.maximum(1 - columns.sum(axis=2), 0)  # a cell cut by the edge: nothing is lost
    found: FloatArray = (rows[:, :, None] * columns).mean(axis=0)
    return found


def probabilities(p: FloatArray, extreme_spread: float) -> FloatArray:
    """The probability of each cell of the fingerprint (cells,), under eight parameters."""
    held = kinds(p)
    u = (np.arange(NODES) + 0.5) / NODES
    theta = min(held.theta, 5.0)
    added = theta * ndtri(0.5 + (ndtr(1 / theta) - 0.5) * u)
    left = extreme_spread * ndtri(0.5 + 0.5 * (np.arange(EXTREME_NODES) + 0.5) / EXTREME_NODES)
    honest = _print(np.zeros(1), 1.0, p)
    both = honest * (1 - held.f_i - held.f_e)
    both = both + held.f_i * _print(np.clip(added, 1e-6, 1 - 1e-6), held.alpha, p)
    both = both + held.f_e * _print(1 - np.clip(left, 1e-6, 1 - 1e-6), held.alpha, p)
    return np.maximum(both.ravel(), TINY)


def _honest_only(p: FloatArray) -> FloatArray:
    return np.maximum(_print(np.zeros(1), 1.0, p).ravel(), TINY)


BOUNDS = [(-4, 4), (-3, 1.0), (-5, 5), (-3, 1.0), (-3.5, 0.5), (-1.0, 2.5), (-9, 4), (-9, 4)]


def mixture(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Maximum likelihood on the fingerprint (2 points a side), with errors that allow for clusters."""
    there = stations.counted()
    empty = dict.fromkeys(
        ("f_i", "f_e", "f_i_interval", "f_e_interval", "theta", "alpha", "turnout", "share", "bic_gain")
    )
    if len(there) < settings.few_stations:
        why = f"{len(there)} stations; a mixture needs {settings.few_stations}."
        return no_answer(TEST, QUESTION, why, unit="share", cannot_tell=CANNOT, source=SOURCE, **empty)
    at = cell_of(there.turnout, there.share)
    counts = np.bincount(at, minlength=CELLS * CELLS).astype(float)
    best, one = _fit(counts, settings.extreme_spread)
    groups = there.clusters(settings.few_clusters)
    spread = _errors(best.x, at, groups.of, groups.number, settings.extreme_spread)
    held = kinds(best.x)
    gain = 2 * (one.fun - best.fun) - 4 * np.log(len(there))
    intervals = [_interval(f, s) for f, s in zip((held.f_i, held.f_e), spread, strict=True)]
    preferred = "three kinds are preferred to one" if gain > 0 else "one kind is enough"
    reading = (
        f"f_i {held.f_i:.3f} [{intervals[0][0]:.3f}, {intervals[0][1]:.3f}] incremental, f_e {held.f_e:.4f} "
        f"[{intervals[1][0]:.4f}, {intervals[1][1]:.4f}] extreme; honest median turnout {100 * held.turnout:.1f} %, "
        f"leader {100 * held.share:.1f} %. By BIC ({gain:+,.0f}) {preferred}."
    )
    return Finding(
        TEST,
        QUESTION,
        held.f_i,
        "share of stations",
        intervals[0],
        f"sandwich errors over {groups.number} {groups.kind}, on the logit scale",
        (
            "honest turnout and share are logit-normal, independent and alike everywhere",
            "what is amiss adds absent voters' and moves others' ballots",
            "stations count alike whatever their size",
        ),
        CANNOT,
        SOURCE,
        values={
            **held._asdict(),
            "f_i_interval": list(intervals[0]),
            "f_e_interval": list(intervals[1]),
            "bic_gain": float(gain),
            "preferred": bool(gain > 0),
        },
        reading=reading,
        warning="A parametric fit: honest urban-rural gaps make it prefer three kinds too.",
    )


def _fit(counts: FloatArray, extreme_spread: float) -> tuple[Any, Any]:
    """The best mixture of two starts, and the best single honest kind."""
    total = counts.sum()
    middle = (np.arange(CELLS) + 0.5) / CELLS
    table = counts.reshape(CELLS, CELLS)
    starts = []
    for by in (table.sum(axis=1), table.sum(axis=0)):
        values = logit(middle)
        mean = float((by * values).sum() / total)
        starts.append((mean, float(np.log(max(np.sqrt((by * (values - mean) ** 2).sum() / total), 0.06)))))
    (tau, s_tau), (nu, s_nu) = starts

    def loss(p: FloatArray) -> float:
        return -float(counts @ np.log(probabilities(p, extreme_spread)))

    def loss_of_one(p: FloatArray) -> float:
        return -float(counts @ np.log(_honest_only(p)))

    one = minimize(loss_of_one, [tau, s_tau, nu, s_nu], method="L-BFGS-B", bounds=BOUNDS[:4])
    mode_t = float(logit(middle[np.argmax(table.sum(axis=1)[:-1])]))
    mode_s = float(logit(middle[np.argmax(table.sum(axis=0)[:-1])]))
    tries = [
        [*one.x, -1.5, 0.3, -4.0, -5.0],
        [mode_t, -1.2, mode_s, -1.2, -0.9, 0.7, 0.0, -2.5],
    ]
    fits = [minimize(loss, np.array(t), method="L-BFGS-B", bounds=BOUNDS, options={"maxiter": 150}) for t in tries]
    return min(fits, key=lambda fit: fit.fun), one


def _errors(
    p: FloatArray, at: NDArray[np.int64], of: NDArray[np.int64], number: int, extreme_spread: float
) -> tuple[float, float]:
    """Standard errors of logit f_i and logit f_e: sandwich over clusters, derivatives by differences."""
    step = 1e-3
    scores = np.empty((CELLS * CELLS, len(p)))
    for j in range(len(p)):
        shift = np.zeros(len(p))
        shift[j] = step
        up, down = (np.log(probabilities(p + sign * shift, extreme_spread)) for sign in (1, -1))
        scores[:, j] = (up - down) / (2 * step)
    own = scores[at]
    bread = np.linalg.pinv(own.T @ own)
    if number == len(at):
        meat = own.T @ own
    else:
        sums = np.zeros((number, len(p)))
        np.add.at(sums, of, own)
        meat = sums.T @ sums
    cover = bread @ meat @ bread
    held = kinds(p)
    f = np.array([held.f_i, held.f_e])
    # logit f_j moves with the two free weights by d_jk - f_k, over 1 - f_j
    slope = (np.eye(2) - f[None, :]) / np.maximum(1 - f, 1e-9)[:, None]
    both = slope @ cover[6:8, 6:8] @ slope.T
    return float(np.sqrt(max(both[0, 0], 0))), float(np.sqrt(max(both[1, 1], 0)))


def _interval(f: float, spread: float) -> tuple[float, float]:
    centre = float(logit(np.clip(f, 1e-9, 1 - 1e-9)))
    low, high = (float(np.exp(log_expit(centre + sign * 1.96 * min(spread, 50.0)))) for sign in (-1, 1))
    return low, high
