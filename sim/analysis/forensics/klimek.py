"""The fingerprint and the model of Klimek et al.: incremental and extreme stuffing that would leave such a cloud."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from sim.analysis.forensics.finding import Finding, no_answer
from sim.analysis.forensics.resampling import weights
from sim.analysis.forensics.settings import DEFAULTS, ForensicSettings
from sim.analysis.forensics.stations import Stations

TEST = "klimek"
QUESTION = "Klimek's model: which shares of stuffed stations would leave such a fingerprint?"
SOURCE = "Klimek, Yegorov, Hanel & Thurner 2012, PNAS 109:16469-16473"
CANNOT = (
    "that stations were stuffed: any honest difference that joins high turnout with a high share is read as stuffing; "
    "the fit matches the shape of the cloud, not its totals, and is silent on a share that was moved without turnout."
)
CELLS = 50
"""Cells of 2 points a side."""

POINTS = 2**14
ALPHAS = np.append(np.arange(0.5, 6.01, 0.25), [8.0, 12.0])  # beyond, nothing is moved
COARSE = np.array([0.15, 0.3, 0.45, 0.6, 0.8]), np.array([0.5, 1.0, 2.0, 3.0, 5.0, 12.0])
"""Thetas and alphas that resamples try."""

RESAMPLES = 40
"""Of the fit with its modes and spreads found anew, which is slow; their spread makes the interval."""

THETAS = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8])

FloatArray = NDArray[np.float64]


class Honest(NamedTuple):
    """Turnout and share at the mode of the cloud, and their spreads, as shares of one."""

    tau: float
    s_tau: float
    nu: float
    s_nu: float


def cell_of(turnout: FloatArray, share: FloatArray) -> NDArray[np.int64]:
    """The cell of the fingerprint each station falls into; one number, rows are turnout."""
    a = np.minimum((turnout * CELLS).astype(np.int64), CELLS - 1)
    return a * CELLS + np.minimum((share * CELLS).astype(np.int64), CELLS - 1)


def honest(turnout: FloatArray, share: FloatArray, weight: FloatArray | None = None) -> Honest:
    """Modes, and spreads from the side below them (Klimek et al. 2012); stations count by ``weight`` (S,), or once."""
    held = np.ones(len(turnout)) if weight is None else weight
    (tau, s_tau), (nu, s_nu) = _mode(turnout, held), _mode(share, held)
    return Honest(tau, s_tau, nu, s_nu)


def _mode(values: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """The mode of a kernel density with the bandwidth of Silverman 1986, and the spread below it.

    The last three points, where what is extreme piles up, are not looked at.
    """
    total = weight.sum()
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / total
    low, high = (values[order][min(int(np.searchsorted(reached, q)), len(values) - 1)] for q in (0.25, 0.75))
    mean = float(weight @ values / total)
    spread = min(float(np.sqrt(weight @ (values - mean) ** 2 / total)), (high - low) / 1.34 or np.inf)
    width = max(0.9 * spread * total**-0.2, 1e-3)
    grid = np.linspace(0, 1, 1001)
    counts = np.bincount(np.rint(values * 1000).astype(np.int64).clip(0, 1000), weight, 1001)
    kernel = np.exp(-0.5 * (np.arange(-400, 401) / 1000 / width) ** 2)
    mode = float(grid[np.argmax(np.convolve(counts, kernel, "same")[:970])])
    below = values < mode
    base = weight[below].sum()
    return mode, float(np.sqrt(weight[below] @ (values[below] - mode) ** 2 / base)) if base else 0.0


def _truncated(u: FloatArray, mean: float, spread: float) -> FloatArray:
    """Normal quantiles between 0 and 1."""
    low, high = ndtr((0 - mean) / spread), ndtr((1 - mean) / spread)
    return np.clip(mean + spread * ndtri(low + u * (high - low)), 0, 1)


def components(
    base: Honest, settings: ForensicSettings, thetas: FloatArray = THETAS, alphas: FloatArray = ALPHAS
) -> tuple[FloatArray, list[tuple[float, float]]]:
    """Fingerprints of honest, incremental and extreme stations for every (theta, alpha): (K, 3, cells), and the pairs.

    ``x`` of the ballots not cast are added, and x^alpha of others' votes moved. Evenly spread points, no chance in it.
    """
    u = qmc.Sobol(3, scramble=False).random(POINTS) + 0.5 / POINTS
    a, v = _truncated(u[:, 0], base.tau, base.s_tau), _truncated(u[:, 1], base.nu, base.s_nu)
    plain = _print(a, v, np.zeros(POINTS), 1.0)
    left = np.clip(settings.extreme_spread * ndtri(0.5 + 0.5 * u[:, 2]), 0, 1)
    extreme = {alpha: _print(a, v, 1 - left, alpha) for alpha in alphas}
    out, pairs = [], []
    for theta in thetas:
        x = theta * ndtri(0.5 + (ndtr(1 / theta) - 0.5) * u[:, 2])
        for alpha in alphas:
            out.append([plain, _print(a, v, x, alpha), extreme[alpha]])
            pairs.append((float(theta), float(alpha)))
    return np.array(out), pairs


def _print(a: FloatArray, v: FloatArray, x: FloatArray, alpha: float) -> FloatArray:
    turnout = 1 - (1 - x) * (1 - a)
    votes = a * v + x * (1 - a) + x**alpha * (1 - v) * a
    share = np.divide(votes, turnout, out=np.zeros_like(votes), where=turnout > 0)
    return np.bincount(cell_of(turnout, np.clip(share, 0, 1)), minlength=CELLS * CELLS) / len(a)


def shares(gram: FloatArray, match: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least-squares weights that are not negative and sum to one: ``gram`` (K, 3, 3), ``match`` (K, 3, B).

    Returns the weights (K, B, 3) and the loss but for a constant (K, B). Every set of components is tried.
    """
    number, _, many = match.shape
    best = np.full((number, many), np.inf)
    weight = np.zeros((number, many, 3))
    for held in ([0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]):
        size = len(held)
        system = np.ones((number, size + 1, size + 1))
        system[:, :size, :size] = gram[:, held][:, :, held]
        system[:, size, size] = 0
        right = np.concatenate([match[:, held], np.ones((number, 1, many))], axis=1)
        found = (np.linalg.pinv(system) @ right)[:, :size]
        loss = np.einsum("kib,kij,kjb->kb", found, gram[:, held][:, :, held], found) - 2 * np.einsum(
            "kib,kib->kb", found, match[:, held]
        )
        better = (found >= -1e-12).all(axis=1) & (loss < best - 1e-15)
        best = np.where(better, loss, best)
        full = np.zeros((number, many, 3))
        full[:, :, held] = np.maximum(found, 0).transpose(0, 2, 1)
        weight = np.where(better[:, :, None], full, weight)
    return weight, best


