"""Every number a scenario can set says where its default comes from."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.malpractice.practice import OPEN, Practice
from sim.process.decades_settings import Decades
from sim.scenario.schema import Mechanism, Scenario
from sim.strict import Mark, Strict

STRUCTURE = {"name", "title", "case", "election", "level", "law", "law_day", "reading", "decades"}
MARKS = set(typing.get_args(Mark))


def settings(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting below a model with its dotted path; sections are walked, not listed."""
    for name, field in model.model_fields.items():
        if not path and name in STRUCTURE:
            continue
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation, f"{path}{name}.")
        else:
            yield f"{path}{name}", field


ALL = dict(settings(Scenario))


def test_every_setting_of_a_run_of_decades_carries_a_mark():
    free = {"pressure", "counted_from", "amendment"}
    found = {path: field for path, field in settings(Decades, "decades.") if path.split(".")[-1] not in free}
    assert len(found) > 60
    for path, field in found.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict), f"{path} has no mark"
        assert extra["mark"] in MARKS
        assert str(extra["source"]).strip()


def test_the_walk_finds_them():
    assert len(ALL) > 100
    assert "years_before" in ALL
    assert "mechanism.commissions.territory_spread" in ALL
    assert "practice.discretion" in ALL


@pytest.mark.parametrize("path", ALL)
def test_every_setting_carries_a_mark_and_a_source(path):
    extra = ALL[path].json_schema_extra
    assert isinstance(extra, dict), f"{path} has no mark"
    assert extra["mark"] in MARKS
    assert str(extra["source"]).strip()
    assert "unit" in extra


@pytest.mark.parametrize("path", ALL)
def test_every_default_is_within_its_own_limits(path):
    value: object = Scenario(name="x", title="x")
    *sections, _ = path.split(".")
    for name in sections:
        value = getattr(value, name)
    assert isinstance(value, Strict)
    type(value).model_validate(value.model_dump())


def test_every_section_of_the_mechanism_has_defaults():
    assert Mechanism() == Mechanism.model_validate({})
    for name in Mechanism.model_fields:
        assert issubclass(type(getattr(Mechanism(), name)), Strict)


def test_a_practice_is_a_strength_from_0_open_to_1_as_it_was():
    assert set(Practice().model_dump().values()) == {1}
    assert set(OPEN.model_dump().values()) == {0}
    for name in Practice.model_fields:
        for wrong in (-0.1, 1.1, float("nan")):
            with pytest.raises(ValueError, match=name):
                Practice.model_validate({name: wrong})


def test_scenarios_are_frozen_and_refuse_unknown_keys():
    base = Scenario(name="x", title="x")
    with pytest.raises(ValueError, match="frozen"):
        base.level = "high"
    with pytest.raises(ValueError, match="discretoin"):
        Scenario.model_validate({"name": "x", "title": "x", "practice": {"discretoin": 0}})
