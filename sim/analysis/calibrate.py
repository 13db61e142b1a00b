"""Fits a reading of the official totals: what must be true, under an assumed pressure on the count, to give them.

``python -m sim.analysis.calibrate`` refits both levels of a case and rewrites its ``fitted.toml``. The targets are the
official list shares, the share against all, and turnout by region of one election; no study uses the replications of
a fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from sim import cases
from sim.batch.execute import run_all
from sim.batch.plan import Run
from sim.batch.store import Results
from sim.scenario import case as facts
from sim.scenario.case import Reading
from sim.scenario.schema import Scenario
from sim.strict import InputError

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from sim.scenario.case import Case

LEVELS = {"low": -3.0, "high": -0.75}
"""Mean pressure on commissions, probits [assumed]: about 3 % and a third of stations join."""

ROUNDS = 11
REPLICATIONS = 40
FASTER, SLOWER = 1.3, 0.5  # pace of a value whose gap keeps, or changes, its sign
PACES = (0.05, 4.0)
FIRST = 1_000_000  # replications of the fit start here, far from those of any study
UNMOBILISED = "KZ-75"  # assumed: in the city with the lowest turnout nobody is ordered to vote


@dataclass(frozen=True)
class Targets:
    """Official totals, all known by one day."""

    shares: Mapping[str, float]  # by party, of ballots that name an option
    against_all: float
    turnout: Mapping[str, float]  # by region
    known_on: date


@dataclass(frozen=True)
class Fit:
    """A reading and how well it meets its targets."""

    reading: Reading
    worst_share: float  # largest deviation of a list share, in shares
    worst_turnout: float
    true_leader: float
    true_turnout: float


def targets(case: Case, election: str, cutoff: date) -> Targets:
    """The facts a fit may see.

    Raises:
        InputError: a fact was not known by the cut-off.
    """
    result = facts.results(case.name)[election]
    known = max(result.known_on, *(region.known_on for region in case.geography.regions))
    if known > cutoff:
        raise InputError(f"the figures of {election} were known on {known}, after the cut-off {cutoff}")
    named = sum(result.votes.values()) + result.against_all
    return Targets(
        shares=result.shares,
        against_all=result.against_all / named,
        turnout=dict(zip(case.geography.codes, case.official_turnout.tolist(), strict=True)),
        known_on=known,
    )


class Search:
    """Moves each value by its own pace along its own gap, faster while the gap keeps its sign, slower when it turns.

    A list near the threshold gains more votes than its utility alone says, because it then looks viable, and the leader
    gains fewer where the count is ordered; so no common step would do.
    """

    def __init__(self) -> None:
        self.pace: dict[str, float] = {}
        self.last: dict[str, float] = {}

    def step(self, name: str, gap: float) -> float:
        """How far to move a value that misses its target by ``gap`` (a difference of logs or logits)."""
        if name in self.last:
            factor = FASTER if gap * self.last[name] > 0 else SLOWER
            self.pace[name] = float(np.clip(self.pace[name] * factor, *PACES))
        self.last[name] = gap
        return self.pace.setdefault(name, 0.35) * gap


def fit(base: Scenario, level: str, cutoff: date) -> Fit:
    """Search valences, the constant against all, turnout and orders until the official totals are met on average.

    A share moves its utility by ln(official) - ln(model), a turnout its logit (FINDINGS A); orders never fall below 0.
    The best round is kept.
    """
    case = facts.load(base.case, base.election)
    wanted = targets(case, base.election, cutoff)
    reading = Reading(
        pressure=LEVELS[level],
        valence=_centred({key: float(np.log(share)) for key, share in wanted.shares.items()}),
        against_all=-6.0,
        turnout=-1.2,
        orders={iso: 0.0 if iso == UNMOBILISED else 2.5 for iso in wanted.turnout},
    )
    search, best = Search(), None
    for _ in range(ROUNDS):
        scenario = base.model_copy(update={"level": level, "reading": reading})
        with TemporaryDirectory() as folder:
            run_all([Run(scenario, FIRST + r) for r in range(REPLICATIONS)], folder, workers=1, progress=False)
            results = Results.open(folder)
            found = _judged(reading, results, wanted)
            reading = _moved(reading, results, wanted, search)
        if best is None or found.worst_share + found.worst_turnout < best.worst_share + best.worst_turnout:
            best = found
    assert best is not None
    return best


def _means(results: Results) -> tuple[pd.Series, float, pd.Series]:
    """Mean official shares by party on the ballot, against all, and turnout by region."""
    parties = results.to_frame("parties")
    shares = parties[parties.on_ballot].groupby("party").official_share.mean()
    turnout = results.to_frame("regions").groupby("region").official_turnout.mean()
    return shares, float(results.to_frame("runs").against_all_share.mean()), turnout


def _moved(reading: Reading, results: Results, wanted: Targets, search: Search) -> Reading:
    """The next guess."""
    shares, against, turnout = _means(results)
    valence = {
        key: reading.valence[key] + search.step(key, float(np.log(share) - np.log(shares[key])))
        for key, share in wanted.shares.items()
    }
    level = float(np.mean(list(valence.values())))
    gap = {iso: float(logit(aim) - logit(turnout[iso])) for iso, aim in wanted.turnout.items()}
    constant = search.step("turnout", gap[UNMOBILISED])
    return Reading(
        pressure=reading.pressure,
        valence=_centred(valence),
        against_all=reading.against_all
        + search.step("against_all", float(np.log(wanted.against_all) - np.log(against)))
        - level,
        turnout=reading.turnout + constant,
        orders={
            iso: 0.0 if iso == UNMOBILISED else max(0.0, order + search.step(iso, gap[iso]))
            for iso, order in reading.orders.items()
        },
    )


def _judged(reading: Reading, results: Results, wanted: Targets) -> Fit:
    shares, _, turnout = _means(results)
    runs = results.to_frame("runs")
    return Fit(
        reading=reading,
        worst_share=max(abs(shares[key] - share) for key, share in wanted.shares.items()),
        worst_turnout=max(abs(turnout[iso] - aim) for iso, aim in wanted.turnout.items()),
        true_leader=float(runs.true_leader_share.mean()),
        true_turnout=float(runs.true_turnout.mean()),
    )


def _centred(valence: Mapping[str, float]) -> dict[str, float]:
    mean = float(np.mean(list(valence.values())))
    return {key: value - mean for key, value in valence.items()}


def written(fits: Mapping[str, Fit], wanted: Targets, election: str) -> str:
    """The text of ``fitted.toml``."""
    lines = [
        "# Readings of the official totals, made by `python -m sim.analysis.calibrate`; do not edit by hand.",
        f"# Fitted on the official list shares, against all and turnout by region of {election}, known on",
        f"# {wanted.known_on}: they never validate the model. `pressure` is assumed, the rest calibrated.",
    ]
    for level, found in fits.items():
        r = found.reading
        lines += [
            "",
            f"# official totals met within {100 * found.worst_share:.2f} points of share and"
            f" {100 * found.worst_turnout:.2f} of turnout;",
            f"# true share of the party of power {found.true_leader:.3f}, true turnout {found.true_turnout:.3f}",
            f"[{level}]",
            f"pressure = {r.pressure}",
            f"against_all = {r.against_all:.4f}",
            f"turnout = {r.turnout:.4f}",
            f"[{level}.valence]",
            *(f"{key} = {value:.4f}" for key, value in r.valence.items()),
            f"[{level}.orders]",
            *(f"{iso} = {value:.4f}" for iso, value in r.orders.items()),
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Refit both levels of Kazakhstan 2023 and write them into its case folder."""
    from datetime import date

    base = Scenario(name="kz-2023", title="the enacted scenario")
    case = facts.load(base.case, base.election)
    cutoff = date(2023, 12, 31)
    with ProcessPoolExecutor(len(LEVELS), mp_context=get_context("spawn")) as pool:
        found = {level: pool.submit(fit, base, level, cutoff) for level in LEVELS}
        fits = {level: future.result() for level, future in found.items()}
    text = written(fits, targets(case, base.election, cutoff), base.election)
    Path(cases.folder(base.case) / "fitted.toml").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
