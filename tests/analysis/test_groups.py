"""What became of a group over many runs, counted by hand; and groups found under every name they go by."""

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from sim import cases
from sim.analysis.groups import courses, group_named, kind_of_ground, spellings
from sim.law.registration import Application, list_grounds, notice_grounds
from sim.law.timeline import Law
from sim.strict import InputError

UNEXPLAINED = "the list does not meet the law (no details given)"


def place(replication, level="low"):
    return {"scenario": "s", "level": level, "replication": replication}


def answer(replication, stage, outcome, *grounds, at_will=False):
    told = {"group": "g", "stage": stage, "outcome": outcome, "grounds": list(grounds), "discretionary": at_will}
    return place(replication) | told


@pytest.fixture
def store():
    """Four runs: refused twice at discretion; refused by law, then through; never there; still waiting."""
    short = ("Abai (KZ-10): 12 accepted, 200 required", "Ulytau (KZ-62): 0 accepted, 200 required")
    decisions = [
        answer(1, "notice", "refused", UNEXPLAINED, at_will=True),
        answer(1, "notice", "refused", "initiative group 612 accepted, 700 required", at_will=True),
        answer(2, "notice", "confirmed"),
        answer(2, "list", "refused", *short, "members 4800 accepted, 5000 required"),
        answer(2, "list", "registered"),
        answer(2, "list", "refused", "never mind") | {"group": "other"},
    ]  # fmt: skip
    parties = [
        place(n) | {"party": "g", "registered": n == 2, "on_ballot": n == 2, "seats": 3 * (n == 2)} for n in (1, 2, 4)
    ]
    frames = {
        "runs": pd.DataFrame([place(n) for n in (1, 2, 3, 4)]),
        "parties": pd.DataFrame(parties),
        "decisions": pd.DataFrame(decisions),
    }
    planned = [{"scenario": "s", "level": level, "settings": {"case": "kazakhstan"}} for level in ("low", "high")]
    return SimpleNamespace(planned=planned, to_frame=frames.get)


def test_a_course_counted_by_hand(store):
    low, high = courses(store, "g")
    steps = (low.runs, low.formed, low.noticed, low.confirmed, low.filed, low.registered, low.on_ballot, low.seated)
    assert steps == (4, 3, 2, 1, 1, 1, 1, 1)
    assert (low.refused, low.refusals, low.discretionary) == (2, 3, 2)
    assert set(low.grounds) == {
        ("notice", UNEXPLAINED, 1, 1),
        ("notice", "fewer than 700 founders accepted in the initiative group", 1, 1),
        ("list", "fewer than 200 members accepted in a region", 1, 1),  # two regions, one refusal
        ("list", "fewer than 5000 members accepted", 1, 1),
    }
    assert (high.runs, high.formed, high.refusals, high.grounds) == (0, 0, 0, ())


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("members 4180 accepted, 5000 required", "fewer than 5000 members accepted"),
        ("initiative group from 12 of 20 regions, 14 required; nobody from Abai (KZ-10)",
         "founders from fewer than 14 of 20 regions"),
        ("organising committee 3, 10 required", "fewer than 10 in the organising committee"),
        ("documents filed on 2022-09-01, due by 2022-08-01", "documents filed too late"),
        ("founding congress on 2022-09-01, due by 2022-08-01", "founding congress held too late"),
        ("something of 12,000 things", "something of # things"),
        (UNEXPLAINED, UNEXPLAINED),
    ],
)  # fmt: skip
def test_grounds_are_told_apart_by_what_they_ask_not_by_what_was_found(said, kind):
    assert kind_of_ground(said) == kind


def test_the_law_states_no_ground_that_is_not_known():
    law, day = Law.load(cases.folder("kazakhstan")), date(2022, 12, 1)
    rules, regions = law.on(day), law.regions_on(day)
    empty = Application(group="g", filed=day, congress=date(2020, 1, 1))
    stated = [*notice_grounds(empty, rules, regions, law.regions.names), *list_grounds(empty, rules, regions)]
    assert len({ground.code for ground in stated}) >= 5
    for ground in stated:
        assert kind_of_ground(ground.message) != ground.message
        assert "#" not in kind_of_ground(ground.message)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("amanat_1999", "amanat_1999"),
        ("Amanat", "amanat_1999"),
        ("nur otan", "amanat_1999"),
        ("Nur-Otan", "amanat_1999"),
        ("OSDP", "jsdp_2007"),
        ("Қазақстан Коммунистік партиясы", "kpk_1991"),
        ("коммунистическая партия Казахстана", "kpk_1991"),
        ("alga-qazaqstan", "alga_qazaqstan_2022"),
    ],
)
def test_a_group_goes_by_key_name_former_name_and_alias(text, key):
    assert group_named(text, spellings("kazakhstan")) == key


def test_an_unknown_group_comes_with_the_nearest():
    known = spellings("kazakhstan")
    with pytest.raises(InputError) as refused:
        group_named("Respublika Party", known)
    assert 'unknown party or group "Respublika Party". Did you mean "Respublica" (respublica_2022)' in str(
        refused.value
    )
    with pytest.raises(InputError, match=r'unknown party or group "xyzzy"\. Without a name'):
        group_named("xyzzy", known)


def test_a_name_of_two_groups_means_the_one_that_is_there():
    known = {"adilet_2004": ("Adilet",), "adilet_2026": ("Adilet",)}
    assert group_named("adilet", known, first={"adilet_2026"}) == "adilet_2026"
    with pytest.raises(InputError, match=r"names 2 groups; write the key .*: adilet_2004, adilet_2026\."):
        group_named("ADILET", known)
