"""Small scenarios, their finished runs (each made once a session), and the bytes of what came out."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import numpy as np

from sim.malpractice.practice import Practice
from sim.model import ElectionModel
from sim.scenario import case
from sim.scenario.case import Reading
from sim.scenario.schema import Scenario

SMALL: dict[str, dict[str, Any]] = {"stations": {"count": 400}}  # 29 districts times 3 kinds leave 4 stations each
OPEN: dict[str, float] = dict.fromkeys(Practice.model_fields, 0)
CLEAN_COUNT: dict[str, float] = {"stuffing": 0, "stealing": 0, "rewriting": 0}
READING = Reading(
    pressure=0.0,  # about half of the commissions join, so that there is something to see
    valence={
        "amanat_1999": 1.9,
        "auyl_2002": 0.3,
        "respublica_2022": 0.1,
        "aq_jol_2002": 0.1,
        "qhp_2004": -0.2,
        "jsdp_2007": -0.5,
        "baytaq_2022": -1.5,
    },
    against_all=-2.0,
    turnout=-0.7,
    orders={code: 0.0 if code == "KZ-75" else 1.0 for code in case.load("kazakhstan", "2023").geography.codes},
)
"""Round numbers, so that no test of the mechanisms waits for the calibration."""


def scenario(*, voters: int = 600, mechanism: dict[str, dict[str, Any]] | None = None, **changes: Any) -> Scenario:
    """A scenario small enough to run in a third of a second; ``mechanism`` is merged by section."""
    merged = {name: dict(section) for name, section in SMALL.items()}
    for name, section in (mechanism or {}).items():
        merged[name] = {**merged.get(name, {}), **section}
    return Scenario.model_validate(
        {
            "name": "x",
            "title": "x",
            "population": {"voters": voters},
            "mechanism": merged,
            "reading": READING.model_dump(),
            **changes,
        }
    )


def ran(spec: Scenario | None = None, *, society: int = 1, history: int = 1) -> ElectionModel:
    """A finished run. It is shared between tests, which must not change it."""
    return _ran((spec or scenario()).model_dump_json(), society, history)


def fresh(spec: Scenario | None = None, *, society: int = 1, history: int = 1) -> ElectionModel:
    """A model before its first day, for a test of its own."""
    return ElectionModel(spec or scenario(), society=society, history=history)


@cache
def _ran(spec: str, society: int, history: int) -> ElectionModel:
    return fresh(Scenario.model_validate_json(spec), society=society, history=history).run()


def fingerprint(model: ElectionModel) -> str:
    """A hash of the ballots, the answers of the registrar, members, choices and beliefs."""
    e, book = model.electorate, model.counting.ledger
    assert book is not None
    columns = [e.choice, e.district_choice, e.turned_out, e.aware, e.belief, e.grievance, e.position]
    columns += [book.true_votes, book.votes, book.true_invalid, book.invalid, book.stuffed, book.stolen, book.moved_in]
    columns += [book.rewritten_cast, book.rewritten_leader, book.brought, book.carousel, book.tabulated]
    columns += [book.official_votes, book.official_invalid]
    for district in model.counting.districts:
        columns += [district.true_votes, district.votes]
    digest = hashlib.blake2b()
    for column in columns:
        digest.update(np.ascontiguousarray(column).tobytes())
    for party in model.parties.values():
        digest.update(repr((party.key, party.status, party.reached, party.decisions, party.members.tolist())).encode())
    digest.update(repr((model.chronicle, model.months)).encode())
    return digest.hexdigest()
