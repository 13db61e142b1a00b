"""A run of decades in one page: who was registered at each election, the way there, and what became of parties."""

from __future__ import annotations

import calendar
import csv
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.law import WIDTH
from sim.cli.run import CONDUCT
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.actors.party import Party
    from sim.dated import Event
    from sim.party_records import Records
    from sim.party_system import PartySystem
    from sim.process.terms import Held
    from sim.scenario.schema import Scenario

CAUTION = "A simulation under assumptions, not a forecast and no record of what happened to any party."

_NAME, _CELL = 24, 8
_MOST_ELECTIONS = (WIDTH - _NAME) // _CELL
_MOST_NAMES, _MOST_AT_END = 4, 10
_MOST_ROWS, _MOST_JOINT = 24, 4

_ENDS = {"merged": "merged", "banned": "banned by a court", "dissolved": "dissolved", "ended": "ended, as on record"}

_REPEATED = re.compile(
    r"the Ministry (refuses|confirms|suspends)|the application of|.*( misses the deadline|: congress without quorum"
    r"| is refused a hall| holds its founding congress)"
)
"""Events that a group may go through again and again."""

_TURNS = re.compile(r"lists close|all \d+ parties")
"""Events after which every group's story goes on with new lines, so that none spans decades."""


def simulated(scenario: Scenario, society: int, history: int) -> PartySystem:
    """One finished run of decades."""
    from sim.party_system import PartySystem

    return PartySystem(scenario, society=society, history=history).run()


def graph_file(path: Path) -> Path:
    """The file that a graph can be written to. Raises InputError for another ending, and where there is no folder."""
    if path.suffix.lower() != ".graphml":
        raise InputError(f"--lineage {path}: the graph is written as GraphML; let the name end in .graphml.")
    if not path.parent.is_dir():
        raise InputError(f"--lineage {path}: there is no folder {path.parent}.")
    return path


def write_lineage(model: PartySystem, path: Path) -> str:
    """Write who came from whom as GraphML; returns a line that says so."""
    import networkx as nx

    graph = model.records.lineage()
    nx.write_graphml(graph, path)
    nodes, ties = graph.number_of_nodes(), graph.number_of_edges()
    return f"Lineage: {nodes} parties and groups between their mergers and names, {ties} ties, in {path}"


def answer(model: PartySystem, society: int, history: int, *, story: bool) -> dict[str, Any]:
    """The whole result for other programs; the story in full, without the page's gathering of repeated lines."""
    spec, tables = model.spec, model.records.tables()
    told = {"story": [{"day": event.day.isoformat(), "text": event.text} for event in model.chronicle]}
    return {
        "caution": CAUTION,
        "scenario": spec.name,
        "title": spec.title,
        "level": spec.level,
        "society": society,
        "history": history,
        "voters": spec.population.voters,
        "since": model.start.isoformat(),
        "until": model.end.isoformat(),
        "measures": tables["runs"][0],
        **{name: tables[name] for name in ("lives", "lineage", "elections", "funnel", "years")},
        **(told if story else {}),
    }


def print_csv(whole: dict[str, Any]) -> None:
    """A row a party or group, with what was asked in front."""
    asked = {key: whole[key] for key in ("scenario", "level", "society", "history")}
    rows = [asked | life for life in whole["lives"]]
    table = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)


# The story


@dataclass
class Line:
    """A line of the story; it stands for ``times`` like events of one group, the last on ``last``."""

    day: date
    text: str
    last: date
    times: int = 1

    def __str__(self) -> str:
        again = f" ({self.times} times, the last on {self.last})" if self.times > 1 else ""
        return f"{self.day}  {self.text}{again}"


def gathered(chronicle: Sequence[Event], names: Sequence[str]) -> list[Line]:
    """The chronicle with a group's repeated refusals, failed congresses and missed terms as one line each.

    ``names`` are those of all parties and groups, former ones included. A group's lines are gathered until something
    else happens to it (a court, a registration, an end), and never beyond an election.
    """
    ordered = sorted(names, key=len, reverse=True)
    going_on: dict[str, dict[str, Line]] = {}
    out = []
    for event in chronicle:
        line = Line(event.day, event.text, event.day)
        name = next((name for name in ordered if name in event.text), "")
        if _TURNS.match(event.text):
            going_on.clear()
        elif not _REPEATED.match(event.text):
            going_on.pop(name, None)
        else:
            own, kind = going_on.setdefault(name, {}), _kind(event.text, name)
            if kind in own:
                own[kind].times += 1
                own[kind].last = event.day
                continue
            own[kind] = line
        out.append(line)
    return out


def _kind(text: str, name: str) -> str:
    """An event without its group and its numbers; of several grounds the first, without its region."""
    first = re.sub(r"\d[\d,]*", "#", text.replace(name, "").partition(";")[0])
    return re.sub(r": [^:]*\([A-Z]+-#\).*", "", first)


