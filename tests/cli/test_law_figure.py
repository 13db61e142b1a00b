"""`majilis law CASE --figure FILE` draws histories; several rules can be asked for at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_figure_is_written_where_it_is_asked_for(ending, majilis):
    said = majilis("law", "kazakhstan", "registration.members", "list.threshold", "--figure", f"law.{ending}")
    assert (said.code, said.out, said.err) == (0, f"law.{ending}\n", "")
    assert Path(f"law.{ending}").stat().st_size > 5000


def test_without_rules_the_figure_chooses(majilis):
    assert majilis("law", "kazakhstan", "--figure", "law.png").code == 0
    assert Path("law.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("registration.member",), 'unknown parameter "registration.member". Did you mean "registration.members"?'),
        (("registration.members", "--on", "2016-03-20"), "--figure draws the whole history; leave --on out."),
        (("registration.members", "--figure", "law.doc"), 'format "doc" is not known; write png, svg or pdf.'),
    ],
)
def test_what_cannot_be_drawn_is_told(words, message, majilis):
    said = majilis("law", "kazakhstan", "--figure", "law.png", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)
    assert not list(Path().glob("law.*"))


def test_several_rules_are_answered_one_below_the_other(majilis):
    said = majilis("law", "kazakhstan", "registration.members", "list.threshold", "--on", "2016-03-20")
    assert "2016-03-20: 40,000 members" in said.out
    assert "2016-03-20: 7 %" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    both = json.loads(majilis("law", "kazakhstan", "registration.members", "list.threshold", "--format", "json").out)
    assert [answer["parameter"] for answer in both] == ["registration.members", "list.threshold"]
