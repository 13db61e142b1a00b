"""A finite mixture by maximum likelihood: honest stations, some added votes, nearly all votes added."""

from __future__ import annotations

from collections.abc import Callable
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
NODES, EXTREME_NODES = 32, 6
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


class Cells:
    """Probabilities of the cells of a fingerprint, as sums over x, the part of the absent that is added.

    The values of x do not depend on parameters: 0 for honest stations, evenly spread ones with half-normal weights,
    and those of extreme stations. What a parameter leaves as it was is not worked out again.
    """

    def __init__(self, extreme_spread: float) -> None:
        left = extreme_spread * ndtri(0.5 + 0.5 * (np.arange(EXTREME_NODES) + 0.5) / EXTREME_NODES)
        self.even = (np.arange(NODES) + 0.5) / NODES
        x = np.concatenate([[0.0], self.even, 1 - np.clip(left, 1e-6, 0.999)])
        turnout = (EDGES[:-1] + EDGES[1:]) / 2
        self.x = x
        self._edges = _logit((EDGES[None, :] - x[:, None]) / (1 - x[:, None]))
        inner = np.maximum((turnout[None, :] - x[:, None]) / (1 - x[:, None]), TINY)
        self._others = (1 - EDGES)[None, None, :] * (turnout[None, :] / inner)[:, :, None]
        self._rows: dict[tuple[float, float], FloatArray] = {}
        self._columns: dict[tuple[float, float, float], FloatArray] = {}
        self._shares: dict[float, FloatArray] = {}

    def rows(self, middle: float, spread: float) -> FloatArray:
        """Probabilities of the cells of turnout for each x (X, CELLS), exactly."""
        return _kept(self._rows, (middle, spread), lambda: np.diff(ndtr((self._edges - middle) / spread), axis=1))

    def columns(self, alpha: float, middle: float, spread: float) -> FloatArray:
        """Probabilities of cells of share, for each x, at the middle of each cell of turnout (X, CELLS, CELLS)."""

        def made() -> FloatArray:
            part = np.diff(ndtr((self._share_edges(alpha) - middle) / spread), axis=2)
            part[..., 0] += np.maximum(1 - part.sum(axis=2), 0)  # a cell cut by the edge: nothing is lost
            return part

        return _kept(self._columns, (alpha, middle, spread), made)

    def _share_edges(self, alpha: float) -> FloatArray:
        """Logits of the honest share behind each edge of the share that is shown."""
        kept = np.maximum(1 - self.x**alpha, TINY)
        return _kept(self._shares, alpha, lambda: _logit(1 - self._others / kept[:, None, None]))

    def weights(self, held: Kinds) -> FloatArray:
        """How much of all stations has each x (X,)."""
        half = np.exp(-0.5 * (self.even / held.theta) ** 2)
        few = np.full(EXTREME_NODES, held.f_e / EXTREME_NODES)
        return np.concatenate([[1 - held.f_i - held.f_e], held.f_i * half / half.sum(), few])

    def probabilities(self, p: FloatArray) -> FloatArray:
        """The probability of each cell (cells,), under eight parameters; under the first four with honest ones only."""
        if len(p) == 4:
            rows = self.rows(float(p[0]), float(np.exp(p[1])))
            columns = self.columns(1.0, float(p[2]), float(np.exp(p[3])))
            return np.maximum((rows[0][:, None] * columns[0]).ravel(), TINY)
        return self.mixed(p, kinds(p))

    def mixed(self, p: FloatArray, held: Kinds) -> FloatArray:
        """The same with the natural values given beside; shares of kinds are taken from these."""
        rows = self.rows(float(p[0]), float(np.exp(p[1])))
        columns = self.columns(held.alpha, float(p[2]), float(np.exp(p[3])))
        weighed = self.weights(held)[:, None] * rows
        return np.maximum(np.einsum("kr,krc->rc", weighed, columns).ravel(), TINY)


def _kept[K](store: dict[K, FloatArray], key: K, make: Callable[[], FloatArray]) -> FloatArray:
    """What was made for the key before, or is made now; few are kept, because parameters do not come back."""
    if key not in store:
        if len(store) >= 4:
            store.pop(next(iter(store)))
        store[key] = make()
    return store[key]


