"""What Laver & Sergenti (2012) found of their rules holds for ours, on our scale of positions."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.process.movement import RULES, View, direction
from sim.streams import Streams

VOTERS = Streams(7).normal("voters", 3 * 1_500).reshape(1_500, 3)
STEP = 0.1  # a tenth of the spread of opinion, as in their space of ten units a standard deviation


class Mover:
    """A party that only moves."""

    def __init__(self, key: str, rule: str, streams: Streams) -> None:
        self.key, self.rule = key, rule
        self.position = 0.7 * streams.normal(f"start/{key}", 3)
        self.heading = direction(streams, f"heading/{key}")
        self.support = float("nan")


def shares(places: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of parties when every voter takes the nearest, and the mean place of each one's voters."""
    away = ((VOTERS[:, None] - places[None]) ** 2).sum(axis=2)
    nearest = away.argmin(axis=1)
    share = np.bincount(nearest, minlength=len(places)) / len(VOTERS)
    centre = np.array([VOTERS[nearest == j].mean(axis=0) if share[j] else places[j] for j in range(len(places))])
    return share, centre


@cache
def played(rules: tuple[str, ...], seed: int, rounds: int = 300) -> tuple[list[Mover], NDArray[np.float64]]:
    """Parties after many rounds, and their mean shares over the last two thirds."""
    streams = Streams(seed)
    parties = [Mover(str(j), rule, streams) for j, rule in enumerate(rules)]
    seen = np.zeros(len(parties))
    for turn in range(rounds):
        share, centre = shares(np.array([party.position for party in parties]))
        largest = int(share.argmax())
        place = parties[largest].position
        moves = [
            RULES[party.rule](
                party, View(float(share[j]), party.support, centre[j], place, j == largest, STEP), streams, turn
            )
            for j, party in enumerate(parties)
        ]
        for j, (party, there) in enumerate(zip(parties, moves, strict=True)):
            party.position, party.support = there, float(share[j])
        if turn >= rounds // 3:
            seen += share
    return parties, seen / (rounds - rounds // 3)


def mean_share(rules: tuple[str, ...], rule: str) -> float:
    """Mean share of the parties of a rule, over seeds."""
    held = [played(rules, seed)[1][[r == rule for r in rules]].mean() for seed in range(12)]
    return float(np.mean(held))


MIXED = ("sticker", "sticker", "aggregator", "aggregator", "hunter", "hunter")


def test_hunters_win_more_than_stickers_and_aggregators() -> None:
    assert mean_share(MIXED, "hunter") > 1.1 * mean_share(MIXED, "aggregator")
    assert mean_share(MIXED, "hunter") > 1.1 * mean_share(MIXED, "sticker")


def test_predators_do_worse_among_predators() -> None:
    """Where all attack the largest they share its voters; one predator among others gets more of them."""
    one = ("predator", "sticker", "sticker", "sticker", "sticker", "sticker")
    many = ("predator", "predator", "predator", "predator", "sticker", "sticker")
    assert mean_share(many, "predator") < mean_share(one, "predator")


def test_aggregators_spread_out_to_represent_and_come_to_rest() -> None:
    """All-aggregator systems settle where each stands amid its own voters, a centroidal tessellation."""
    parties, _ = played(("aggregator",) * 6, seed=3, rounds=400)
    places = np.array([party.position for party in parties])
    _, centre = shares(places)
    assert np.abs(places - centre).max() < 2 * STEP


def test_hunters_stand_nearer_the_centre_than_aggregators_but_not_on_it() -> None:
    def eccentricity(rule: str) -> float:
        ends = [played((rule,) * 6, seed)[0] for seed in range(8)]
        return float(np.mean([np.sqrt((party.position**2).sum()) for parties in ends for party in parties]))

    assert 0.3 < eccentricity("hunter") < eccentricity("aggregator")


def test_stickers_stay() -> None:
    parties, _ = played(("sticker",) * 4, seed=1, rounds=30)
    for party in parties:
        assert (party.position == 0.7 * Streams(1).normal(f"start/{party.key}", 3)).all()
