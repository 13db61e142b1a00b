"""Whether two competitors did the same work; asked before any time is taken.

With the addressed draws a competitor must give the oracle's results but for rounding: single precision now and then
puts a neighbour on the other side of the bound or a draw on the other side of a chance, which changes few voters a
little. With chance of its own its statistics must lie within four standard errors of the oracle's mean over several
seeds. Standard errors are how far the oracle's runs really spread (voters who talk to one another are not independent):
the larger of a statistic's own spread and of its kind's, relative to that of independent voters.
"""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import work as reference
from oracle import Oracle
from work import Array, Election, Work

SEEDS = 40
ERRORS = 4.0
MOVED, FEW = 1e-3, 5e-3  # a position has changed; the share of voters who may


def with_keys(work: Work, seed: int) -> Work:
    """The same country with other chance."""
    from sim.streams import Streams

    history, lists = Streams(seed), work.lists
    months = range(work.months)
    return dataclasses.replace(
        work,
        opinion_key=np.array([history.key("opinion", occasion=t) for t in months]),
        hear_key=np.array([[history.key(f"hear/{j}", occasion=t) for j in range(lists)] for t in months]),
        taste_key=np.array([history.key(f"taste/{j}") for j in range(lists + 1)]),
        turnout_key=history.key("turnout").copy(),
    )


def oracle(work: Work) -> tuple[Array, Election, dict[str, Array]]:
    """What the oracle makes of the work."""
    run = Oracle(work)
    return run.months(), run.election(), run.columns()


@cache
def spread(voters: int, months: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Means and standard errors of every statistic over several seeds of the oracle."""
    work = reference.make(voters, months=months)
    runs = []
    for seed in range(SEEDS):
        given = with_keys(work, seed)
        runs.append(reference.statistics(given, *oracle(given)))
    values = {kind: np.array([run[kind] for run in runs]) for kind in runs[0]}
    mean = {kind: x.mean(axis=0) for kind, x in values.items()}
    errors = {}
    for kind, x in values.items():
        # what independent voters would give, up to a factor that is pooled over the kind
        scale = np.ones(x.shape[1]) if kind.startswith("position") else np.sqrt(np.maximum(mean[kind], 1e-9))
        if kind in ("awareness", "turnout", "shares", "belief"):
            scale = np.sqrt(np.maximum(mean[kind] * (1 - mean[kind]), 0.05 / voters))
        if kind == "sympathy":
            scale = scale / np.sqrt(np.tile(rows_by_region(work) / voters, work.groups))
        own = x.std(axis=0, ddof=1)
        pooled = scale * np.sqrt((own**2 / scale**2).mean())
        errors[kind] = np.maximum(np.maximum(own, pooled) * np.sqrt(1 + 1 / SEEDS), 1e-5)
    return mean, errors


def rows_by_region(work: Work) -> Array:
    """Rows by region (R,)."""
    return np.bincount(work.cell_region, work.cell_size, work.regions)


def statistically(voters: int, months: int, found: dict[str, list[float]]) -> tuple[float, str]:
    """The largest distance from the oracle in standard errors, and of what."""
    mean, errors = spread(voters, months)
    worst = {kind: float(np.max(np.abs(np.array(found[kind]) - mean[kind]) / errors[kind])) for kind in mean}
    kind = max(worst, key=lambda one: worst[one])
    return worst[kind], kind


def exactly(work: Work, sympathy: Array, election: Election, columns: dict[str, Array]) -> dict[str, float]:
    """How far a run with the addressed draws is from the oracle's: each number must stay below its limit."""
    theirs, vote, voters = oracle(work)
    moved = (np.abs(columns["position"] - voters["position"]) > MOVED).any(axis=0)
    return {
        "share of voters elsewhere": float(moved.mean()),
        "share who know others": float((columns["aware"] != voters["aware"]).mean()),
        "share who vote otherwise": float((columns["choice"] != voters["choice"]).mean()),
        "grievance": float(np.abs(columns["grievance"] - voters["grievance"]).max()),
        "sympathy": float(np.abs(sympathy - theirs).max()),
        "belief": float(np.abs(election.believed - vote.believed).max()),
        "tally, share of votes": float(np.abs(election.tally - vote.tally).sum() / work.voters / 2),
    }


LIMITS = {
    "share of voters elsewhere": FEW,
    "share who know others": FEW,
    "share who vote otherwise": FEW,
    "grievance": 1e-5,
    "sympathy": 1e-3,
    "belief": 1e-4,
    "tally, share of votes": FEW,
}
