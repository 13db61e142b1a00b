"""Small runs of decades, each made once a session, and the bytes of what came out."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from typing import Any

from sim.party_system import PartySystem
from sim.scenario.load import load
from sim.scenario.schema import Scenario

BASE = load("kz-1999-2026").vary("mechanism.discretion.fifty_point", 0.67)
"""With a registrar who means it, whatever the fit finds, so that tests of refusals have some."""


def scenario(*, voters: int = 600, until: date = date(2012, 6, 30), **decades: Any) -> Scenario:
    """The base with few voters and fewer years; further settings of ``decades`` by name, tables as dictionaries."""
    spec = BASE.vary("population.voters", voters, name="x", title="x")
    return spec.vary("decades", {"until": until, **decades}, name="x", title="x")


def ran(spec: Scenario | None = None, *, society: int = 1, history: int = 1) -> PartySystem:
    """A finished run. It is shared between tests, which must not change it."""
    return _ran((spec or scenario()).model_dump_json(), society, history)


def fresh(spec: Scenario | None = None, *, society: int = 1, history: int = 1) -> PartySystem:
    """A model before its first day, for a test of its own."""
    return PartySystem(spec or scenario(), society=society, history=history)


@cache
def _ran(spec: str, society: int, history: int) -> PartySystem:
    return fresh(Scenario.model_validate_json(spec), society=society, history=history).run()


def fingerprint(model: PartySystem) -> str:
    """A hash of lives, answers, members, elections and the chronicle."""
    digest = hashlib.blake2b()
    for party in model.parties.values():
        own = (party.key, party.past, party.kin, party.decisions, party.members.tolist(), party.position.tolist())
        digest.update(repr((own, party.valence, party.conduct)).encode())
    digest.update(repr((model.chronicle, model.terms.held, model.standing)).encode())
    return digest.hexdigest()
