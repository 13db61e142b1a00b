"""What happened to parties: lives, descent, answers and the way to registration, as tables and as a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.actors.party import Decision, Party
from sim.actors.roster import AUTONOMOUS, DISLOYAL
from sim.measures import indices

if TYPE_CHECKING:
    import networkx as nx

    from sim.party_system import PartySystem

Row = dict[str, Any]
STEPS = ("formed", "noticed", "confirmed", "congress", "filed", "registered")


def registration(groups: Sequence[Party], filings: int) -> Row:
    """Measures of the way to registration over some groups; medians are None of nothing."""
    answers = [decision for party in groups for decision in party.decisions]
    registered = [party for party in groups if party.reached.registered]
    days = [
        (decision.decided - decision.filed).days
        for party in registered
        for decision in party.decisions
        if decision.outcome == "registered"
    ]
    waits = [
        (party.reached.registered - party.reached.noticed).days
        for party in registered
        if party.reached.registered and party.reached.noticed
    ]
    return {
        "groups": len(groups),
        "notices": sum(party.reached.noticed is not None for party in groups),
        "confirmed": sum(party.reached.confirmed is not None for party in groups),
        "congresses": sum(party.reached.congress is not None for party in groups),
        "filings": filings,
        "refusals": sum(decision.outcome == "refused" for decision in answers),
        "refusals_discretionary": sum(decision.discretionary for decision in answers if decision.outcome == "refused"),
        "longest_refusals": max((sum(d.outcome == "refused" for d in party.decisions) for party in groups), default=0),
        "registered_new": len(registered),
        "registered_new_disloyal": sum(party.conduct in DISLOYAL for party in registered),
        "days_in_review_loyal": median(_days_in_review(p) for p in groups if p.conduct not in DISLOYAL),
        "days_in_review_disloyal": median(_days_in_review(p) for p in groups if p.conduct in DISLOYAL),
        "days_to_decision_median": median(days),
        "days_notice_to_registration_median": median(waits),
    }


def answers(groups: Iterable[Party]) -> list[Row]:
    """Every answer of the registrar with all its reasons, a row each."""
    return [_answer(party, decision) for party in groups for decision in party.decisions]


def _answer(party: Party, decision: Decision) -> Row:
    return {
        "group": party.key,
        "display": party.name,
        "conduct": party.conduct,
        "origin": party.origin,
        "stage": decision.stage,
        "filed": decision.filed.isoformat(),
        "decided": decision.decided.isoformat(),
        "accepted_names": decision.accepted_names,
        "outcome": decision.outcome,
        "grounds": list(decision.reasons),
        "discretionary": decision.discretionary,
    }


def funnel(groups: Sequence[Party]) -> list[Row]:
    """How many groups of each conduct reached each step."""
    count: Counter[tuple[str, str]] = Counter()
    for party in groups:
        for step in STEPS:
            count[party.conduct, step] += getattr(party.reached, step) is not None
    classes = dict.fromkeys(party.conduct for party in groups)
    return [{"conduct": c, "stage": step, "groups": count[c, step]} for c in classes for step in STEPS]


@dataclass(frozen=True)
class Records:
    """Everything a run of decades leaves behind."""

    model: PartySystem

    @cached_property
    def parties(self) -> list[Party]:
        """Parties and groups in the order in which they arose; joint lists are none."""
        return [party for party in self.model.parties.values() if not party.parties]

    def formed(self, since: date, until: date) -> list[Party]:
        """Groups that formed in a period, other than those that the record gives."""
        given = self.model.decades.given_until
        return [p for p in self.parties if since <= p.reached.formed <= until and p.reached.formed > given]

    def funnel(self, since: date, until: date) -> list[Row]:
        """The way to registration of groups formed in a period, by conduct and step."""
        return funnel(self.formed(since, until))

    def lineage(self) -> nx.MultiDiGraph:
        """Descent as a directed graph without circles.

        A node is a party between two mergers or renamings, ``key/0``, ``key/1`` and so on, with its name, conduct and
        first day; an edge has its ``kind`` (split, merger, renaming, or "goes on") and its ``day``. All values are
        texts, as GraphML wants them: ``networkx.write_graphml(records.lineage(), "lineage.graphml")``.
        """
        import networkx as nx

        graph = nx.MultiDiGraph(scenario=self.model.spec.name)
        phase: dict[str, int] = {}
        for party in self.parties:
            phase[party.key] = 0
            graph.add_node(f"{party.key}/0", **_node(party, party.reached.formed))
        for kind, source, target, day in self._descent():
            before = f"{target}/{phase[target]}"
            if kind == "split":
                graph.add_edge(f"{source}/{phase[source]}", f"{target}/0", kind=kind, day=day.isoformat())
                continue
            phase[target] += 1
            after = f"{target}/{phase[target]}"
            graph.add_node(after, **_node(self.model.parties[target], day))
            graph.add_edge(before, after, kind="goes on" if kind == "merger" else kind, day=day.isoformat())
            if kind == "merger":
                graph.add_edge(f"{source}/{phase[source]}", after, kind=kind, day=day.isoformat())
        return graph

    def _descent(self) -> list[tuple[str, str, str, date]]:
        """Kind, where from, where to, and day of every tie, by day."""
        ties = [(kin.day, kin.kind, kin.other, party.key) for party in self.parties for kin in party.kin]
        return [(kind, source, target, day) for day, kind, source, target in sorted(ties)]

    def tables(self) -> dict[str, list[Row]]:
        """Rows of every table of the store, without their keys."""
        since = self.model.decades.counted_from or self.model.decades.given_until
        return {
            "runs": [self.measures()],
            "lives": [self._life(party) for party in self.parties],
            "lineage": [
                {"kind": kind, "source": source, "target": target, "day": day.isoformat()}
                for kind, source, target, day in self._descent()
            ],
            "decisions": answers(self.parties),
            "funnel": self.funnel(since, self.model.end),
            "years": self._years(),
            "elections": self._elections(),
        }

    def measures(self) -> Row:
        """Every outcome of the run by name; what is counted is counted from ``decades.counted_from``."""
        model = self.model
        since = model.decades.counted_from or model.decades.given_until
        standing = [party for party in self.parties if party.registered]
        out = self._way(since) | {
            "parties_registered": len(standing),
            "parties_registered_disloyal": sum(party.conduct in DISLOYAL for party in standing),
            "parties_merged": self._became("merged", since),
            "parties_banned": self._became("banned", since),
            "parties_dissolved": self._became("dissolved", since),
            "appeals": sum(day >= since for day in model.appeals.filed),
            "appeals_won": sum(day >= since for day in model.appeals.won),
            "reregistration_applied": len(model.reregistration.applied),
        }
        out |= {f"policy_{act}": model.patron.counts.get(act, 0) for act in POLICY}
        return out | self._last_election()

    def _way(self, since: date) -> Row:
        """The way to registration as events since a day, of all groups that the record does not give.

        Classes are those that groups were founded with: who is won over later was registered as what it was.
        """
        groups = [p for p in self.parties if p.reached.formed > self.model.decades.given_until]

        def reached(step: str) -> list[Party]:
            return [p for p in groups if (day := getattr(p.reached, step)) is not None and day >= since]

        given = [(p, d) for p in groups for d in p.decisions if d.decided >= since]
        refused = [(p, d) for p, d in given if d.outcome == "refused"]
        new = reached("registered")
        disloyal = {p.key for p in groups if p.conduct_founded in DISLOYAL}
        waits = [
            (p.reached.registered - p.reached.noticed).days for p in new if p.reached.noticed and p.reached.registered
        ]
        return {
            "groups": len(reached("formed")),
            "notices": len(reached("noticed")),
            "confirmed": len(reached("confirmed")),
            "congresses": len(reached("congress")),
            "filings": sum(d.filed >= since for p in groups for d in p.decisions),
            "refusals": len(refused),
            "refusals_discretionary": sum(d.discretionary for _, d in refused),
            "longest_refusals": max(Counter(p.key for p, _ in refused).values(), default=0),
            "registered_new": len(new),
            "registered_new_disloyal": sum(p.key in disloyal for p in new),
            "days_in_review_loyal": median(_days_in_review(p) for p in groups if p.key not in disloyal),
            "days_in_review_disloyal": median(_days_in_review(p) for p in groups if p.key in disloyal),
            "days_to_decision_median": median(
                (d.decided - d.filed).days for _, d in given if d.outcome == "registered"
            ),
            "days_notice_to_registration_median": median(waits),
        }

    def _became(self, status: str, since: date) -> int:
        return sum(step.status == status and step.day >= since for party in self.parties for step in party.past)

    def _last_election(self) -> Row:
        if not self.model.terms.held:
            return {}
        held = self.model.terms.held[-1]
        votes, total = list(held.votes.values()), sum(held.seats.values())
        seats = [held.seats.get(key, 0) / total if total else 0.0 for key in held.votes]
        power = self.model.power.key
        return {
            "lists_on_ballot": len(votes),
            "enp_votes": indices.enp(votes),
            "enp_list_seats": indices.enp([s for s in seats if s]),
            "gallagher": indices.gallagher(votes, seats),
            "wasted_share": indices.wasted_share(votes, seats) if total else None,
            "leader_seat_share": held.seats.get(power, 0) / total if total else None,
            **{
                f"autonomous_seat_share_{coding}": held.autonomous[coding] / total if total else None
                for coding in AUTONOMOUS
            },
        }

    def _life(self, party: Party) -> Row:
        reached = {step: _iso(getattr(party.reached, step)) for step in STEPS}
        last = party.past[-1]
        return {
            "party": party.key,
            "display": party.name,
            "conduct": party.conduct,
            "conduct_founded": party.conduct_founded,
            "origin": party.origin,
            "given": party.reached.formed <= self.model.decades.given_until,
            "status": party.status,
            "since": last.day.isoformat(),
            "into": party.into,
            "won_over": _iso(party.won_over),
            "members": int(party.members.sum()),
            "refusals": sum(decision.outcome == "refused" for decision in party.decisions),
            **reached,
        }

    def _years(self) -> list[Row]:
        """A row a year: who stood on 1 July, and what was asked and answered in the year."""
        july = {day.year: (total, disloyal) for day, total, disloyal in self.model.standing if day.month == 7}
        rows = []
        for year, (total, disloyal) in july.items():
            given = [d for p in self.parties for d in p.decisions if d.decided.year == year]
            new = [p for p in self.parties if p.reached.registered and p.reached.registered.year == year]
            rows.append(
                {
                    "year": year,
                    "registered": total,
                    "registered_disloyal": disloyal,
                    "formed": sum(p.reached.formed.year == year for p in self.parties),
                    "notices": sum(d.stage == "notice" for d in given),
                    "lists": sum(d.stage != "notice" for d in given),
                    "refused": sum(d.outcome == "refused" for d in given),
                    "lapsed": sum(d.outcome == "lapsed" for d in given),
                    "new": len(new),
                    "new_disloyal": sum(p.conduct_founded in DISLOYAL for p in new),
                    "merged": sum(s.status == "merged" and s.day.year == year for p in self.parties for s in p.past),
                    "banned": sum(s.status == "banned" and s.day.year == year for p in self.parties for s in p.past),
                }
            )
        return rows

    def _elections(self) -> list[Row]:
        parties: Mapping[str, Party] = self.model.parties
        return [
            {
                "election": held.election,
                "party": key,
                "display": parties[key].name,
                "conduct": parties[key].conduct,
                "share": share,
                "list_seats": held.seats.get(key, 0),
                "seats_refused": key in held.refused,
            }
            for held in self.model.terms.held
            for key, share in held.votes.items()
        ]


POLICY = ("order", "cooptation", "split", "look_alike", "prosecution", "ban", "merger")
"""Acts of the administration's party policy, as measures count them."""


def median(days: Iterable[int | None]) -> float | None:
    """The median of what there is; None of nothing."""
    known = [n for n in days if n is not None]
    return float(np.median(known)) if known else None


def _days_in_review(party: Party) -> int | None:
    """Days from a group's first filing to its last answer; None before any answer."""
    return (party.decisions[-1].decided - party.decisions[0].filed).days if party.decisions else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _node(party: Party, since: date) -> dict[str, str]:
    """A party from a day on, by the name and the conduct that it has then."""
    later = sorted((kin.day, kin.other) for kin in party.kin if kin.kind == "renaming" and kin.day > since)
    changed = party.won_over is not None and party.won_over <= since
    return {
        "party": party.key,
        "name": later[0][1] if later else party.name,
        "conduct": party.conduct if changed else party.conduct_founded,
        "since": since.isoformat(),
    }
