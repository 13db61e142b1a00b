"""The seat product against published expectations."""

from __future__ import annotations

import math

import pytest

from sim.measures.seat_product import effective_seats, effective_votes, largest_share, log_gap


@pytest.mark.parametrize(
    ("magnitude", "assembly", "expected"),
    [
        (120, 120, 4.93),  # Israel, Shugart & Taagepera 2017
        (1, 650, 2.94),  # United Kingdom, the same
        (98, 98, 4.61),  # the list chamber of Kazakhstan, 2007-2021
        (1, 77, 2.06),
    ],
)
def test_expected_effective_seats(magnitude: int, assembly: int, expected: float) -> None:
    assert effective_seats(magnitude, assembly) == pytest.approx(expected, abs=0.005)


def test_the_three_expectations_hang_together() -> None:
    """The largest share s and the effective number N are tied by N = s^(-4/3)."""
    assert effective_seats(10, 100) == pytest.approx(largest_share(10, 100) ** (-4 / 3))
    assert effective_votes(1, 1) == pytest.approx(2 ** (2 / 3))
    assert effective_votes(10, 100) > effective_seats(10, 100)


def test_the_gap_is_zero_where_observed_is_expected_and_negative_below() -> None:
    assert log_gap(effective_seats(98, 98), 98, 98) == pytest.approx(0)
    assert log_gap(1.0, 98, 98) == pytest.approx(-math.log(98 * 98) / 6)
    assert log_gap(None, 98, 98) is None


@pytest.mark.parametrize(("magnitude", "assembly"), [(0, 98), (99, 98), (1, math.inf), (math.nan, 98)])
def test_what_is_no_assembly_is_refused(magnitude: float, assembly: float) -> None:
    with pytest.raises(ValueError, match="need 1 <= M <= S"):
        effective_seats(magnitude, assembly)