def klimek(stations: Stations, settings: ForensicSettings = DEFAULTS) -> Finding:
    """Least-squares fit of the model to the fingerprint (2 points a side), every station alike."""
    there = stations.counted()
    turnout, share = there.turnout, there.share
    base = honest(turnout, share) if len(there) else Honest(0, 0, 0, 0)
    empty = dict.fromkeys(
        ("f_i", "f_e", "alpha", "theta", "tau", "nu", "s_tau", "s_nu", "f_i_interval", "f_e_interval")
    )
    why = ""
    if len(there) < settings.few_stations:
        why = f"{len(there)} stations; a cloud needs {settings.few_stations}."
    elif base.s_tau < 0.005 or base.s_nu < 0.005:
        why = "below its mode the cloud has no spread, so an honest shape cannot be read off it."
    if why:
        return no_answer(TEST, QUESTION, why, unit="share", cannot_tell=CANNOT, source=SOURCE, **empty)
    at = cell_of(turnout, share)
    f_i, f_e, theta, alpha = _best(base, np.bincount(at, minlength=CELLS * CELLS).astype(float), settings)
    groups = there.clusters(settings.few_clusters)
    tries = []
    for drawn in weights(groups.number, RESAMPLES, settings.seed, TEST):
        once = drawn[groups.of]
        tries.append(_best(honest(turnout, share, once), np.bincount(at, once, CELLS * CELLS), settings, *COARSE)[:2])
    spread = np.std(tries, axis=0, ddof=1)
    i_range, e_range = (
        (max(f - 1.96 * float(s), 0.0), min(f + 1.96 * float(s), 1.0)) for f, s in zip((f_i, f_e), spread, strict=True)
    )
    reading = (
        f"f_i {f_i:.3f} [{i_range[0]:.3f}, {i_range[1]:.3f}] incremental, f_e {f_e:.3f} [{e_range[0]:.3f}, "
        f"{e_range[1]:.3f}] extreme, alpha {alpha:.2f}, theta {theta:.2f}; mode at turnout {100 * base.tau:.1f} %, "
        f"leader {100 * base.nu:.1f} %. The model's own shares, where the model holds."
    )
    return Finding(
        TEST,
        QUESTION,
        f_i,
        "share of stations",
        i_range,
        f"1.96 bootstrap spreads over {groups.number} {groups.kind}",
        (
            "honest turnout and share are normal, independent and alike everywhere",
            "the side below the modes is honest",
            "what is amiss adds absent voters' and moves others' ballots",
        ),
        CANNOT,
        SOURCE,
        values={
            "f_i": f_i,
            "f_e": f_e,
            "alpha": alpha,
            "theta": theta,
            "tau": base.tau,
            "nu": base.nu,
            "s_tau": base.s_tau,
            "s_nu": base.s_nu,
            "f_i_interval": list(i_range),
            "f_e_interval": list(e_range),
        },
        reading=reading,
        warning="A parametric fit: honest urban-rural gaps make it report stuffed stations too.",
    )


def _best(
    base: Honest, data: FloatArray, settings: ForensicSettings, thetas: FloatArray = THETAS, alphas: FloatArray = ALPHAS
) -> tuple[float, float, float, float]:
    """f_i, f_e, theta and alpha of the least-squares fit to a fingerprint (cells,)."""
    if min(base.s_tau, base.s_nu) < 0.005:
        return 0.0, 0.0, float(thetas[0]), float(alphas[0])
    prints, pairs = components(base, settings, thetas, alphas)
    gram = prints @ prints.transpose(0, 2, 1)
    weight, loss = shares(gram, (prints @ (data / data.sum()))[:, :, None])
    best = int(loss[:, 0].argmin())
    return float(weight[best, 0, 1]), float(weight[best, 0, 2]), *pairs[best]
