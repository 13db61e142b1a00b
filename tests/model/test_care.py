"""Scores of loyalty live in memory: no table, story, answer or name shows one."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from small_runs import ran, scenario

from sim.actors.party import Decision

RUNS = [ran(history=seed) for seed in (1, 2)] + [ran(scenario(practice={"discretion": 0}))]
FORBIDDEN = ("loyalty", "threat", "persist", "money", "mood", "hostile", "character", "profile")


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


@pytest.mark.parametrize("model", RUNS)
def test_no_table_has_a_column_or_a_number_of_a_groups_character(model):
    tables = model.outcome.tables(stations=True)
    secret = set()
    for party in model.parties.values():
        secret |= {party.character.loyalty, party.character.persistence, party.character.money}
        secret |= set(party.character.profile.tolist())
    for name, rows in tables.items():
        for row in rows:
            assert not [column for column in row for word in FORBIDDEN if word in column], name
        numbers = {leaf for leaf in leaves(rows) if isinstance(leaf, float)}
        assert not numbers & secret, name


@pytest.mark.parametrize("model", RUNS)
def test_neither_the_chronicle_nor_an_answer_nor_a_name_shows_a_score(model):
    said = [event.text for event in model.chronicle]
    said += [repr(decision) for party in model.parties.values() for decision in party.decisions]
    said += [f"{party!r} {party} {party.name} {party.key}" for party in model.parties.values()]
    for party in model.parties.values():
        for score in (party.character.loyalty, party.character.persistence):
            assert not [text for text in said if f"{score:.3f}" in text]
    for text in said:
        assert not [word for word in ("loyalty", "threat", "persistence", "hostile") if word in text.lower()], text


def test_an_answer_has_no_room_for_a_score():
    known = {"stage", "filed", "decided", "accepted_names", "outcome", "grounds", "discretionary", "struck"}
    assert set(Decision._fields) == known


def test_names_are_of_organisations_and_candidacies_have_numbers():
    for model in RUNS:
        for standing in model.nomination.candidates:
            for candidate in standing:
                assert candidate.party or candidate.against_all or candidate.key.startswith("independent_")
                assert "name" not in {field.name for field in dataclasses.fields(candidate)}
