"""The verb `explain`: why a party was registered, was refused, or never got there, in one run or over many."""

from __future__ import annotations

import csv
import json
import shlex
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import decades, lives
from sim.cli.law import WIDTH, Format
from sim.cli.lives import Show
from sim.cli.run import CONDUCT, SIMULATED, Level, asked_for, simulated
from sim.malpractice.audit import kinds_of
from sim.strict import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.actors.party import Decision, Party
    from sim.actors.roster import PartyFacts
    from sim.analysis.groups import Course
    from sim.batch.store import Results
    from sim.dated import DatedModel
    from sim.model import ElectionModel
    from sim.outcome import Outcome
    from sim.party_system import PartySystem

_STANDING = {
    "group": "It never gave notice.",
    "notice_review": "Its notice was still under review by election day.",
    "cooling": "It was still waiting to give notice again by election day.",
    "confirmed": "Its notice was confirmed; it held no founding congress in time.",
    "congress_held": "It held its congress; it had not filed its list by election day.",
    "review": "Its list was still under review by election day.",
    "provisional": "It was registered; its branches were still due.",
    "registered": "It was registered.",
    "lapsed": "It gave up.",
    "ended": "It was registered and ceased, or merged, before the election, as on record.",
}
"""Where a group stood at the end of a run."""

_LAW_ALONE = {
    True: "The law alone, with an ordinary audit of the names, would have let it pass: refused at discretion.",
    False: "The law alone asks for this refusal.",
}
"""By whether an answer was discretionary; the registrar may find its grounds by a harsher audit."""

_STAGES = {"notice": "notice", "list": "list of members", "again": "new registration"}


def explain(
    place: Annotated[str, typer.Argument(metavar="SCENARIO|DIR", help="A scenario, or a folder of results.")],
    party: Annotated[
        str | None, typer.Argument(metavar="PARTY", help="Its key, name or alias; without it all are listed.")
    ] = None,
    society: Annotated[int, typer.Option(min=0, help="Of a scenario: seed of who the people are.")] = 1,
    history: Annotated[int, typer.Option(min=0, help="Of a scenario: seed of what happens to them.")] = 1,
    level: Annotated[Level | None, typer.Option(help="Reading of the official totals.")] = None,
    voters: Annotated[int | None, typer.Option(help="Of a scenario: simulated voters.")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="NAME", help="Of a folder: this scenario only.")] = None,
    show: Annotated[Show | None, typer.Option(help="Of a run of decades without PARTY: which ones are listed.")] = None,
    format: Annotated[Format, typer.Option(help="How it is printed.")] = Format.table,
) -> None:
    """Tell why a party was registered, was refused, or never got there: in one run, or over a folder of runs."""
    results = _results(place)
    if show is not None and (results is not None or party is not None):
        raise InputError("--show chooses among the parties of one run of decades when no PARTY is named.")
    if results is not None:
        if voters is not None or (society, history) != (1, 1):
            raise InputError(
                f"{results.folder} holds finished runs; --society, --history and --voters are a scenario's."
            )
        _explain_results(results, party, scenario, level, format)
    elif scenario is not None:
        raise InputError("--scenario chooses among those of a folder of results; name the scenario itself instead.")
    else:
        asked = asked_for(place, level, voters)
        seeds = ["--society", str(society), "--history", str(history)]
        size = [] if voters is None else ["--voters", str(voters)]
        own = [] if level is None else ["--level", level.value]
        if asked.decades is not None:
            model = decades.simulated(asked, society, history)
            _explain_decades(model, place, party, [*seeds, *size, *own], show or Show.registered, format)
            return
        if show is not None:
            raise InputError(f"--show is for runs of decades; {asked.name} is a run of one election and lists all.")
        _explain_run(simulated(asked, society, history), place, party, [*seeds, *size, *own], format)


def keys(place: str) -> list[str]:
    """Keys of the groups of the case that a scenario or a folder rests on."""
    from sim.analysis.groups import spellings
    from sim.scenario.load import load

    results = _results(place)
    names = _cases(results) if results is not None else [load(place).case]
    return [key for name in names for key in spellings(name)]


def _results(place: str) -> Results | None:
    """The store in a folder, or in the one of that name among the results; None where a scenario is meant."""
    from sim.cli.runs_store import open_results
    from sim.scenario import catalogue

    if place in catalogue.shipped("scenario") or place.endswith(".toml"):
        return None
    if Path(place).is_dir() or (Path("results") / place / "provenance.json").is_file():
        return open_results(Path(place))
    if place in catalogue.shipped("experiment"):
        raise InputError(f"{place} is an experiment without results. To run it: majilis batch {place}")
    return None