def names(model: PartySystem) -> list[str]:
    """Every name that a party or group has or had in a run."""
    former = [kin.other for party in model.parties.values() for kin in party.kin if kin.kind == "renaming"]
    return [*dict.fromkeys([*(party.name for party in model.parties.values()), *former])]


def told(model: PartySystem) -> list[str]:
    """The chronicle as a reader can read it."""
    lines = []
    for line in gathered(model.chronicle, names(model)):
        text = str(line).replace(" %", "\0%")
        wrapped = textwrap.wrap(text, WIDTH, subsequent_indent=" " * 12, break_on_hyphens=False)
        lines += [part.replace("\0", " ") for part in wrapped]
    return [*lines, ""]


# The page


def summary(model: PartySystem, society: int, history: int, heading: Sequence[str]) -> list[str]:
    """The run on one page of 80 columns."""
    spec, records = model.spec, model.records
    lines = [*heading, f"society {society}, history {history}, {spec.population.voters:,} simulated voters", ""]
    lines += [*_elections(model), "", *_funnel(records), ""]
    for label, text in _facts(records):
        lines += textwrap.wrap(f"{label:18}{text}", WIDTH, subsequent_indent=" " * 18, break_on_hyphens=False)
    return [*lines, "", *_wrapped(CAUTION)]


def standing_on(party: Party, day: date) -> bool:
    """Whether a party existed in law on a day."""
    from sim.actors import life

    before = [step.status for step in party.past if step.day <= day]
    return bool(before) and before[-1] in life.STANDING


def conduct_on(party: Party, day: date) -> str:
    """How a party behaved on a day: as when founded, until its leaders were won over."""
    return party.conduct_founded if party.won_over is None or day < party.won_over else party.conduct


def _elections(model: PartySystem) -> Iterator[str]:
    """A line for every party that was registered at an election, by conduct; a cell an election."""
    held = model.terms.held[-_MOST_ELECTIONS:]
    if not held:
        yield "No election was held in the run."
        return
    standing = {one.election: [p for p in model.records.parties if standing_on(p, one.day)] for one in held}
    every = [p for p in model.records.parties if any(p in there for there in standing.values())]
    shown = _foremost(every, held, _MOST_ROWS)
    yield f"{'registered at election':{_NAME}}{''.join(f'{one.election:>{_CELL}}' for one in held)}"
    for conduct in [c for c in CONDUCT if any(p.conduct == c for p in every)]:
        yield CONDUCT[conduct]
        own = [p for p in every if p.conduct == conduct]
        for party in (p for p in own if p in shown):
            cells = [_cell(one, party) if party in standing[one.election] else "" for one in held]
            yield _row(f"  {party.name}", cells)
        if rest := [p for p in own if p not in shown]:
            counts = [sum(p in standing[one.election] for p in rest) for one in held]
            yield _row(f"  others ({len(rest)} in all)", [f"{n}#" if n else "" for n in counts])
    joint = [p for p in model.parties.values() if p.parties and any(p.key in one.votes for one in held)]
    if joint:
        yield "joint lists"
        for party in _foremost(joint, held, _MOST_JOINT):
            yield _row(f"  {party.name}", [_cell(one, party) if party.key in one.votes else "" for one in held])
        if len(joint) > _MOST_JOINT:
            yield f"  and {len(joint) - _MOST_JOINT} more"
    yield _row("parties", [str(len(standing[one.election])) for one in held])
    disloyal = [sum(_disloyal(conduct_on(p, one.day)) for p in standing[one.election]) for one in held]
    yield _row("  in opposition then", [str(n) for n in disloyal])
    yield _row("list seats filled", [str(sum(one.seats.values())) for one in held])
    signs = "% of votes and list seats; -: no list of its own, b: boycott, x: struck off."
    changed = [p for p in every if p.conduct != p.conduct_founded]
    now = " Conduct is that at the end." if changed else ""
    earlier = len(model.terms.held) - len(held)
    left = f" {earlier} earlier elections are not shown." if earlier else ""
    count = " 3#: three of these parties." if len(shown) < len(every) else ""
    yield from _wrapped(f"Cells: {signs}{count}{now}{left}")


def _foremost(parties: Sequence[Party], held: Sequence[Held], most: int) -> list[Party]:
    """So many of these parties, those with most seats and votes in any of the elections, in the order given."""

    def weight(party: Party) -> tuple[int, float]:
        return max((one.seats.get(party.key, 0), one.votes.get(party.key, 0.0)) for one in held)

    first = sorted(parties, key=weight, reverse=True)[:most]
    return [party for party in parties if party in first]


def _disloyal(conduct: str) -> bool:
    from sim.actors.roster import DISLOYAL

    return conduct in DISLOYAL


def _cell(held: Held, party: Party) -> str:
    if party.key in held.votes:
        share = 100 * held.votes[party.key]
        return f"{f'{share:.0f}' if share >= 9.95 else f'{share:.1f}':>4}{held.seats.get(party.key, 0):>4}"
    return "b" if party.key in held.boycotts else "x" if party.key in held.removed else "-"


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{_short(name, _NAME - 1):{_NAME}}{''.join(f'{cell:>{_CELL}}' for cell in cells)}".rstrip()


