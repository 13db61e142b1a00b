"""The indices against published values, and what they say where there is nothing to measure."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures.indices import (
    Volatility,
    enp,
    gallagher,
    golosov,
    largest_share,
    loosemore_hanby,
    nationalisation,
    rae,
    shares,
    system_nationalisation,
    volatility,
    wasted_share,
)

STUDIES = Path(__file__).parents[3] / "shared" / "data"

# official votes of all lines of the ballot, and list seats in the same order
KAZAKHSTAN = {
    2007: ([5247720, 269310, 183346, 89855, 76799, 46436, 22159], [98, 0, 0, 0, 0, 0, 0]),
    2012: ([5621436, 518405, 498788, 116534, 82623, 57732, 45702], [83, 8, 7, 0, 0, 0, 0]),
    2016: ([6183757, 540406, 537123, 151285, 88813, 21484], [84, 7, 7, 0, 0, 0]),
    2021: ([5148074, 792828, 659019, 383023, 258618], [76, 12, 10, 0, 0]),
    2023: ([3431510, 693938, 547154, 535139, 432920, 331058, 146431, 248291], [40, 8, 6, 6, 5, 4, 0, 0]),
}
CHAMBER_2023 = [62, 8, 6, 6, 5, 4]
INDEPENDENTS_2023 = 7


@pytest.mark.parametrize(("year", "expected"), [(2007, 9.20), (2012, 3.13), (2016, 2.99), (2021, 6.53), (2023, 4.37)])
def test_gallagher_of_kazakhstan(year: int, expected: float) -> None:
    votes, seats = KAZAKHSTAN[year]
    assert gallagher(shares(votes), shares(seats)) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("year", "expected"), [(2007, 1.000), (2012, 1.372), (2016, 1.342), (2021, 1.595)])
def test_effective_seats_of_kazakhstan(year: int, expected: float) -> None:
    assert enp(shares(KAZAKHSTAN[year][1])) == pytest.approx(expected, abs=0.0005)


def test_independents_count_singly_or_as_a_bloc() -> None:
    assert enp(shares(CHAMBER_2023 + [1] * INDEPENDENTS_2023)) == pytest.approx(2.384, abs=0.0005)
    assert enp(shares([*CHAMBER_2023, INDEPENDENTS_2023])) == pytest.approx(2.360, abs=0.0005)


@pytest.mark.parametrize(("of", "n"), [([0.75, 0.25], 1.33), ([0.55, 0.45], 1.82), ([0.35, 0.35, 0.30], 2.90)])
def test_golosov_as_published(of: list[float], n: float) -> None:
    """Golosov, The effective number of parties: a new approach, Party Politics 16, 2010."""
    assert golosov(of) == pytest.approx(n, abs=0.005)


# ParlGov, Estonia 3 March 2019 and Sweden 9 September 2018: percent, seats, house, and ParlGov's own indices
PARLGOV = [
    (
        [28.9, 23.1, 17.8, 11.4, 9.8, 4.4, 1.8, 1.2, 1.2], [34, 26, 19, 12, 10, 0, 0, 0, 0], 101,
        (5.162249501842923, 4.185884283955683, 5.311238184624963),
    ),
    (
        [28.26, 19.84, 17.53, 8.61, 8.0, 6.32, 5.49, 4.41], [100, 70, 62, 31, 28, 22, 20, 16], 349,
        (5.789661147344097, 5.631374543437052, 0.4585756318049418),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("percent", "seats", "house", "expected"), PARLGOV)
def test_published_shares_are_not_renormalised(
    percent: list[float], seats: list[int], house: int, expected: tuple[float, float, float]
) -> None:
    votes, won = [p / 100 for p in percent], shares(seats, house)
    assert (enp(votes), enp(won), gallagher(votes, won)) == pytest.approx(expected, abs=1e-3)
    renormalised = shares(percent)
    assert enp(renormalised) != pytest.approx(expected[0], abs=1e-3)


def test_all_elections_of_the_parlgov_sample() -> None:
    source = STUDIES / "external" / "parlgov_sample.csv"
    if not source.exists():
        pytest.skip(f"no {source}: the collection of studies is not beside this checkout")
    with source.open(encoding="utf-8", newline="") as file:
        elections = [list(rows) for _, rows in groupby(csv.DictReader(file), key=lambda row: row["election_id"])]
    assert len(elections) == 11
    for rows in elections:
        votes = [float(row["vote_share"]) / 100 for row in rows]
        seats = shares([int(row["seats"]) for row in rows], int(rows[0]["seats_total"]))
        published = tuple(float(rows[0][name]) for name in ("enp_votes", "enp_seats", "disproportionality"))
        assert (enp(votes), enp(seats), gallagher(votes, seats)) == pytest.approx(published, abs=1e-3)


def test_the_simple_indices_by_hand() -> None:
    votes, seats = [0.5, 0.3, 0.2], [0.6, 0.4, 0.0]
    assert rae(seats) == pytest.approx(1 - 0.36 - 0.16)
    assert largest_share(seats) == 0.6
    assert loosemore_hanby(votes, seats) == pytest.approx(20)
    assert gallagher(votes, seats) == pytest.approx(100 * ((0.01 + 0.01 + 0.04) / 2) ** 0.5)
    assert wasted_share([50, 30, 20], [6, 4, 0]) == pytest.approx(0.2)
    assert wasted_share([50, 30, 10], [6, 4, 0], total=100) == pytest.approx(0.1)


def test_a_house_larger_than_the_listed_parties_keeps_its_size() -> None:
    assert shares([60, 30], 100) == [0.6, 0.3]


def test_volatility_in_points() -> None:
    before, after = {"a": 0.6, "b": 0.3, "c": 0.1}, {"a": 0.4, "b": 0.4, "d": 0.2}
    assert volatility(before, after) == pytest.approx(Volatility(total=30, entry=15, transfer=15))
    assert volatility(before, before) == Volatility(0, 0, 0)
    assert volatility({"a": 1.0}, {"b": 1.0}) == Volatility(100, 100, 0)
    assert volatility({"a": 1.0, "b": 0.0}, {"a": 0.5, "b": 0.5}) == pytest.approx(Volatility(50, 25, 25))


def test_nationalisation_is_one_minus_gini() -> None:
    assert nationalisation([0.3, 0.3, 0.3]) == pytest.approx(1)
    assert nationalisation([1, 0, 0, 0]) == pytest.approx(0.25)  # the Gini of one holder in n is 1 - 1/n
    assert nationalisation([0.1, 0.2, 0.3, 0.4]) == pytest.approx(0.75)


def test_the_system_score_weighs_parties_by_votes() -> None:
    votes = [[60, 40, 0], [60, 0, 0], [0, 0, 0]]  # the third region did not vote
    even, uneven = 1 - 0.4 / (2 * 1.6), 0.5
    assert system_nationalisation(votes) == pytest.approx((120 * even + 40 * uneven) / 160)


def test_what_is_undefined_is_none_and_not_zero() -> None:
    for nothing in (None, [], [0.0, 0.0]):
        for index in (enp, golosov, rae, largest_share, nationalisation):
            assert index(nothing) is None
        for gap in (gallagher, loosemore_hanby):
            assert gap(nothing, [1.0]) is None
            assert gap([1.0], nothing) is None
    assert shares([]) is None
    assert shares([0, 0]) is None
    assert wasted_share([0, 0], [1, 0]) is None
    for empty in (None, {}, {"a": 0.0}):
        assert volatility(empty, {"a": 1.0}) is None
        assert volatility({"a": 1.0}, empty) is None
    assert system_nationalisation([]) is None
    assert system_nationalisation([[0, 0]]) is None


def test_what_is_no_share_is_refused() -> None:
    for wrong in ([53.9, 46.1], [-0.1, 0.5], [float("nan")]):
        with pytest.raises(ValueError, match="between 0 and 1"):
            enp(wrong)
    for counts in ([-1, 2], [float("nan")], [float("inf")]):
        with pytest.raises(ValueError, match="counts"):
            shares(counts)
    with pytest.raises(ValueError, match="total = 5 is smaller than the sum 6"):
        shares([3, 3], 5)
    with pytest.raises(ValueError, match="zip"):
        gallagher([0.5, 0.5], [1.0])


unhurried = settings(deadline=None)  # a busy machine is no failure
counts = st.lists(st.integers(0, 10**7), min_size=1, max_size=12).filter(any)


@unhurried
@given(counts)
def test_effective_numbers_lie_between_one_and_the_number_of_parties(votes: list[int]) -> None:
    of = shares(votes)
    parties = sum(v > 0 for v in votes)
    for n in (enp(of), golosov(of)):
        assert n is not None
        assert 1 - 1e-9 <= n <= parties + 1e-9


@unhurried
@given(st.data(), counts)
def test_disproportionality_lies_between_0_and_100(data: st.DataObject, votes: list[int]) -> None:
    seats = data.draw(st.lists(st.integers(0, 300), min_size=len(votes), max_size=len(votes)).filter(any))
    least_squares = gallagher(shares(votes), shares(seats))
    absolute = loosemore_hanby(shares(votes), shares(seats))
    assert least_squares is not None
    assert absolute is not None
    assert 0 <= least_squares <= absolute + 1e-9 <= 100 + 2e-9
