"""Voter by voter: the program's compiled electorate does what one agent a voter does by the equations of the page.

Positions may differ by single precision, within bounds that :mod:`replay` states. Whatever is decided must be the same,
but for decisions so close that single precision can turn them; those are listed (run with ``-s`` to read them).
"""

from __future__ import annotations

import copy

import oracle
import pytest
from replay import Report, nearest, new, replay

SCENARIOS = ["kz-2023", "textbook-managed", "kz-2004"]
FEW = 0.001  # near-ties among decisions


UNKNOWN = {
    "mechanism__media__known_before": 0.1,
    "mechanism__media__reach": 0.001,
    "mechanism__media__word_of_mouth": 0.001,
    "mechanism__media__campaign": 0.1,
    "mechanism__media__ballot_paper": 0.02,
    "mechanism__media__canvass": 0.0,
}
"""A quarter of the voters know no list at all."""
HALF = {"practice__state_resources": 0.5, "practice__media_closure": 0.5, "practice__mobilisation": 0.5}


@pytest.mark.parametrize(
    ("scenario", "seeds", "changes"),
    [
        *((scenario, seeds, {}) for scenario in SCENARIOS for seeds in ((1, 7), (1_002, 2_000_002))),
        ("textbook-managed", (1, 7), UNKNOWN),
        ("kz-2023", (1, 7), HALF),
        ("kz-2023-open", (1_003, 2_000_003), {}),  # more parties at once than in any other
    ],
)
def test_every_voter_in_every_month_and_at_the_polls(recorded, scenario, seeds, changes):
    run = recorded(scenario, *seeds, **changes)
    report = replay(run, new(run))
    print(f"\n{scenario}, seeds {seeds}, {changes or 'as it is'}: {report}")
    assert not report.differ, str(report)
    assert len(near_ties(report)) < FEW * report.decisions, str(report)


def near_ties(report: Report) -> list[oracle.NearTie]:
    """Every decision that was too close to call, with its voter and its margin."""
    return report.near


def test_the_recorded_runs_hold_what_the_rules_speak_of(recorded):
    """Else agreement would say nothing about blocs, second rounds, the line against all, forgetting, or hearing."""
    enacted, managed, blocs = (recorded(scenario, 1, 7) for scenario in SCENARIOS)
    assert any(party.parties for party in blocs.lists)
    assert len(blocs.second) > 5
    assert enacted.ballot.against_all
    assert any(candidate.party is None and candidate.position for candidate in enacted.candidates[0])
    assert any(not party.loyal and party.talked_of for party in enacted.months[-1].parties)
    assert any(run.shock(month) for run in (enacted, managed, blocs) for month in range(len(run.months)))
    for run in (enacted, managed, blocs):
        assert any(month.sympathy for month in run.months)
        assert 0.2 < sum(run.turned_out) / len(run.turned_out) < 0.95
        first, last = run.months[0].people.knows, run.months[-1].people.knows
        assert any(later - sooner for sooner, later in zip(first, last, strict=True))
    first, last = blocs.months[0].people.knows, blocs.months[-1].people.knows
    assert any(sooner - later for sooner, later in zip(first, last, strict=True))  # parties ended and were forgotten


# ---- the comparison can fail


def test_only_what_nearly_tied_may_go_the_other_way():
    step = 0.014
    assert nearest(0.0, [step], 0.0139) == step  # the neighbour at the bound was listened to after all
    assert nearest(0.0, [], 0.0139) == 0.0  # none was near the bound: told as a disagreement
    assert nearest(0.0, [step, step], 0.0279) == 2 * step  # tied twice


def test_one_forged_mark_is_noticed(recorded):
    run = copy.copy(recorded("kz-2023", 1, 7))
    voter = run.turned_out.index(True)
    run.choice = [*run.choice[:voter], (run.choice[voter] + 1) % len(run.lists), *run.choice[voter + 1 :]]
    assert len(replay(run, new(run)).differ) == 1


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"opinion__bound": 1.4}, "position"),
        ({"opinion__attraction": 0.1001}, "position"),
        ({"opinion__grievance_decay": 0.951}, "grievance"),
        ({"media__word_of_mouth": 0.033}, "known"),
        ({"media__campaign": 0.78}, "known"),
        ({"choice__distance": 0.7005}, "sympathy"),
        ({"choice__strategic": 0.251}, "belief"),
        ({"choice__rounds": 3}, "belief"),
        ({"turnout__distrust": 1.001}, "inclination"),
        ({"turnout__stakes": 0.101}, "inclination"),
        ({"mobilisation__spill_over": 0.4}, "turnout"),
    ],
)
def test_another_setting_is_noticed(recorded, change, what):
    assert any(line.startswith(what) for line in replay(*other(recorded, **change)).differ)


class NextId(oracle.Voter):
    """Draws what the next voter should draw."""

    @property
    def id(self) -> int:
        return self.row + 1


class Hasty(oracle.Voter):
    """Moves at once instead of with all others."""

    def deliberate(self, occasion):
        super().deliberate(occasion)
        self.economy, self.nation, self.accountability = self.next_position


class Told(oracle.Voter):
    """Passes news on in the month in which it came."""

    def listen(self, parties, occasion):
        super().listen(parties, occasion)
        self.knows |= self.heard


class Tired(oracle.Voter):
    """Likes the options as in the election before."""

    def taste(self, name):
        return super().taste(name + " once")


class Single(oracle.Voter):
    """Talks once to a neighbour who is tied to them twice."""

    def deliberate(self, occasion):
        every, self.neighbours = self.neighbours, list(dict.fromkeys(self.neighbours))
        super().deliberate(occasion)
        self.neighbours = every


@pytest.mark.parametrize(
    ("other_voter", "what"),
    [(NextId, "position"), (Hasty, "position"), (Told, "known"), (Tired, "list choice"), (Single, "position")],
)
def test_another_voter_is_noticed(recorded, other_voter, what):
    class Other(oracle.Oracle):
        def voter(self, row, born):
            return other_voter(self, row, born)

    assert any(line.startswith(what) for line in replay(*other(recorded, Other)).differ)


def test_another_idea_of_who_can_win_a_district_is_noticed(recorded, monkeypatch):
    monkeypatch.setattr(oracle, "chance_to_win", lambda v, w: 0.5)
    assert any(line.startswith("district choice") for line in replay(*other(recorded)).differ)


def test_another_network_is_noticed(recorded):
    assert replay(*other(recorded, society=2)).differ


def other(recorded, kind=oracle.Oracle, **changes):
    run = recorded("kz-2023", 1, 7)
    return run, new(run, kind, **changes)