def _cases(results: Results) -> list[str]:
    return list(dict.fromkeys(planned["settings"]["case"] for planned in results.planned))


# One run


def _explain_run(outcome: Outcome, place: str, party: str | None, options: Sequence[str], format: Format) -> None:
    from sim.analysis.groups import group_named, spellings

    model = outcome.model
    again = ["majilis", "explain", place]
    if party is None:
        rows = [_brief(model, one) for one in model.parties.values()]
        _print(rows, rows, [*_heading(outcome, options, "Parties and groups in"), "", *_listed(rows)], format)
        _next([shlex.join([*again, _example(rows), *options])], format)
        return
    known = dict(spellings(model.case.name))
    known |= {key: (one.name, *known.get(key, ())) for key, one in model.parties.items()}
    key = group_named(party, known, model.parties)
    if key not in model.parties:
        facts = {one.key: one for one in model.case.parties}[key]
        why = _why_absent(model, facts)
        alike = [one for one in model.parties.values() if party.casefold() in f"{one.key} {one.name}".casefold()]
        if alike:
            why += f" In the run there is {' and '.join(f'{one.name} ({one.key})' for one in alike)}."
        lines = [*_heading(outcome, options, f"{facts.name} ({key}) in"), "", *_wrap(why)]
        told: dict[str, Any] = {"group": key, "display": facts.name, "there": False, "why": why}
        _print(told, [told], lines, format)
        _next([shlex.join([*again, *options])], format)
        return
    one = model.parties[key]
    rows = list(_answers(one))
    whole = _brief(model, one) | {"there": True, "answers": rows, "events": _events(model, one)}
    _print(whole, rows, [*_heading(outcome, options, f"{one.name} ({key}) in"), "", *_course_of(outcome, one)], format)
    _next([*_law_of(model, one), f"majilis run {shlex.quote(place)} {' '.join(options)} --story"], format)


def _heading(outcome: Outcome, options: Sequence[str], what: str) -> list[str]:
    spec = outcome.model.spec
    seeds = f"society {options[1]}, history {options[3]}, level {spec.level}"
    return [*_wrap(f"{what} {spec.name}: {seeds}, {spec.population.voters:,} simulated voters"), *_wrap(SIMULATED)]


def _brief(model: ElectionModel, party: Party) -> dict[str, Any]:
    """What one run made of a group; nothing of its character."""
    refused = [answer for answer in party.decisions if answer.outcome == "refused"]
    return {
        "group": party.key,
        "display": party.name,
        "conduct": party.conduct,
        "formed": None if party.reached.formed == model.start else party.reached.formed.isoformat(),
        "standing": party.status,
        "registered": party.registered,
        "on_ballot": party.on_ballot,
        "refusals": len(refused),
        "refusals_discretionary": sum(answer.discretionary for answer in refused),
    }


