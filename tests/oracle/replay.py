"""An oracle lives through a recorded run, and every voter is compared with the program's, month by month."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oracle import NearTie, Oracle
from record import MonthSeen, People, Run, Second

# Single precision holds 24 bits. In a month a position (nearly always below 4) is rounded a few times by up to 1.2e-7,
# the single-precision normal draw adds about as much, and the step towards neighbours contracts: it never enlarges what
# was wrong before. So errors add up, month by month: in two years 1.7e-6 was the most that was seen.
AT_FIRST = 1e-6
A_MONTH = 2e-7
OF_CHANCE = 1e-6  # a chance below 1 comes from a dozen roundings of 6e-8
# U holds a square: an error of position counts twice the distance (some 5) times .7, on three axes.
OF_UTILITY = 5e-5
OF_LOGIT = 1e-5  # a tenth of U at most, and a sum of seven terms below 4
OF_TURNOUT = OF_LOGIT / 4  # a chance moves by a quarter of its logit
OF_BELIEF = 5e-6
# Voters' shares of sympathy are summed in parts of 2^-24, which does not depend on the order of the voters; beside
# that, an error of U is one of the share's logit.
OF_SYMPATHY = 2.0**-24
OF_SYMPATHY_SHARE = OF_UTILITY / 10


@dataclass
class Report:
    """What was compared, what was nearly a tie, and what differs."""

    decisions: int = 0
    near: list[NearTie] = field(default_factory=list)
    turned: int = 0  # near-ties that the program took the other way
    differ: list[str] = field(default_factory=list)
    worst: dict[str, float] = field(default_factory=dict)  # the greatest gap between engine and oracle, by column

    def same(self, what: str, ours: Any, theirs: Any) -> None:
        """Exactly the same."""
        if ours != theirs:
            self.differ.append(f"{what}: oracle {ours!r}, program {theirs!r}")

    def close(self, what: str, where: str, ours: float, theirs: float, tolerance: float) -> None:
        """The same within a tolerance."""
        gap = abs(ours - theirs)
        self.worst[what] = max(self.worst.get(what, 0.0), gap)
        if not gap <= tolerance:
            self.differ.append(f"{what} {where}: oracle {ours:.7f}, program {theirs:.7f}")

    def __str__(self) -> str:
        lines = [
            f"{self.decisions:,} decisions, {len(self.near)} nearly ties ({self.turned} turned), "
            f"{len(self.differ)} disagreements"
        ]
        lines += [f"  nearly a tie: voter {t.voter}, {t.what}, margin {t.margin:+.1e}" for t in self.near]
        lines += [f"  greatest gap in {what}: {gap:.1e}" for what, gap in self.worst.items()]
        return "\n".join([*lines, *(f"  DIFFER {line}" for line in self.differ[:20])])


def new(run: Run, kind: type[Oracle] = Oracle, society: int | None = None, **changes: Any) -> Oracle:
    """An oracle at the start of a run; ``changes`` replace settings by dotted path, to see that it then disagrees."""
    mechanism = run.model.mechanism
    for path, value in changes.items():
        section, name = path.split("__")
        part = getattr(mechanism, section).model_copy(update={name: value})
        mechanism = mechanism.model_copy(update={section: part})
    own = run.model.society.seed if society is None else society
    seeds = {"society": own, "history": run.model.history.seed}
    return kind(run.born, mechanism, run.model.spec.practice, run.facts, **seeds)


def replay(run: Run, it: Oracle) -> Report:
    """Months, campaign, beliefs and ballots."""
    report = Report()
    for number, month in enumerate(run.months):
        live(run, it, number, month, report)
    elect(run, it, report)
    report.decisions = it.watch.decisions
    return report


def live(run: Run, it: Oracle, number: int, month: MonthSeen, report: Report) -> None:
    """One monthly round, and the sympathies after it."""
    it.tolerance_of_position, it.tolerance_of_chance = AT_FIRST + A_MONTH * number, OF_CHANCE
    before = len(it.watch.near)
    it.meet(month.parties)
    it.month(month.occasion, run.shock(number), month.parties)
    near = it.watch.near[before:]
    compare(it, month.people, near, report, month.day.isoformat())
    report.near += near
    registered = [party for party in month.later if party.registered]
    for party in month.later:
        if party.address in month.sympathy:
            for region, (ours, theirs) in enumerate(
                zip(it.sympathy(party, registered), month.sympathy[party.address], strict=True)
            ):
                where = f"{month.day} {party.address} region {region}"
                report.close("sympathy", where, ours, theirs, OF_SYMPATHY + OF_SYMPATHY_SHARE * ours)


def compare(it: Oracle, theirs: People, near: Sequence[NearTie], report: Report, when: str) -> None:
    """Every voter after a month; who was nearly a tie may have gone the other way, and is then set right."""
    moves: dict[tuple[int, int], list[float]] = {}
    hears: set[tuple[int, str]] = set()
    for tie in near:
        if tie.what.startswith("opinion/"):
            axis, shift = tie.either
            moves.setdefault((tie.voter, axis), []).append(shift)
        else:
            hears.add((tie.voter, tie.what.split("/", 1)[1]))
    for voter in it.voters:
        row, place = voter.row, f"of {voter.row}, {when}"
        report.close("grievance", place, voter.grievance, theirs.grievance[row], it.tolerance_of_position)
        for axis, name in enumerate(("economy", "nation", "accountability")):
            there = theirs.position[row][axis]
            ours = nearest(voter.position[axis], moves.get((row, axis), ()), there)
            report.turned += ours != voter.position[axis]
            report.close("position", f"{name} {place}", ours, there, it.tolerance_of_position)
            if (row, axis) in moves:
                setattr(voter, name, there)
        hear(voter, theirs.knows[row], {what for who, what in hears if who == row}, report, place)


def hear(voter: Any, theirs: frozenset[str], near: set[str], report: Report, place: str) -> None:
    """Which parties a voter knows, but for what was nearly a tie."""
    report.same(f"known {place}", sorted(voter.knows - near), sorted(theirs - near))
    report.turned += len((voter.knows ^ theirs) & near)
    voter.knows = (voter.knows - near) | (theirs & near)


def nearest(ours: float, shifts: Sequence[float], theirs: float) -> float:
    """What of the positions that nearly tied decisions leave open comes nearest."""
    every = itertools.chain.from_iterable(itertools.combinations(shifts, n) for n in range(len(shifts) + 1))
    return min((ours + sum(some) for some in every), key=lambda x: abs(x - theirs))


def elect(run: Run, it: Oracle, report: Report) -> None:
    """Campaign, beliefs, and all marks."""
    before = len(it.watch.near)
    it.tolerance_of_utility, it.tolerance_of_turnout = OF_UTILITY, OF_TURNOUT
    it.meet(run.lists)
    assert run.before_campaign is not None
    assert run.after_campaign is not None
    for voter in it.voters:
        hear(voter, run.before_campaign.knows[voter.row], set(), report, f"of {voter.row} before the campaign")
    it.campaign(run.lists, run.public_money)
    near = it.watch.near[before:]
    hears = {(tie.voter, tie.what.split("/", 1)[1]) for tie in near}
    for voter in it.voters:
        own = {what for who, what in hears if who == voter.row}
        hear(voter, run.after_campaign.knows[voter.row], own, report, f"of {voter.row} after the campaign")
    believed, ln_pi = it.beliefs(run.ballot)
    for j, share in run.believed.items():
        report.close("belief", j, believed[j], share, OF_BELIEF)
    it.vote(run.ballot, ln_pi)
    for voter in it.voters:
        best = max(voter.utilities(run.lists).values(), default=0.0)
        report.close("utility", f"of the best list to {voter.row}", best, run.best[voter.row], OF_UTILITY)
        inclined = math.log(voter.inclination / (1 - voter.inclination))
        report.close("inclination", f"of {voter.row}, logits", inclined, run.inclined[voter.row], OF_LOGIT)
    for district, candidates in enumerate(run.candidates):
        it.district(district, candidates, run.ballot)
    marks(run, it, report, it.watch.near[before:])
    for second in run.second:
        again(run, it, second, report)
    report.near += it.watch.near[before:]


def marks(run: Run, it: Oracle, report: Report, near: Iterable[NearTie]) -> None:
    """What every voter did on the day."""
    open_to: Mapping[tuple[int, str], Any] = {(tie.voter, tie.what): tie.either for tie in near}
    for voter in it.voters:
        row = voter.row
        if (row, "turnout") in open_to:
            report.turned += voter.turned_out != run.turned_out[row]
            voter.turned_out = run.turned_out[row]
        report.same(f"turnout of {row}", voter.turned_out, run.turned_out[row])
        for what, ours, theirs in (
            ("list", voter.choice, run.choice[row]),
            ("district", voter.district_choice, run.district_choice[row]),
        ):
            options = open_to.get((row, what), []) if voter.turned_out else []
            if theirs in options:
                report.turned += ours != theirs
            else:
                report.same(f"{what} choice of {row}", ours, theirs)


def again(run: Run, it: Oracle, second: Second, report: Report) -> None:
    """What every voter of a district did in a second round."""
    before = len(it.watch.near)
    standing = {candidate.key: candidate for candidate in run.candidates[second.district]}
    met = it.second_round(second.district, [standing[key] for key in second.pair], run.ballot)
    open_to = {(tie.voter, tie.what.split(" of ")[0]): tie.either for tie in it.watch.near[before:]}
    report.same(f"voters of district {second.district}", [voter.row for voter, _, _ in met], second.rows)
    for (voter, came, which), theirs, chosen in zip(met, second.came, second.choice, strict=True):
        if (voter.row, "turnout/second round") not in open_to:
            report.same(f"second turnout of {voter.row}", came, theirs)
        if theirs and chosen not in open_to.get((voter.row, "second round"), []):
            report.same(f"second choice of {voter.row}", which, chosen)
