"""Invented results with plausible numbers, in the tables of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SCENARIOS = [
    "kz-2023",
    "kz-2023-bound-registrar",
    "kz-2023-no-congress",
    "kz-2023-members-50000",
    "kz-2023-observers-everywhere",
    "kz-2023-open",
]
LEVELS = ["low", "high"]
RUNS = 20
PARTIES = {  # key: display, conduct, mean list seats, mean share
    "amanat_1999": ("Amanat", "party_of_power", 40, 0.54),
    "auyl_2002": ("Auyl", "pro_regime", 8, 0.11),
    "respublica_2022": ("Respublica", "pro_regime", 6, 0.09),
    "aq_jol_2002": ("Aq Jol", "pro_regime", 6, 0.085),
    "qhp_2004": ("People's Party", "pro_regime", 5, 0.07),
    "jsdp_2007": ("Social Democrats", "soft_opposition", 4, 0.055),
    "baytaq_2022": ("Baytaq", "pro_regime", 0, 0.02),
}
NEW = {
    "alga_qazaqstan_2022": ("Alga Qazaqstan", "hard_opposition", 7, 0.08),
    "namys_2022": ("Namys", "hard_opposition", 3, 0.05),
    "yntymaq_2022": ("Yntymaq", "soft_opposition", 3, 0.05),
    "latent_1": ("Latent group 1", "soft_opposition", 2, 0.04),
    "latent_2": ("Latent group 2", "unknown", 1, 0.03),
    "latent_3": ("A party with a very long name", "unknown", 1, 0.03),
}
REGIONS = {
    "KZ-10": "Abai",
    "KZ-11": "Akmola",
    "KZ-15": "Aktobe",
    "KZ-19": "Almaty Region",
    "KZ-23": "Atyrau",
    "KZ-27": "West Kazakhstan",
    "KZ-31": "Zhambyl",
    "KZ-33": "Zhetysu",
    "KZ-35": "Karaganda",
    "KZ-39": "Kostanay",
    "KZ-43": "Kyzylorda",
    "KZ-47": "Mangystau",
    "KZ-55": "Pavlodar",
    "KZ-59": "North Kazakhstan",
    "KZ-61": "Turkistan",
    "KZ-62": "Ulytau",
    "KZ-63": "East Kazakhstan",
    "KZ-71": "Astana",
    "KZ-75": "Almaty (city)",
    "KZ-79": "Shymkent",
}
TEBRIA = {"TB-C": "Tavessa", "TB-E": "Eddermoor", "TB-L": "Lowmarch", "TB-O": "Orrenfell", "TB-S": "Saltreach"}
STAGES = ["formed", "noticed", "confirmed", "congress", "filed", "registered"]
GAINS = {
    "kz-2023-bound-registrar": 6.0,
    "kz-2023-no-congress": 0.6,
    "kz-2023-observers-everywhere": 1.5,
    "kz-2023-open": 24.0,
}
OBSERVERS = {"kz-2023": 0.01, "kz-2023-observers-everywhere": 1.0, "kz-2023-no-congress": 0.0}
"""Scenarios that differ in nothing but the share of stations observed; the others differ in more."""
SURVIVE = {"pro_regime": 0.8, "soft_opposition": 0.45, "hard_opposition": 0.35, "unknown": 0.5}


class Fake:
    """Stands for a store: its tables, and what it says of the experiment."""

    def __init__(self, tables: dict[str, pd.DataFrame], scenarios: list[str]) -> None:
        self.tables = tables
        self.scenarios = scenarios
        self.levels = LEVELS
        self.experiment: dict[str, str | None] = {"primary": "autonomous_seat_share_middle", "against": scenarios[0]}
        self.folder = Path("invented")
        self.case, self.election = "kazakhstan", "2023"
        self.observers = OBSERVERS

    @property
    def planned(self) -> list[dict[str, Any]]:
        """What was asked for, with as many settings as figures read."""
        return [
            {"scenario": name, "level": level, "settings": self.settings(name, level)}
            for name in self.scenarios
            for level in self.levels
        ]

    def settings(self, name: str, level: str) -> dict[str, Any]:
        """The settings of a scenario; without a title, so that they are taken as they are."""
        mechanism = {"observers": {"share": self.observers.get(name, 0.01)}}
        changed = name not in self.observers
        law = {"list": {"threshold": 0.05}, "registration": {"members": 500 if changed else 5000}}
        own = {"case": self.case, "election": self.election, "name": name, "level": level}
        return own | {"law": law, "mechanism": mechanism}

    def to_frame(self, table: str = "runs") -> pd.DataFrame:
        return self.tables.get(table, pd.DataFrame())


@pytest.fixture(scope="session")
def results() -> Any:
    """Six scenarios at two levels, 20 runs each; not to be changed."""
    return invented()


@pytest.fixture
def small() -> Any:
    """Two scenarios at two levels, 4 runs each; a test may change it."""
    return invented(runs=4, stations=300, scenarios=["kz-2023", "kz-2023-open"])


@pytest.fixture
def tebria() -> Any:
    """The same two scenarios in the invented country, whose regions may be named."""
    found = invented(runs=4, stations=0, scenarios=["kz-2023", "kz-2023-open"])
    found.case, found.election = "textbook", "2"
    codes = dict(zip(REGIONS, TEBRIA, strict=False))
    regions = found.tables["regions"]
    regions = regions[regions["region"].isin(list(codes))].assign(region=lambda f: f["region"].map(codes))
    found.tables["regions"] = regions.assign(name=regions["region"].map(TEBRIA))
    return found


def invented(runs: int = RUNS, stations: int = 10_000, scenarios: list[str] | None = None) -> Any:
    """All tables; stations only of replication 1."""
    tables: dict[str, list[dict[str, Any]]] = {t: [] for t in ("runs", "parties", "funnel", "regions")}
    kept = []
    for s, scenario in enumerate(scenarios or SCENARIOS):
        for v, level in enumerate(LEVELS):
            for r in range(1, runs + 1):
                chance = np.random.default_rng([r, s, v])
                shared = np.random.default_rng(r).normal()
                key: dict[str, Any] = {"key": f"{s}{v}{r}", "scenario": scenario, "level": level, "replication": r}
                tables["runs"].append(key | _run(scenario, v, shared, chance))
                tables["parties"] += [key | row for row in _parties(scenario, chance)]
                tables["funnel"] += [key | row for row in _funnel(scenario, chance)]
                tables["regions"] += [key | row for row in _regions(scenario, v, chance)]
                if r == 1 and stations:
                    kept.append(_stations(scenario, v, chance, stations).assign(**key))
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    if kept:
        frames["stations"] = pd.concat(kept, ignore_index=True)
    return Fake(frames, scenarios or SCENARIOS)


def _run(scenario: str, v: int, shared: float, chance: np.random.Generator) -> dict[str, Any]:
    gain = GAINS.get(scenario, 0.0)
    seats = max(0.0, 4 + shared + gain * (1 + 0.3 * v) + chance.normal(0, 1 + gain / 8))
    share = seats / 98
    return {
        "status": "done",
        "error": None,
        "autonomous_seat_share_middle": share,
        "enp_seats": 2.4 + 0.2 * shared + gain / 12 + chance.normal(0, 0.1),
        "true_leader_share": 0.48,
        "official_leader_share": 0.54,
        "true_turnout": 0.5 - 0.02 * v + 0.001 * chance.normal(),
        "official_turnout": 0.54,
        "unfilled_seats": 0,
        "enp_autonomous": None if scenario == "kz-2023-members-50000" and r_odd(chance) else 1 + gain / 8,
        "stuffed_votes": 0 if scenario == "kz-2023-open" else 300_000 * (1 + 2 * v),
        "stolen_votes": 0 if scenario == "kz-2023-open" else 90_000 * (1 + 2 * v),
    }


def r_odd(chance: np.random.Generator) -> bool:
    return bool(chance.random() < 0.9)


def _parties(scenario: str, chance: np.random.Generator) -> list[dict[str, Any]]:
    field = dict(PARTIES) | (NEW if scenario == "kz-2023-open" else {})
    rows = []
    for party, (display, conduct, seats, share) in field.items():
        won = int(max(0, seats + (chance.integers(-1, 2) if seats > 1 else 0)))
        district = (10 if scenario == "kz-2023-open" else 22) if party == "amanat_1999" else 0
        votes = int(6_300_000 * share)
        rows.append(
            {
                "party": party,
                "display": display,
                "conduct": conduct,
                "origin": "latent" if party.startswith("latent") else "case",
                "registered": True,
                "on_ballot": True,
                "true_votes": int(votes * (0.8 if party == "amanat_1999" else 1.1)),
                "official_votes": votes,
                "official_share": share,
                "list_seats": won,
                "district_seats": district,
                "seats": won + district,
            }
        )
    single = {"display": "Independent", "conduct": "independent", "origin": "independent", "registered": False}
    single |= {"on_ballot": False, "true_votes": 0, "official_votes": 0, "official_share": 0.0, "list_seats": 0}
    return rows + [single | {"party": f"independent_{i}", "district_seats": 1, "seats": 1} for i in range(7)]


def _funnel(scenario: str, chance: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    for conduct, start in {"pro_regime": 4, "soft_opposition": 5, "hard_opposition": 4, "unknown": 2}.items():
        left = int(chance.poisson(start))
        survive = SURVIVE[conduct]
        if scenario in ("kz-2023-bound-registrar", "kz-2023-open"):
            survive = 0.85
        if scenario == "kz-2023-members-50000":
            survive *= 0.5
        for stage in STAGES:
            rows.append({"conduct": conduct, "stage": stage, "groups": left})
            left = int(chance.binomial(left, survive))
    return rows


def _regions(scenario: str, v: int, chance: np.random.Generator) -> list[dict[str, Any]]:
    rows = []
    for i, (iso, name) in enumerate(REGIONS.items()):
        turnout = 0.25 if iso == "KZ-75" else 0.42 + 0.012 * i + chance.normal(0, 0.01)
        share = 0.35 + 0.01 * i + chance.normal(0, 0.01)
        up = 0.0 if scenario == "kz-2023-open" else 0.05 * (1 + v) + 0.002 * i
        rows.append(
            {"region": iso, "name": name, "register": 500_000, "true_turnout": turnout - up / 2}
            | {"official_turnout": turnout, "true_leader_share": share, "official_leader_share": share + up}
            | {"stuffed": 1000, "stolen": 100}
        )
    return rows


def _stations(scenario: str, v: int, chance: np.random.Generator, count: int) -> pd.DataFrame:
    """A Klimek-like cloud: honest stations, and some with stuffed boxes and protocols at round shares."""
    voters = np.maximum(chance.lognormal(6.6, 0.9, count).astype(int), 20)
    turnout = 1 / (1 + np.exp(-chance.normal(-0.1, 0.4, count)))
    share = 1 / (1 + np.exp(-chance.normal(-0.3, 0.45, count)))
    cast = chance.binomial(voters, turnout)
    leader = chance.binomial(cast, share)
    joined = chance.random(count) < (0 if scenario == "kz-2023-open" else 0.2 + 0.3 * v)
    stuffed = np.where(joined, (chance.beta(2, 3, count) * (voters - cast)).astype(int), 0)
    given, won = cast + stuffed, leader + stuffed
    won = np.where(joined & (chance.random(count) < 0.1), np.round(np.round(won / given * 20) / 20 * given), won)
    return pd.DataFrame(
        {"station": np.arange(count), "region": "KZ-71", "district": 1, "kind": "urban", "voters": voters}
        | {"given": given, "cast": given, "leader": won.astype(int), "true_cast": cast, "true_leader": leader}
        | {"observed": np.arange(count) % 8 == 0, "joined": joined}
    )