def _logit(values: FloatArray) -> FloatArray:
    """Log odds; beyond 0 and 1 as far out as a number goes."""
    found: FloatArray = logit(np.clip(values, 0.0, 1.0))
    return found


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
    cells = Cells(settings.extreme_spread)
    best, one = _fit(counts, cells)
    groups = there.clusters(settings.few_clusters)
    spread = _errors(best.x, at, groups.of, groups.number, cells)
    held = kinds(best.x)
    gain = 2 * (one.fun - best.fun) - 4 * np.log(len(there))
    intervals = [_interval(f, s) for f, s in zip((held.f_i, held.f_e), spread, strict=True)]
    ends = _at_ends(best.x)
    beyond = f" At the end of its range: {', '.join(ends)}." if ends and gain > 0 else ""
    preferred = "three kinds are preferred to one" if gain > 0 else "one kind is enough"
    reading = (
        f"f_i {held.f_i:.3f} [{intervals[0][0]:.3f}, {intervals[0][1]:.3f}] incremental, f_e {held.f_e:.4f} "
        f"[{intervals[1][0]:.4f}, {intervals[1][1]:.4f}] extreme; honest median turnout {100 * held.turnout:.1f} %, "
        f"leader {100 * held.share:.1f} %. By BIC ({gain:+,.0f}) {preferred}.{beyond}"
    )
    return Finding(
        TEST,
        QUESTION,
        held.f_i,
        "share of stations",
        intervals[0],
        f"sandwich errors over {groups.number} {groups.kind}",
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
            "at_ends": ends,
            "bic_gain": float(gain),
            "preferred": bool(gain > 0),
        },
        reading=reading,
        warning="A parametric fit: honest urban-rural gaps make it prefer three kinds too.",
    )


def _fit(counts: FloatArray, cells: Cells) -> tuple[Any, Any]:
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
        return -float(counts @ np.log(cells.probabilities(p)))

    one = minimize(loss, [tau, s_tau, nu, s_nu], method="L-BFGS-B", bounds=BOUNDS[:4])
    mode_t = float(logit(middle[np.argmax(table.sum(axis=1)[:-1])]))
    mode_s = float(logit(middle[np.argmax(table.sum(axis=0)[:-1])]))
    tries = [
        [*one.x, -1.5, 0.3, -4.0, -5.0],
        [mode_t, -1.2, mode_s, -1.2, -0.9, 0.7, 0.0, -2.5],
    ]
    fits = [minimize(loss, np.array(t), method="L-BFGS-B", bounds=BOUNDS, options={"maxiter": 150}) for t in tries]
    return min(fits, key=lambda fit: fit.fun), one


def _errors(
    p: FloatArray, at: NDArray[np.int64], of: NDArray[np.int64], number: int, cells: Cells
) -> tuple[float, float]:
    """Standard errors of f_i and f_e: sandwich over clusters, derivatives by differences.

    The shares of kinds are varied as themselves, so that errors are there at 0 too.
    """
    step, held = 1e-3, kinds(p)
    scores = np.empty((CELLS * CELLS, len(p)))
    for j in range(6):
        shift = np.zeros(len(p))
        shift[j] = step
        up, down = (np.log(cells.probabilities(p + sign * shift)) for sign in (1, -1))
        scores[:, j] = (up - down) / (2 * step)
    base = cells.mixed(p, held)
    for j, more in ((6, held._replace(f_i=held.f_i + step)), (7, held._replace(f_e=held.f_e + step))):
        scores[:, j] = (cells.mixed(p, more) - base) / (step * base)
    own = scores[at]
    bread = np.linalg.pinv(own.T @ own, rcond=1e-10)
    sums = own
    if number < len(at):
        sums = np.zeros((number, len(p)))
        np.add.at(sums, of, own)
    cover = bread @ (sums.T @ sums) @ bread
    return float(np.sqrt(max(cover[6, 6], 0))), float(np.sqrt(max(cover[7, 7], 0)))


def _interval(f: float, spread: float) -> tuple[float, float]:
    return max(f - 1.96 * spread, 0.0), min(f + 1.96 * spread, 1.0)


def _at_ends(p: FloatArray) -> list[str]:
    """Parameters that lie at an end of their range, where the data would have them beyond it."""
    names = ("turnout", "s_turnout", "share", "s_share", "theta", "alpha")
    return [n for n, x, (low, high) in zip(names, p, BOUNDS, strict=False) if x < low + 1e-3 or x > high - 1e-3]
