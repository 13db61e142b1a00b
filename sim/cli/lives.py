"""What `explain` tells of runs of decades: the life of one party, all parties of a run, and lives over many runs."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sim.cli.decades import conduct_on, standing_on
from sim.cli.law import WIDTH
from sim.cli.run import CONDUCT, SIMULATED
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.actors.party import Party
    from sim.batch.store import Results
    from sim.party_system import PartySystem


class Show(StrEnum):
    """Which parties and groups of a run of decades are listed."""

    registered = "registered"
    record = "record"
    founded = "founded"
    all = "all"


STATES = {
    "group": "forms",
    "notice_review": "gives notice",
    "cooling": "waits to file again",
    "confirmed": "notice confirmed",
    "congress_held": "holds its founding congress",
    "review": "its list is under review",
    "suspended": "its application is suspended while names are checked",
    "provisional": "registered; its branches are due",
    "registered": "registered",
    "reregistration": "must register again",
    "lapsed": "gives up",
    "dissolved": "is dissolved",
    "merged": "merges",
    "banned": "is banned by a court",
    "ended": "ends",
}
"""What happens when a party enters a state, in words."""

ENDS = {
    "group": "it never gave notice",
    "notice_review": "its notice is under review",
    "cooling": "it waits to file again",
    "confirmed": "its notice is confirmed, its congress due",
    "congress_held": "its congress is held, its list due",
    "review": "its list is under review",
    "suspended": "its application is left open",
    "provisional": "it is registered, its branches due",
    "registered": "it is registered",
    "reregistration": "it must register again",
    "lapsed": "it gave up",
    "dissolved": "it was dissolved",
    "merged": "it merged",
    "banned": "a court banned it",
    "ended": "it ended, as on record",
}
"""Where a party stands at the end of a run."""

ORIGINS = {
    "case": "a party of the record",
    "latent": "founders who were badly served",
    "split": "a faction that broke away",
    "ordered": "ordered by the administration",
}
"""Where a party comes from."""

_STEPS = ("formed", "noticed", "confirmed", "congress", "filed", "registered")


# One run


def brief(model: PartySystem, party: Party) -> dict[str, Any]:
    """What one run made of a party; nothing of its character."""
    refused = [answer for answer in party.decisions if answer.outcome == "refused"]
    since = party.past[-1].day
    return {
        "group": party.key,
        "display": party.name,
        "conduct": party.conduct,
        "conduct_founded": party.conduct_founded,
        "of_the_record": of_the_record(model, party),
        "formed": None if party.reached.formed == model.start else party.reached.formed.isoformat(),
        "registered": party.reached.registered.isoformat() if party.reached.registered else None,
        "status": party.status,
        "since": since.isoformat(),
        "into": party.into,
        "refusals": len(refused),
        "refusals_discretionary": sum(answer.discretionary for answer in refused),
    }


def of_the_record(model: PartySystem, party: Party) -> bool:
    """Whether the record gives the party, not the run."""
    return party.reached.formed <= model.decades.given_until


def listed(model: PartySystem, show: Show) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of the parties asked for, and lines: those of the record, then those founded in the run."""
    rows = [brief(model, party) for party in model.records.parties]
    record = [row for row in rows if row["of_the_record"]]
    founded = [row for row in rows if not row["of_the_record"]]
    new = [row for row in founded if row["registered"]]
    if show is Show.record:
        founded = []
    elif show is Show.founded:
        record = []
    elif show is Show.registered:
        founded = new
    lines: list[str] = []
    for head, part in (
        (f"Of the record, given until {model.decades.given_until}", record),
        (f"Founded in the run{', and registered' if show is Show.registered else ''}", founded),
    ):
        if part:
            lines += ["", head, *_lines(part)]
    left = len(rows) - len(record) - len(founded)
    if left:
        what = "never registered " if show is Show.registered else ""
        one = f"1 group {what}is" if left == 1 else f"{left} groups {what}are"
        lines += ["", *_wrap(f"{one} left out; --show all lists every one.")]
    return [*record, *founded], lines


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    widest = min(20, max(len(row["group"]) for row in rows))
    for row in rows:
        end = ENDS[row["status"]].removeprefix("it ").removeprefix("is ").removeprefix("was ")
        into = f" into {row['into']}" if row["into"] else ""
        began = row["registered"] or row["formed"]
        years = f"{began[:4] if began else ''}-{row['since'][:4] if _gone(row['status']) else ''}"
        refused = f", refused {times(row['refusals'])}" if row["refusals"] else ""
        conduct = CONDUCT.get(row["conduct"], row["conduct"])
        text = f"{years:9}  {row['display']}, {conduct}: {end}{into}{refused}"
        margin = f"  {row['group']:{widest}}  "
        yield from textwrap.wrap(margin + text, WIDTH, subsequent_indent=" " * (len(margin) + 11))