def _listed(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line a group: its name to type, how it behaves, and how it ended."""
    widest = min(34, max(len(row["group"]) for row in rows))
    for row in rows:
        refused = f", refused {_times(row['refusals'])}" if row["refusals"] else ""
        ended = _STANDING.get(row["standing"], row["standing"]).rstrip(".").removeprefix("It ").removeprefix("was ")
        since = "registered before the run" if row["registered"] and row["formed"] is None else ended
        text = (
            f"{row['display']}, {CONDUCT.get(row['conduct'], row['conduct'])}: {since[0].lower()}{since[1:]}{refused}"
        )
        margin = f"  {row['group']:{widest}}  "
        yield from textwrap.wrap(margin + text, WIDTH, subsequent_indent=" " * len(margin), break_on_hyphens=False)


def _course_of(outcome: Outcome, party: Party) -> Iterator[str]:
    """A group's way by date: what it did, each answer with every ground, and where it ended."""
    model, refused = outcome.model, [answer for answer in party.decisions if answer.outcome == "refused"]
    ending = _STANDING.get(party.status, f"It is {party.status}.")
    if party.reached.formed == model.start and not party.decisions:
        ending = "It was registered before the run starts." if party.registered else ending
    elif party.registered and not party.decisions:
        ending = "It was registered as on record, without a review in the run."
    at_will = sum(answer.discretionary for answer in refused)
    if refused:
        ending += f" It was refused {_times(len(refused))}, {_split(len(refused), at_will)}."
    yield from _wrap(f"Conduct: {CONDUCT.get(party.conduct, party.conduct)}. {ending}")
    yield ""
    days = [(date.fromisoformat(event["day"]), event["text"]) for event in _events(model, party)]
    told = [(day, 0, _dated(day, text)) for day, text in days]
    answers = [(answer.decided, 1, list(_answered(model, answer))) for answer in party.decisions]
    for _, _, lines in sorted([*told, *answers], key=lambda entry: entry[:2]):
        yield from lines
    if party.on_ballot:
        seats = outcome.seats.get(party.key, 0)
        yield from _dated(model.case.day, f"on the ballot; {seats} {'seat' if seats == 1 else 'seats'}")
    elif party.registered:
        yield from _dated(model.case.day, "registered, but without a list on the ballot")


def _answered(model: DatedModel, answer: Decision) -> Iterator[str]:
    """One answer of the registrar: to what, on which grounds, and what the law alone would have said."""
    names = "never answered" if answer.outcome == "lapsed" else f"{answer.accepted_names:,} names accepted"
    if answer.struck:
        kinds = kinds_of(model.mechanism.audit, answer.struck)
        names += f", {answer.struck:,} struck ({', '.join(f'{n:,} {kind}' for kind, n in kinds.items() if n)})"
    yield from _dated(
        answer.decided, f"{_STAGES[answer.stage]} filed on {answer.filed}: {answer.outcome.upper()}, {names}"
    )
    for ground in answer.grounds:
        rule = f" (rule {ground.rule})" if ground.rule in model.law.parameters else ""
        yield from _wrap(f"{' ' * 12}- {ground.message}{rule}", " " * 14)
    if answer.outcome == "refused":
        yield from _wrap(f"{' ' * 12}{_LAW_ALONE[answer.discretionary]}", " " * 12)


def _events(model: ElectionModel, party: Party) -> list[dict[str, str]]:
    """What the chronicle tells of a group, the registrar's answers left out: those are told in full."""
    answered = {answer.decided for answer in party.decisions}
    return [
        {"day": event.day.isoformat(), "text": event.text}
        for event in model.chronicle
        if event.text.startswith((f"{party.name} ", f"{party.name}:", f"the administration orders {party.name} "))
        and not (event.text.startswith("the Ministry") and event.day in answered)
    ]


def _answers(party: Party) -> Iterator[dict[str, Any]]:
    """Every answer as a row."""
    for answer in party.decisions:
        yield {
            "group": party.key,
            "stage": answer.stage,
            "filed": answer.filed.isoformat(),
            "decided": answer.decided.isoformat(),
            "accepted_names": answer.accepted_names,
            "outcome": answer.outcome,
            "grounds": [ground.message for ground in answer.grounds],
            "rules": [ground.rule for ground in answer.grounds],
            "law_alone_refuses": answer.outcome == "refused" and not answer.discretionary,
        }


def _why_absent(model: ElectionModel, facts: PartyFacts) -> str:
    """Why a group of the case is not in a run."""
    day = facts.registered if facts.registered and not facts.sponsored else facts.formed
    if facts.ended and facts.ended <= model.start:
        return f"It is not in this run: it ceased or merged on {facts.ended}, before the run starts on {model.start}."
    if day is None or day <= model.start:
        return (
            f"It is not in this run: the record has no day on which it formed between the start of the run, "
            f"{model.start}, and the election, {model.case.day}."
        )
    if day > model.case.day:
        return f"It is not in this run: on record it formed on {day}, after the election of {model.case.day}."
    if facts.sponsored:
        return "It never formed: the administration did not order it (practice.sponsorship)."
    return "It never formed: so few groups try when the law asks for so many members (mechanism.formation)."


def _law_of(model: DatedModel, party: Party) -> list[str]:
    """The command that shows the rule a group failed on last."""
    for answer in reversed(party.decisions):
        for ground in answer.grounds:
            if ground.rule in model.law.parameters:
                return [f"majilis law {model.spec.case} {ground.rule} --on {answer.filed}"]
    return []


# One run of decades


def _explain_decades(
    model: PartySystem, place: str, party: str | None, options: Sequence[str], show: Show, format: Format
) -> None:
    from sim.analysis.groups import group_named

    again = ["majilis", "explain", place]
    seeds = int(options[1]), int(options[3])
    if party is None:
        rows, lines = lives.listed(model, show)
        _print(rows, rows, [*lives.heading(model, *seeds, "Parties and groups in"), *lines], format)
        more = [] if show is Show.all else [shlex.join([*again, *options, "--show", "all"])]
        _next([*([shlex.join([*again, _example(rows), *options])] if rows else []), *more], format)
        return
    known = lives.spelled(model)
    key = group_named(party, known, model.parties)
    head = lives.heading(model, *seeds, f"{known[key][0]} ({key}) in")
    if key not in model.parties:
        why = lives.absent(model)
        told: dict[str, Any] = {"group": key, "display": known[key][0], "there": False, "why": why}
        _print(told, [told], [*head, "", *_wrap(why)], format)
        _next([shlex.join([*again, *options])], format)
        return
    one = model.parties[key]
    rows = list(_answers(one))
    answered = {number: list(_answered(model, answer)) for number, answer in enumerate(one.decisions)}
    _print(lives.whole(model, one, rows), rows, [*head, "", *lives.course(model, one, answered)], format)
    _next([*_law_of(model, one), shlex.join(["majilis", "run", place, *options, "--story"])], format)


# A folder of runs


def _explain_lives(
    results: Results, party: str | None, scenario: str | None, level: Level | None, format: Format
) -> None:
    """A folder of runs of decades: by conduct, or one party of the record."""
    from sim.analysis.outcomes import scenario_named

    if scenario is not None:
        scenario_named(results, scenario)
    reading = level.value if level else None
    if party is None:
        rows, lines = lives.by_conduct(results, scenario, reading)
        _print(rows, rows, [*lives.says(results), *lines], format)
        given = results.to_frame("lives")
        keys = given.loc[given["given"].astype(bool), "party"]
        _next([shlex.join(["majilis", "explain", str(results.folder), key]) for key in keys.head(1)], format)
        return
    key, name = lives.party_named(results, party)
    rows, lines = lives.of_record(results, key, scenario, reading)
    head = [*_wrap(f"{name} ({key}), a party of the record, in {results.folder}"), *_wrap(SIMULATED)]
    _print(rows, rows, [*head, *lines], format)
    _next([shlex.join(["majilis", "explain", str(results.folder)])], format)


def _explain_results(
    results: Results, party: str | None, scenario: str | None, level: Level | None, format: Format
) -> None:
    from sim.analysis.groups import courses, group_named, spellings
    from sim.analysis.outcomes import scenario_named

    if "parties" not in results.tables and "lives" in results.tables:
        _explain_lives(results, party, scenario, level, format)
        return
    frame = results.to_frame("parties")
    frame = frame[frame["origin"] != "independent"]
    there = dict(zip(frame["party"], frame["display"], strict=True))
    if party is None:
        rows: list[dict[str, Any]] = [{"group": k, "display": name, "runs": n} for (k, name), n in _counted(frame)]
        _print(rows, rows, [*_wrap(f"Parties and groups in the runs of {results.folder}"), "", *_held(rows)], format)
        answers = results.to_frame("decisions")
        refused = answers.loc[answers["outcome"] == "refused", "group"].value_counts()
        worth = [key for key in refused.index if key in {row["group"] for row in rows}] or [
            row["group"] for row in rows
        ]
        _next([shlex.join(["majilis", "explain", str(results.folder), key]) for key in worth[:1]], format)
        return
    known: dict[str, tuple[str, ...]] = {
        key: names for case in _cases(results) for key, names in spellings(case).items()
    }
    known |= {key: (name, *known.get(key, ())) for key, name in there.items()}
    key = group_named(party, known, there)
    if scenario is not None:
        scenario_named(results, scenario)
    found = [
        one
        for one in courses(results, key)
        if scenario in (None, one.scenario) and (level is None or level.value == one.level)
    ]
    whole = {"group": key, "display": known[key][0], "courses": [_as_row(one) for one in found]}
    flat = [{name: cell for name, cell in _as_row(one).items() if name != "grounds"} for one in found]
    _print(
        whole, flat, [*_wrap(f"{known[key][0]} ({key}) in {results.folder}"), *_wrap(SIMULATED), *_told(found)], format
    )
    _next([shlex.join(["majilis", "explain", *_single(results, found), key])], format)


def _single(results: Results, found: Sequence[Course]) -> list[str]:
    """The words with which `explain` tells one run: of the first scenario with a refusal, if it ships."""
    from sim.scenario import catalogue

    names = [one.scenario for one in sorted(found, key=lambda one: one.refusals == 0)]
    shipped = [name for name in names if name in catalogue.shipped("scenario")]
    return shipped[:1] or ["SCENARIO"]


def _counted(frame: pd.DataFrame) -> list[tuple[tuple[str, str], int]]:
    """Runs by key and name of every group of the case; latent groups differ from run to run and are left out."""
    listed = frame[frame["origin"] != "latent"]
    sizes = listed.groupby(["party", "display"], sort=False).size().reset_index(name="runs")
    columns = (sizes[column] for column in ("party", "display", "runs"))
    return [((str(key), str(name)), int(runs)) for key, name, runs in zip(*columns, strict=True)]


def _held(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    widest = max((len(row["group"]) for row in rows), default=0)
    for row in rows:
        yield f"  {row['group']:{widest}}  {row['display']}"
    yield ""
    yield from _wrap("Groups that nobody listed differ from run to run; their keys begin with latent_.")


def _as_row(course: Course) -> dict[str, Any]:
    import dataclasses

    row = dataclasses.asdict(course)
    names = ("stage", "ground", "refusals", "runs")
    return row | {"grounds": [dict(zip(names, ground, strict=True)) for ground in course.grounds]}


def _told(found: Sequence[Course]) -> Iterator[str]:
    """How far the group got in each scenario, then on which grounds it was refused there."""
    from sim.analysis.text import aligned

    steps = ("formed", "noticed", "confirmed", "filed", "registered", "on_ballot")
    yield ""
    yield from _wrap(
        "In how many runs it formed or was there from the start, gave notice, had it confirmed, filed its list after a "
        "congress, was registered at the end, and stood on the ballot; refused: runs with a refusal."
    )
    yield ""
    heads = ["scenario", "level", "runs", "formed", "notice", "conf.", "filed", "reg.", "ballot", "refused"]
    cells = [[one.scenario, one.level, str(one.runs), *(str(getattr(one, s)) for s in steps), str(one.refused)]
             for one in found]  # fmt: skip
    yield from aligned([heads, *cells], WIDTH)
    for one in found:
        if one.refusals:
            yield ""
            yield from _wrap(
                f"Refused in {one.scenario} (level {one.level}): {_times(one.refusals)}, in {one.refused} of "
                f"{_runs(one.runs)}, {_split(one.refusals, one.discretionary)}."
            )
            for stage, ground, times, runs in one.grounds:
                yield from _wrap(f"  {_times(times)} in {_runs(runs)}, {_STAGES.get(stage, stage)}: {ground}", " " * 4)
    if not any(one.refusals for one in found):
        yield from ("", "It was never refused in these runs.")


# What both have in common


def _print(whole: Any, rows: Sequence[Mapping[str, Any]], lines: Sequence[str], format: Format) -> None:
    if format is Format.json:
        typer.echo(json.dumps(whole, indent=2, ensure_ascii=False))
    elif format is Format.csv:
        if rows:
            table = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
            table.writeheader()
            for row in rows:
                table.writerow({k: "; ".join(map(str, v)) if isinstance(v, list) else v for k, v in row.items()})
    else:
        typer.echo("\n".join(lines))


def _next(commands: Sequence[str], format: Format) -> None:
    """What to type next, each command in a line that can be copied."""
    if commands and format is Format.table:
        typer.echo()
    for number, line in enumerate(commands):
        typer.echo(f"{'Next: ' if number == 0 else '      '}{line}", err=format is not Format.table)


def _example(rows: Sequence[Mapping[str, Any]]) -> str:
    """The group that was refused most often, or the last."""
    return str(max(rows, key=lambda row: row["refusals"])["group"])


def _dated(day: date, text: str) -> list[str]:
    return _wrap(f"{day}  {text}", " " * 12)


def _wrap(text: str, margin: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _split(refusals: int, at_will: int) -> str:
    """How many refusals the law alone asked for, in words."""
    if at_will == refusals:
        return "always at discretion: the law alone would have let it pass"
    if at_will == 0:
        return "always because the law alone asked for it"
    return f"{_times(refusals - at_will)} because the law alone asked for it and {_times(at_will)} at discretion"


def _runs(number: int) -> str:
    return f"{number:,} {'run' if number == 1 else 'runs'}"
