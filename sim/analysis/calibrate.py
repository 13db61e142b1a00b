"""Fits a reading of the official totals: what must be true, under an assumed pressure on the count, to give them.

``python -m sim.analysis.calibrate`` refits both levels of every election of Kazakhstan, or of those named
(``... calibrate 2007 2012``), and writes them into its ``fitted.toml``. The targets are the official list shares, the
share against all, and turnout by region; no study uses the replications of a fit.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

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
    import pandas as pd

    from sim.scenario.case import Case

LEVELS = {"low": -3.0, "high": -0.75}
"""Mean pressure on commissions, probits [assumed]: about 3 % and a third of stations join."""

ROUNDS = 11
REPLICATIONS = 40
FASTER, SLOWER = 1.3, 0.5  # pace of a value whose gap keeps, or changes, its sign
PACES = (0.05, 4.0)
FIRST = 1_000_000  # replications of the fit start here, far from those of any study
CUTOFF = date(2023, 12, 31)
"""Facts known later are not fitted. Past elections are read in hindsight: their pattern of turnout is that of 2023."""


@dataclass(frozen=True)
class Targets:
    """Official totals, all known by one day."""

    shares: Mapping[str, float]  # by party, of ballots that name an option
    against_all: float | None  # None where the ballot had no such line
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
    known_on: date


def targets(case: Case, cutoff: date = CUTOFF) -> Targets:
    """The facts a fit may see.

    Raises:
        InputError: a fact was not known by the cut-off.
    """
    result = case.official
    known = max(result.known_on, *(region.known_on for region in case.geography.regions))
    if known > cutoff:
        raise InputError(f"the figures of {case.election} were known on {known}, after the cut-off {cutoff}")
    named = sum(result.votes.values()) + result.against_all
    return Targets(
        shares=result.shares,
        against_all=result.against_all / named if result.against_all else None,
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


def fit(base: Scenario, level: str) -> Fit:
    """Search valences, the constant against all, turnout and orders until the official totals are met on average.

    A share moves its utility by ln(official) - ln(model), a turnout its logit (FINDINGS A); orders never fall below 0.
    The best round is kept.
    """
    case = facts.load(base.case, base.election)
    wanted = targets(case)
    reading = Reading(
        pressure=LEVELS[level],
        valence=_centred({key: float(np.log(share)) for key, share in wanted.shares.items()}),
        against_all=-6.0 if wanted.against_all else 0.0,
        turnout=-1.2,
        orders={iso: 0.0 if iso == case.unmobilised else 2.5 for iso in wanted.turnout},
    )
    search, best = Search(), None
    for _ in range(ROUNDS):
        scenario = base.model_copy(update={"level": level, "reading": reading})
        with TemporaryDirectory() as folder:
            run_all([Run(scenario, FIRST + r) for r in range(REPLICATIONS)], folder, workers=1, progress=False)
            results = Results.open(folder)
            found = _judged(reading, results, wanted)
            reading = _moved(reading, results, wanted, search, case.unmobilised)
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


def _moved(reading: Reading, results: Results, wanted: Targets, search: Search, city: str) -> Reading:
    """The next guess."""
    shares, against, turnout = _means(results)
    valence = {
        key: reading.valence[key] + search.step(key, float(np.log(share) - np.log(shares[key])))
        for key, share in wanted.shares.items()
    }
    level = float(np.mean(list(valence.values())))
    gap = {iso: float(logit(aim) - logit(turnout[iso])) for iso, aim in wanted.turnout.items()}
    constant = search.step("turnout", gap[city])
    above = (
        search.step("against_all", float(np.log(wanted.against_all / against))) - level if wanted.against_all else 0.0
    )
    return Reading(
        pressure=reading.pressure,
        valence=_centred(valence),
        against_all=reading.against_all + above,
        turnout=reading.turnout + constant,
        orders={
            iso: 0.0 if iso == city else max(0.0, order + search.step(iso, gap[iso]))
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
        known_on=wanted.known_on,
    )


def _centred(valence: Mapping[str, float]) -> dict[str, float]:
    mean = float(np.mean(list(valence.values())))
    return {key: value - mean for key, value in valence.items()}


def written(fitted: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of ``fitted.toml``: by election and level the values of a reading, and how well it meets its targets."""
    lines = [
        "# Readings of the official totals, made by `python -m sim.analysis.calibrate`; do not edit by hand.",
        "# Each was fitted on the official list shares, against all and turnout by region of its election, and never",
        "# validates the model. `pressure` is assumed, the rest calibrated. `fit` tells how far the official totals",
        "# are missed at most (shares), what the truth is then, and by when the fitted figures were known. Turnout by",
        "# region is on record for 2023 only; for the others its pattern is that of 2023, stretched to the nation's.",
    ]
    for election, levels in sorted(fitted.items()):
        for level, entry in levels.items():
            head = f"{election}.{level}"
            lines += ["", f"[{head}]", *(f"{key} = {_shown(x)}" for key, x in entry.items() if not isinstance(x, dict))]
            for part in ("valence", "orders", "fit"):
                lines += [f"[{head}.{part}]", *(f"{key} = {_shown(x)}" for key, x in entry[part].items())]
    return "\n".join(lines) + "\n"


def _shown(value: float | date) -> str:
    return value.isoformat() if isinstance(value, date) else f"{value:.4f}"


def entry(found: Fit) -> dict[str, Any]:
    """A fit as the file holds it."""
    told = {key: value for key, value in asdict(found).items() if key != "reading"}
    return found.reading.model_dump() | {"fit": told}


def main() -> None:
    """Refit both levels of the elections named, or of all, and write them into the case folder."""
    elections = sys.argv[1:] or list(facts.elections("kazakhstan"))
    asked = [(election, level) for election in elections for level in LEVELS]
    bases = {election: Scenario(name=f"kz-{election}", title="as it was", election=election) for election in elections}
    path = Path(cases.folder("kazakhstan") / "fitted.toml")
    fitted: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = {place: pool.submit(fit, bases[place[0]], place[1]) for place in asked}
        for (election, level), future in found.items():
            one = future.result()
            fitted.setdefault(election, {})[level] = entry(one)
            print(f"{election} {level}: shares within {one.worst_share:.4f}, turnout within {one.worst_turnout:.4f}")
    path.write_text(written(fitted), "utf-8")


if __name__ == "__main__":
    main()