def _short(name: str, room: int) -> str:
    """A name that fits, with what it ends on in brackets, which often alone tells it from others."""
    name = re.sub(rf"\b({'|'.join(calendar.month_name[1:])})\b", lambda month: month[0][:3], name)
    name = name.replace("(new name)", "(new)").replace("(look-alike)", "(alike)")
    if len(name) <= room:
        return name
    last = re.search(r"\([^()]*\)$", name)
    tail = last[0] if last else ""
    return f"{name[: room - 3 - len(tail)].rstrip()}...{tail}"


def counted_since(model: PartySystem) -> date:
    """The day from which groups and answers count in the measures."""
    return model.decades.counted_from or model.decades.given_until


def _funnel(records: Records) -> Iterator[str]:
    """How far groups of each conduct got."""
    from sim.party_records import STEPS

    since = counted_since(records.model)
    rows = records.funnel(since, records.model.end)
    if not rows:
        yield f"No group formed from {since} to {records.model.end}."
        return
    count = {(row["conduct"], row["stage"]): row["groups"] for row in rows}
    heads = ("formed", "notice", "confirmed", "congress", "filed", "registered")
    yield f"{f'groups from {since}':{_NAME}}{_steps(heads)}"
    classes = [c for c in CONDUCT if (c, "formed") in count]
    for conduct in classes:
        yield f"  {CONDUCT[conduct]:{_NAME - 2}}{_steps([count[conduct, step] for step in STEPS])}"
    if len(classes) > 1:
        yield f"  {'all':{_NAME - 2}}{_steps([sum(count[c, step] for c in classes) for step in STEPS])}"


def _steps(cells: Sequence[object]) -> str:
    return "".join(f"{cell!s:>{width}}" for cell, width in zip(cells, (7, 8, 11, 10, 8, 12), strict=True))


def _facts(records: Records) -> Iterator[tuple[str, str]]:
    """Answers, days, and what became of parties, each with its label."""
    model, m = records.model, records.measures()
    since = counted_since(model)
    yield (
        "Answers",
        f"{m['filings']} papers filed by all; these groups were refused {m['refusals']} times, "
        f"{m['refusals_discretionary']} of them at discretion, one of them {m['longest_refusals']} times; "
        f"{m['appeals']} appeals, {m['appeals_won']} won",
    )
    yield (
        "Median days",
        f"{_days(m['days_to_decision_median'])} from list to registration, "
        f"{_days(m['days_notice_to_registration_median'])} from notice to registration; from first filing to last "
        f"answer {_days(m['days_in_review_loyal'])} (loyal), {_days(m['days_in_review_disloyal'])} (opposition)",
    )
    for status, word in _ENDS.items():
        ended = [
            (step.day, party)
            for party in records.parties
            for step in party.past
            if step.status == status and step.day >= since
        ]
        if ended:
            yield word[0].upper() + word[1:], _named(model, sorted(ended, key=lambda pair: (pair[0], pair[1].key)))
    won = [(party.won_over, party) for party in records.parties if party.won_over and party.won_over >= since]
    if won:
        yield "Won over", _named(model, sorted(won, key=lambda pair: (pair[0], pair[1].key)))
    gave_up = sum(party.status == "lapsed" for party in records.parties)
    on_way = [party for party in records.parties if party.active]
    yield "Groups", f"{gave_up} gave up; {len(on_way)} still on their way at the end"
    last = [party.name for party in records.parties if party.registered]
    more = f", and {len(last) - _MOST_AT_END} more" if len(last) > _MOST_AT_END else ""
    yield f"At the end {len(last)}", ", ".join(last[:_MOST_AT_END]) + more or "no party is registered"


def _named(model: PartySystem, ended: Sequence[tuple[date, Party]]) -> str:
    """How many, and the first of them by name with the year, and where they went."""
    shown = []
    for day, party in ended[:_MOST_NAMES]:
        heir = f" into {model.parties[party.into].name}" if party.into and party.past[-1].day == day else ""
        shown.append(f"{party.name}{heir} {day.year}")
    more = f", and {len(ended) - _MOST_NAMES} more" if len(ended) > _MOST_NAMES else ""
    return f"{len(ended)}: {', '.join(shown)}{more}"


def _days(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def next_lines(
    given: str, model: PartySystem, society: int, history: int, options: Sequence[str], *, story: bool
) -> list[str]:
    """Commands that follow: the life of one party, and the same run as a story or as a graph."""
    seeds = ["--society", str(society), "--history", str(history), *options]
    told_of = max(model.records.parties, key=lambda party: sum(d.outcome == "refused" for d in party.decisions))
    rest = ["--lineage", "lineage.graphml"] if story else ["--story"]
    return [
        f"Next: {shlex.join(['majilis', 'explain', given, told_of.key, *seeds])}",
        f"      {shlex.join(['majilis', 'run', given, *seeds, *rest])}",
    ]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
