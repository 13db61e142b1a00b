"""Official votes in, official seats out: the seven list elections of the Mazhilis, on the base of their date."""

from __future__ import annotations

import csv
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.law.apportionment import FORMULAS, Allocation, ListVotes, TwoPartyRule, allocate

STUDIES = Path(__file__).parents[3] / "shared" / "data"
AGAINST_ALL = "against all"


class Election(NamedTuple):
    """Votes by list in the order they are published, seats, threshold in percent, ballots cast where they are the base,
    and the official seats of lists that won any."""

    votes: dict[str, int]
    seats: int
    percent: int
    cast: int | None
    official: list[int]

    def allocate(self, formula: str = "hare", rule: TwoPartyRule | None = None) -> Allocation:
        lines = [ListVotes(name, votes, against_all=name == AGAINST_ALL) for name, votes in self.votes.items()]
        return allocate(lines, self.seats, Fraction(self.percent, 100), self.cast, formula, rule)


def won(allocation: Allocation) -> list[int]:
    return [seats for seats in allocation.seats.values() if seats]


def ballots(turnout_pct: str, register: int) -> int:
    """Ballots cast where no usable count was published: turnout x register."""
    return round(Fraction(turnout_pct) / 100 * register)


# votes and seats as the Central Election Commission published them; sources by row in the case's elections.csv
ELECTIONS = {
    1999: Election(
        {"Otan": 1622895, "Communists": 932549, "Agrarian": 663351, "Civic": 590184},
        10, 7, ballots("62.5", 8411757), [4, 2, 2, 2],
    ),
    2004: Election(
        {
            "Otan": 2883706, "Ak Zhol": 572672, "Asar": 541239, "AIST": 336177, "Communists and DCK": 163824,
            "Communist People's": 94140, "Auyl": 82523, "Democratic": 36379, "Patriots": 26287, "Rukhaniyat": 20826,
        },
        10, 7, None, [7, 1, 1, 1],
    ),
    2007: Election(
        {
            "Nur Otan": 5247720, "OSDP": 269310, "Ak Zhol": 183346, "Auyl": 89855, "Communist People's": 76799,
            "Patriots": 46436, "Rukhaniyat": 22159,
        },
        98, 7, None, [98],
    ),
    2012: Election(
        {
            "Nur Otan": 5621436, "Ak Zhol": 518405, "Communist People's": 498788, "OSDP": 116534, "Auyl": 82623,
            "Patriots": 57732, "Adilet": 45702,
        },
        98, 7, ballots("75.45", 9300000), [83, 8, 7],
    ),
    2016: Election(
        {
            "Nur Otan": 6183757, "Ak Zhol": 540406, "Communist People's": 537123, "Auyl": 151285, "OSDP": 88813,
            "Birlik": 21484,
        },
        98, 7, ballots("77.12", 9810852), [84, 7, 7],
    ),
    2021: Election(
        {"Nur Otan": 5148074, "Ak Zhol": 792828, "People's": 659019, "Auyl": 383023, "Adal": 258618},
        98, 7, ballots("63.25", 11919241), [76, 12, 10],
    ),
    2023: Election(
        {
            "Amanat": 3431510, "Auyl": 693938, "Respublica": 547154, "Ak Zhol": 535139, "People's": 432920,
            "OSDP": 331058, "Baytaq": 146431, AGAINST_ALL: 248291,
        },
        69, 5, ballots("54.21", 12035578), [40, 8, 6, 6, 5, 4],
    ),
}  # fmt: skip
CAST_FROM = {1999, 2012, 2016, 2021, 2023}
"""Elections whose threshold is taken on ballots cast; valid votes in 2004 and 2007."""


def from_studies(year: int) -> Election:
    """The same election, read from the collection beside the checkout."""
    source, targets = STUDIES / "kazakhstan" / "elections.csv", STUDIES / "published_targets.toml"
    if not source.exists() or not targets.exists():
        pytest.skip(f"no {source}: the collection of studies is not beside this checkout")
    with source.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["election_id"] == str(year)]
    votes = {r["party"]: int(r["value"]) for r in rows if (r["variable"], r["tier"]) == ("votes", "list")}

    def first(variable: str) -> str:
        return next(r["value"] for r in rows if r["variable"] == variable and r["status"] in ("official", "rounded"))

    if year == 2023:
        votes[AGAINST_ALL] = int(first("votes_against_all"))
    cast = ballots(first("turnout_pct"), int(first("registered_voters"))) if year in CAST_FROM else None
    target = tomllib.loads(targets.read_text(encoding="utf-8"))["kazakhstan_list_seats"][f"y{year}"]
    return Election(votes, target["seats"], int(target["threshold"]), cast, target["result"])


