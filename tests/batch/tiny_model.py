"""A stand-in for the model: arithmetic on the scenario and the replication, in the shape the store expects."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Population(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    voters: int = 100


class Tiny(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str = ""
    level: str = "low"
    case: str = "kazakhstan"
    shift: float = 0.0
    population: Population = Population()

    def vary(self, path: str, value: int, *, name: str, title: str) -> Tiny:
        assert path == "population.voters"
        return self.model_copy(update={"name": name, "title": title, "population": Population(voters=value)})


def draw(*address: object) -> float:
    return int.from_bytes(hashlib.blake2b(repr(address).encode(), digest_size=6).digest(), "big") / 2**48


def simulate(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    """Pluralism falls with the shift; one measure is missing in every third replication."""
    luck = draw("luck", replication)
    return {
        "runs": [
            {
                "society": replication,
                "history": replication,
                "enp_seats": 2 + luck + scenario.shift,
                "enp_autonomous": None if replication % 3 == 0 else 1 + luck,
                "refusals": replication % 4,
                "never": None,
            }
        ],
        "parties": [
            {"party": f"p{i}", "seats": i, "official_votes": None if scenario.shift else 10 * i, "registered": i > 1}
            for i in range(3)
        ],
        "decisions": [{"group": "g", "filed": None, "grounds": ["members", "names"] if scenario.shift else []}],
        "funnel": [],
        "stations": [{"station": i, "voters": 10 * i, "observed": i == 0} for i in range(5)],
        "extra": [{"thing": 1 if replication % 2 else 0.5, "zebra": None, "apple": "a"}],
    }


def slow(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    time.sleep(0.05)
    return simulate(scenario, replication, keep_stations)


def failing(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    """Replication 2 always fails; 3 fails in its columns only: text where a number belongs."""
    if replication == 2:
        raise ZeroDivisionError(f"no party passed in {scenario.name}")
    tables = simulate(scenario, replication, keep_stations)
    if replication == 3:
        tables["parties"][0]["seats"] = "many"
    return tables


def dying(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    """The process ends without a word, as under the out-of-memory killer."""
    if replication == 7:
        os._exit(1)
    return simulate(scenario, replication, keep_stations)


def threads(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    """Tells in which process and with how many threads it ran."""
    return {"runs": [{"pid": os.getpid(), "threads": int(os.environ.get("OMP_NUM_THREADS", "0"))}]}


def hashes(folder: Path) -> dict[str, str]:
    """What is in every Parquet file of a store."""
    files = sorted(folder.glob("*/*.parquet"))
    return {f"{p.parent.name}/{p.name}": hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def hanging(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    """Replication 3 of scenario a never ends."""
    while replication == 3 and scenario.name == "a":
        time.sleep(0.01)
    return simulate(scenario, replication, keep_stations)


def big(scenario: Tiny, replication: int, keep_stations: bool) -> dict[str, list[dict[str, Any]]]:
    """Rows that do not compress: some 40 KB a run."""
    tables = simulate(scenario, replication, keep_stations)
    rows = [{"name": f"{replication}-{i}", "value": draw(scenario.name, replication, i)} for i in range(2000)]
    return tables | {"extra": rows}
