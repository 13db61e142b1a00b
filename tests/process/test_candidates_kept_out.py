"""Who does not reach the district ballot (no deposit, a charge, a refusal), and candidates who were asked to stand."""

from __future__ import annotations

from typing import Any

from small_runs import ran, scenario


def funnel(practice: dict[str, float] | None = None, **candidates: Any):
    return ran(scenario(voters=300, practice=practice or {}, mechanism={"candidates": candidates})).nomination.funnel


def test_as_shipped_nobody_is_charged_or_cannot_pay():
    plain = funnel()
    assert plain.nominated > 100
    assert plain.charged == plain.unpaid == 0


def test_who_cannot_pay_is_never_nominated():
    plain, poor, broke = funnel(), funnel(unpaid=0.5), funnel(unpaid=1)
    assert poor.nominated + poor.unpaid == plain.nominated
    assert 0.35 < poor.unpaid / plain.nominated < 0.65
    assert (broke.nominated, broke.refused, broke.reinstated) == (0, 0, 0)


def test_charges_fall_on_the_disloyal_and_are_no_refusals():
    plain, hard = funnel(), funnel(charged=1)
    assert 0.35 < hard.charged / hard.nominated < 0.65  # 1 - loyalty, loyalty spread evenly
    assert hard.refused < plain.refused
    assert hard.refused + hard.charged <= hard.nominated
    assert funnel({"criminal_charges": 0}, charged=1) == plain


def test_candidates_asked_to_stand_are_neither_charged_nor_filtered():
    loyal = funnel(ordered_loyal=1, charged=1)
    assert loyal.charged == 0
    assert loyal.refused / loyal.nominated < 0.12  # honest faults in papers alone
    assert funnel(ordered_loyal=0.5).refused < funnel().refused


def test_who_is_kept_out_is_not_on_the_ballot():
    model = ran(scenario(voters=300, mechanism={"candidates": {"charged": 1}}))
    f = model.nomination.funnel
    standing = [c for ballot in model.nomination.candidates for c in ballot if c.party is None and not c.against_all]
    assert len(standing) == f.nominated - f.charged - f.refused + f.reinstated