@pytest.mark.parametrize("year", ELECTIONS)
def test_official_votes_give_the_official_seats(year: int) -> None:
    result = ELECTIONS[year].allocate()
    assert won(result) == ELECTIONS[year].official
    assert (result.unfilled, result.ties, result.admitted) == (0, (), None)


@pytest.mark.parametrize("year", ELECTIONS)
def test_the_collected_votes_give_the_official_seats(year: int) -> None:
    collected = from_studies(year)
    assert won(collected.allocate()) == collected.official
    bundled = ELECTIONS[year]
    assert sorted(collected.votes.values()) == sorted(bundled.votes.values())
    assert collected[1:] == bundled[1:]


def test_the_rule_of_2009_would_have_let_a_second_list_into_the_chamber_of_2007() -> None:
    result = ELECTIONS[2007].allocate(rule=TwoPartyRule())
    assert {name: seats for name, seats in result.seats.items() if seats} == {"Nur Otan": 95, "OSDP": 3}
    assert (result.passed, result.admitted) == (("Nur Otan",), "OSDP")


def test_the_rule_of_2009_is_silent_where_several_lists_pass() -> None:
    for year in set(ELECTIONS) - {2007}:
        assert ELECTIONS[year].allocate(rule=TwoPartyRule()) == ELECTIONS[year].allocate()


@pytest.mark.parametrize(
    ("formula", "years"),
    [
        ("dhondt", {1999, 2004, 2012, 2021, 2023}),
        ("droop", {2012, 2021}),
        ("sainte-lague", set()),
        ("modified-sainte-lague", set()),
    ],
)
def test_other_formulas_miss_the_official_seats_in(formula: str, years: set[int]) -> None:
    missed = {year for year, election in ELECTIONS.items() if won(election.allocate(formula)) != election.official}
    assert missed == years


def test_dhondt_in_2023_takes_a_seat_from_the_smallest_list() -> None:
    assert won(ELECTIONS[2023].allocate("dhondt")) == [41, 8, 6, 6, 5, 3]


def test_only_2004_depends_on_the_base() -> None:
    """AIST had 7.07 % of valid votes and 6.87 % of 4,893,204 ballots."""
    on_cast = ELECTIONS[2004]._replace(cast=4893204).allocate()
    assert on_cast.passed == ("Otan", "Ak Zhol", "Asar")
    for year in CAST_FROM - {1999}:  # of 1999 only the lists that passed were found, so their sum is no base
        assert won(ELECTIONS[year]._replace(cast=None).allocate()) == ELECTIONS[year].official


def test_against_all_counts_in_the_base_and_wins_nothing() -> None:
    of_2023 = ELECTIONS[2023]
    assert sum(of_2023.votes.values()) == 6366441
    result = of_2023._replace(percent=0).allocate()
    assert AGAINST_ALL not in result.seats
    assert sum(result.seats.values()) == 69
    lines = [ListVotes(n, v, against_all=n == AGAINST_ALL) for n, v in of_2023.votes.items()]
    of_all = Fraction(of_2023.votes["OSDP"], 6366441)
    of_lists = Fraction(of_2023.votes["OSDP"], 6366441 - of_2023.votes[AGAINST_ALL])
    assert "OSDP" in allocate(lines, 69, of_all).passed
    assert "OSDP" not in allocate(lines, 69, of_lists).passed


# Balinski & Young, The Quota Method of Apportionment, American Mathematical Monthly 82, 1975
EXAMPLES = [
    ((5117, 4400, 162, 161, 160), 100, "dhondt", [52, 45, 1, 1, 1]),
    ((5117, 4400, 162, 161, 160), 100, "hare", [51, 44, 2, 2, 1]),
    ((5117, 4400, 162, 161, 160), 100, "sainte-lague", [51, 43, 2, 2, 2]),
    ((9061, 7179, 5259, 3319, 1182), 26, "dhondt", [10, 7, 5, 3, 1]),
    ((9061, 7179, 5259, 3319, 1182), 26, "hare", [9, 7, 5, 4, 1]),
    ((9061, 7179, 5259, 3319, 1182), 26, "sainte-lague", [9, 8, 5, 3, 1]),
]


@pytest.mark.parametrize(("votes", "seats", "formula", "expected"), EXAMPLES)
def test_the_examples_of_balinski_and_young(votes: tuple[int], seats: int, formula: str, expected: list[int]) -> None:
    result = allocate([ListVotes(str(i), v) for i, v in enumerate(votes)], seats, formula=formula)
    assert list(result.seats.values()) == expected


def test_the_formulas_by_name() -> None:
    assert set(FORMULAS) == {"hare", "droop", "dhondt", "sainte-lague", "modified-sainte-lague"}