def _gone(status: str) -> bool:
    from sim.actors import life

    return status in life.GONE


def spelled(model: PartySystem) -> dict[str, tuple[str, ...]]:
    """Every name that a party of the run may be asked for by: its own, former ones, and those of the record."""
    from sim.analysis.groups import spellings

    known = dict(spellings(model.spec.case))
    for party in model.records.parties:
        former = tuple(kin.other for kin in party.kin if kin.kind == "renaming")
        known[party.key] = (party.name, *former, *known.get(party.key, ()))
    return known


def absent(model: PartySystem) -> str:
    """Why a party of the record is not in a run."""
    return (
        f"It is not in this run: parties of the record are those that stood between {model.start} and "
        f"{model.decades.given_until}; after that the run founds its own."
    )


def course(model: PartySystem, party: Party, answered: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """The life of a party by date: every state, every answer with all grounds, descent, and how it ended.

    ``answered`` has the lines of each of its decisions by number.
    """
    origin = ORIGINS["case"] if of_the_record(model, party) else ORIGINS.get(party.origin, party.origin)
    now = f"; {_words(party.conduct)} at the end" if party.conduct != party.conduct_founded else ""
    yield from _wrap(f"{origin[0].upper()}{origin[1:]}; {_words(party.conduct_founded)} when founded{now}.")
    yield ""
    told: list[tuple[date, int, list[str]]] = []
    answers = {answer.decided for answer in party.decisions}
    for number, step in enumerate(party.past):
        if number == 0 and step.status == "group":
            told.append((step.day, 0, _dated(step.day, f"forms ({_words(party.conduct_founded)})")))
        elif number == 0:
            since = party.reached.registered
            said = f"registered since {since}" if since and since < step.day else "registered, as on record"
            told.append((step.day, 0, _dated(step.day, said)))
        elif step.status == "merged" and party.into:
            into = f"merges into {model.parties[party.into].name} ({party.into})"
            told.append((step.day, 4, _dated(step.day, into)))
        elif step.status not in ("confirmed", "cooling") or step.day not in answers:  # the answer says so
            told.append((step.day, 4 if _gone(step.status) else 3, _dated(step.day, STATES[step.status])))
    told += [(answer.decided, 2, list(answered[n])) for n, answer in enumerate(party.decisions)]
    told += [(day, 1, _dated(day, text)) for day, text in _descent(model, party)]
    told += [(day, 2, _dated(day, text)) for day, text in _elections(model, party)]
    if party.won_over:
        now = f"its leaders are won over: {_words(party.conduct_founded)} becomes {_words(party.conduct)}"
        told.append((party.won_over, 2, _dated(party.won_over, now)))
    for _, _, lines in sorted(told, key=lambda entry: entry[:2]):
        yield from lines
    yield ""
    yield from _wrap(f"At the end: {ENDS[party.status]}. {_why(model, party)}")


def _words(conduct: str) -> str:
    return CONDUCT.get(conduct, conduct)


def _descent(model: PartySystem, party: Party) -> Iterator[tuple[date, str]]:
    """Where a party came from, what it took in, what it was called before, and who broke away from it."""
    for kin in party.kin:
        if kin.kind == "renaming":
            yield kin.day, f"until now {kin.other}; it takes a new name"
        elif kin.kind == "split":
            yield kin.day, f"splits from {model.parties[kin.other].name} ({kin.other})"
        elif kin.kind == "merger":
            yield kin.day, f"takes in {model.parties[kin.other].name} ({kin.other})"
        else:
            yield kin.day, f"succeeds {model.parties[kin.other].name} ({kin.other})"
    for other in model.records.parties:
        for kin in other.kin:
            if kin.kind == "split" and kin.other == party.key:
                yield kin.day, f"{other.name} ({other.key}) breaks away"


def _elections(model: PartySystem, party: Party) -> Iterator[tuple[date, str]]:
    for held in model.terms.held:
        joint = [key for key in held.votes if party.key in model.parties[key].parties]
        for key in [party.key] if party.key in held.votes else joint:
            seats = held.seats.get(key, 0)
            own = "" if key == party.key else f" on the list {model.parties[key].name}"
            refused = ", which it refuses" if key in held.refused else ""
            won = f"{seats} list {'seat' if seats == 1 else 'seats'}{refused}"
            yield held.day, f"election {held.election}{own}: {100 * held.votes[key]:.1f} % of votes, {won}"
        if party.key in held.boycotts:
            yield held.day, f"election {held.election}: it boycotts"
        elif party.key in held.removed:
            yield held.day, f"election {held.election}: its list is struck off"
        elif party.key not in held.votes and not joint and standing_on(party, held.day):
            yield held.day, f"election {held.election}: registered, but without a list"


def _why(model: PartySystem, party: Party) -> str:
    """Why a party ended, as far as the run knows: the last thing that the chronicle tells of it."""
    if not _gone(party.status):
        return ""
    told = [event.text for event in model.chronicle if event.day == party.past[-1].day and party.name in event.text]
    return f"The chronicle of that day: {told[-1]}." if told else ""


def whole(model: PartySystem, party: Party, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The life of a party for other programs."""
    return brief(model, party) | {
        "there": True,
        "origin": party.origin,
        "won_over": party.won_over.isoformat() if party.won_over else None,
        "states": [{"day": step.day.isoformat(), "status": step.status} for step in party.past],
        "kin": [{"kind": kin.kind, "other": kin.other, "day": kin.day.isoformat()} for kin in party.kin],
        "events": [{"day": day.isoformat(), "text": text} for day, text in sorted(_descent(model, party))],
        "elections": [{"day": day.isoformat(), "text": text} for day, text in _elections(model, party)],
        "conduct_at_elections": {h.election: conduct_on(party, h.day) for h in model.terms.held},
        "answers": answers,
    }


def heading(model: PartySystem, society: int, history: int, what: str) -> list[str]:
    """What is shown of which run, and that nothing of it happened."""
    spec = model.spec
    seeds = f"society {society}, history {history}, level {spec.level}"
    return [*_wrap(f"{what} {spec.name}: {seeds}, {spec.population.voters:,} simulated voters"), *_wrap(SIMULATED)]


# A folder of runs


def by_conduct(results: Results, scenario: str | None, level: str | None) -> tuple[list[dict[str, Any]], list[str]]:
    """How groups founded in runs fared by their conduct when founded: rows, and lines of 80 columns."""
    lives, decisions = results.to_frame("lives"), results.to_frame("decisions")
    rows, lines = [], []
    for planned in results.planned:
        name, reading = planned["scenario"], planned["level"]
        if (scenario, level) not in ((None, None), (name, None), (None, reading), (name, reading)):
            continue
        own, told = (frame[(frame["scenario"] == name) & (frame["level"] == reading)] for frame in (lives, decisions))
        done = int(own["replication"].nunique())
        if not done:
            continue
        own = own[~own["given"].astype(bool)]
        part = [
            {"scenario": name, "level": reading, "runs": done} | _class(conduct, own, told, done)
            for conduct in CONDUCT
            if (own["conduct_founded"] == conduct).any()
        ]
        rows += part
        lines += ["", *_wrap(f"{name}, level {reading}, {done} {'run' if done == 1 else 'runs'}"), *_table(part)]
    return rows, lines


def _class(conduct: str, lives: pd.DataFrame, decisions: pd.DataFrame, runs: int) -> dict[str, Any]:
    """Means of a run for the groups that were founded with a conduct."""
    own = lives[lives["conduct_founded"] == conduct]
    keys = set(zip(own["replication"], own["party"], strict=True))
    mine = decisions[[pair in keys for pair in zip(decisions["replication"], decisions["group"], strict=True)]]
    refused = mine[mine["outcome"] == "refused"]
    at_will = refused["discretionary"].astype(bool) if "discretionary" in refused else refused["outcome"] == ""
    return {
        "conduct": conduct,
        **{step: float(own[step].notna().sum()) / runs for step in _STEPS},
        "refusals": len(refused) / runs,
        "refusals_discretionary": float(at_will.sum()) / runs,
        **{status: float((own["status"] == status).sum()) / runs for status in ("lapsed", "banned", "merged")},
        "won_over": float(own["won_over"].notna().sum()) / runs,
    }


_HEADS = ("formed", "notice", "conf.", "congr.", "filed", "reg.", "refused", "gave up", "banned")


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    widths = (7, 7, 6, 7, 6, 6, 8, 8, 7)
    yield f"{'':16}{''.join(f'{head:>{w}}' for head, w in zip(_HEADS, widths, strict=True))}"
    for row in rows:
        cells = [row[step] for step in (*_STEPS, "refusals", "lapsed", "banned")]
        yield f"{CONDUCT[row['conduct']]:16}{''.join(f'{cell:>{w}.2f}' for cell, w in zip(cells, widths, strict=True))}"


def of_record(
    results: Results, key: str, scenario: str | None, level: str | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """What became of one party of the record over runs: rows, and lines."""
    lives = results.to_frame("lives")
    own = lives[lives["party"] == key]
    rows, lines = [], []
    for (name, reading), part in own.groupby(["scenario", "level"], sort=False):
        if scenario not in (None, name) or level not in (None, reading):
            continue
        row = {
            "scenario": str(name),
            "level": str(reading),
            "runs": len(part),
            "registered_at_end": int(part["status"].isin(("registered", "provisional", "reregistration")).sum()),
            **{status: int((part["status"] == status).sum()) for status in ("merged", "banned", "dissolved", "ended")},
            "won_over": int(part["won_over"].notna().sum()),
            "refusals_mean": float(part["refusals"].mean()),
        }
        rows.append(row)
        lines += ["", *_wrap(f"{name}, level {reading}, {len(part)} runs")]
        kept = [f"registered at the end in {row['registered_at_end']}"]
        kept += [f"{status} in {row[status]}" for status in ("merged", "banned", "dissolved", "ended") if row[status]]
        kept += [f"won over in {row['won_over']}"] if row["won_over"] else []
        lines += _wrap(f"  {', '.join(kept)}; refused {row['refusals_mean']:.2g} times a run", "    ")
        heirs = part["into"].dropna().value_counts()
        if len(heirs):
            said = ", ".join(f"{heir} ({n})" for heir, n in heirs.head(4).items())
            lines += _wrap(f"  merged into {said}", "    ")
    return rows, lines


def party_named(results: Results, text: str) -> tuple[str, str]:
    """Key and name of a party of the record in the runs of a store.

    Raises InputError for one that is not there, and for a group that a run founded.
    """
    from sim.analysis.groups import group_named, spellings

    lives = results.to_frame("lives")
    given = lives[lives["given"].astype(bool)]
    there = dict(zip(given["party"], given["display"], strict=True))
    founded = set(lives["party"]) - set(there)
    if text in founded:
        row = lives[lives["party"] == text].iloc[0]
        run = results.to_frame("runs")
        run = run[(run["scenario"] == row["scenario"]) & (run["replication"] == row["replication"])].iloc[0]
        words = ["majilis", "explain", row["scenario"], text]
        words += ["--society", str(int(run["society"])), "--history", str(int(run["history"])), "--level", row["level"]]
        raise InputError(
            f"{text} was founded in a run, and groups differ from run to run: over many runs only parties of the "
            f"record can be followed. One run of it: {shlex.join(words)}"
        )
    known: dict[str, tuple[str, ...]] = {}
    for case in dict.fromkeys(planned["settings"]["case"] for planned in results.planned):
        known |= {key: names for key, names in spellings(case).items() if key in there}
    known |= {key: (name, *known.get(key, ())) for key, name in there.items()}
    key = group_named(text, known, there)
    return key, there[key]


def says(results: Results) -> list[str]:
    """What the rows of a folder count, before them."""
    return [
        *_wrap(f"Groups founded in the runs of {results.folder}, by conduct when founded"),
        *_wrap(SIMULATED),
        "",
        *_wrap(
            "Means a run: groups that formed, gave notice, had it confirmed, held a congress, filed their list, were "
            "registered; refusals; groups that gave up or were banned."
        ),
    ]


def times(number: int) -> str:
    """How often, in words."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _dated(day: date, text: str) -> list[str]:
    return _wrap(f"{day}  {text}", " " * 12)


def _wrap(text: str, margin: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
