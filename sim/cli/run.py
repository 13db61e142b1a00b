"""The verb `run`: one election, or decades of party life, in one page."""

from __future__ import annotations

import csv
import json
import shlex
import sys
import textwrap
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import WIDTH, Format
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.model import ElectionModel
    from sim.outcome import Outcome
    from sim.scenario.schema import Scenario


class Level(StrEnum):
    """Which reading of the official totals is assumed."""

    low = "low"
    high = "high"


LEVELS = {
    "low": "level low: little manipulation of the count is assumed to lie behind the official totals",
    "high": "level high: much manipulation of the count is assumed to lie behind the official totals",
}

CONDUCT: dict[str, str] = {
    "party_of_power": "party of power",
    "pro_regime": "pro-regime",
    "soft_opposition": "soft opposition",
    "hard_opposition": "hard opposition",
    "unknown": "unclear",
    "independent": "no party",
}
"""Behaviour classes in plain words."""

CAUTION = "A simulation under assumptions, not a forecast; the totals it was fitted to cannot tell low from high."
INVENTED = "A simulation of an invented country: nothing in it was fitted to a record, and nothing in it is evidence."

SIMULATED = "SIMULATED: nothing below happened; groups of the record act as the model has it."
"""Goes before whatever tells of named groups."""


def run(
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A scenario by name, or its file.", show_default=False)
    ] = None,
    society: Annotated[int, typer.Option(min=0, help="Seed of who the people are.")] = 1,
    history: Annotated[int, typer.Option(min=0, help="Seed of what happens to them.")] = 1,
    level: Annotated[Level | None, typer.Option(help="Reading of the official totals; the scenario's own.")] = None,
    voters: Annotated[int | None, typer.Option(help="Simulated voters; the scenario's own number.")] = None,
    one_to_one: Annotated[bool, typer.Option("--one-to-one", help="A simulated voter for every person.")] = False,
    story: Annotated[bool, typer.Option("--story", help="Tell first what happened, day by day.")] = False,
    lineage: Annotated[
        Path | None,
        typer.Option(metavar="FILE.graphml", help="Of a run of decades: write who came from whom as a graph."),
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="A run of a batch by its key; with --from.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DIR", help="The results that hold the key.")] = None,
    format: Annotated[Format, typer.Option(help="How the result is printed.")] = Format.table,
) -> None:
    """Simulate one election, or decades of party life; with --key, a run of a batch again, beside what was stored."""
    from sim.scenario import checks

    if story and format is Format.csv:
        raise InputError("--story has no columns; use it with --format table or json.")
    if key is not None or from_ is not None:
        chosen: dict[str, object] = {
            "SCENARIO": scenario,
            "--level": level,
            "--voters": voters,
            "--one-to-one": one_to_one or None,
        }
        chosen |= {
            "--lineage": lineage,
            "--society": society if society != 1 else None,
            "--history": history if history != 1 else None,
        }
        _again(key, from_, [name for name, value in chosen.items() if value is not None], story=story, format=format)
        return
    if scenario is None:
        raise InputError("which scenario? majilis run kz-2023, or a run of a batch: --key KEY --from DIR.")
    asked = asked_for(scenario, level, voters, one_to_one=one_to_one)
    if lineage is not None and asked.decades is None:
        raise InputError(
            f"--lineage {lineage}: {asked.name} is a run of one election; parties descend from one another in runs of "
            "decades, such as kz-1999-2026."
        )
    for remark in checks.remarks(asked):
        typer.echo(textwrap.fill(str(remark), WIDTH, subsequent_indent="  "), err=True)
    if asked.decades is not None:
        size = [] if voters is None else ["--voters", str(voters)]
        own = [] if level is None else ["--level", level.value]
        _run_decades(scenario, asked, society, history, [*size, *own], story=story, lineage=lineage, format=format)
        return
    size = ["--one-to-one"] if one_to_one else [] if voters is None else ["--voters", str(voters)]
    after = _next(scenario, asked, society, history, level=level, size=size)
    _show(simulated(asked, society, history), society, history, after, story=story, format=format)


def _show(outcome: Outcome, society: int, history: int, after: list[str], *, story: bool, format: Format) -> None:
    """One election in whatever form it was asked for; ``after`` are the lines that end its page."""
    if format is Format.json:
        typer.echo(json.dumps(answer(outcome, society, history, story=story), indent=2, ensure_ascii=False))
    elif format is Format.csv:
        _print_csv(answer(outcome, society, history, story=False))
    else:
        lines = [*(told(outcome.model) if story else ()), *summary(outcome, society, history)]
        typer.echo("\n".join([*lines, "", *after]))


def _run_decades(
    given: str,
    asked: Scenario,
    society: int,
    history: int,
    options: list[str],
    *,
    story: bool,
    lineage: Path | None,
    format: Format,
) -> None:
    """A run of decades, in whatever form it was asked for; its graph too where a file is named."""
    from sim.cli import decades

    file = decades.graph_file(lineage) if lineage is not None else None
    model = decades.simulated(asked, society, history)
    written = decades.write_lineage(model, file) if file is not None else ""
    if format is not Format.table:
        whole = decades.answer(model, society, history, story=story)
        if format is Format.json:
            typer.echo(json.dumps(whole, indent=2, ensure_ascii=False))
        else:
            decades.print_csv(whole)
        if written:
            typer.echo(written, err=True)
        return
    before = [SIMULATED, "", *decades.told(model)] if story else []
    heading = [*_wrapped(asked.title), *_wrapped(LEVELS[asked.level]), *([] if story else [SIMULATED])]
    lines = [*before, *decades.summary(model, society, history, heading)]
    after = decades.next_lines(given, model, society, history, options, story=story)
    typer.echo("\n".join([*lines, "", *(_wrapped(written) if written else ()), *after]))


def _again(key: str | None, folder: str | None, others: list[str], *, story: bool, format: Format) -> None:
    """One run of a batch once more: shown as any run, and held against the rows that are stored."""
    from sim.cli import again
    from sim.cli.runs_store import open_results
    from sim.model import seeds

    if key is None or folder is None:
        raise InputError("--key and --from go together: majilis run --key KEY --from DIR.")
    if others:
        raise InputError(f"{', '.join(others)}: the key says that already; leave it out.")
    results = open_results(folder)
    error = results.run(key)[3]
    spec, replication = again.found(results, key)
    if not again.tell(results, key, error):
        raise typer.Exit(1)
    society, history = seeds(replication)
    if spec.decades is not None:
        _run_decades(spec.name, spec, society, history, [], story=story, lineage=None, format=format)
        return
    after = [f"Next: majilis run --key {key} --from {shlex.quote(folder)} --story"]
    _show(simulated(spec, society, history), society, history, after, story=story, format=format)


def asked_for(name: str, level: Level | None, voters: int | None, *, one_to_one: bool = False) -> Scenario:
    """A scenario by name or file, at another level or with another number of voters where these are given.

    Raises InputError where both a number of voters and one to one are asked for.
    """
    from sim.scenario import case
    from sim.scenario.load import load

    asked = load(name)
    if one_to_one and asked.decades is not None:
        raise InputError(
            f"--one-to-one is for one election: over decades ({asked.name}) members are whole persons and votes are "
            "expected votes whatever the number of simulated voters. For finer figures use --voters 100000."
        )
    if one_to_one:
        if voters is not None:
            raise InputError(f"--one-to-one and --voters {voters} contradict each other; leave one out.")
        voters = int(case.load(asked.case, asked.election).geography.register.sum())
    if level is not None:
        asked = asked.vary("level", level.value, name=asked.name, title=asked.title)
    if voters is not None:
        asked = asked.vary("population.voters", voters, name=asked.name, title=asked.title)
    return asked


def simulated(scenario: Scenario, society: int, history: int) -> Outcome:
    """The outcome of one run."""
    from sim.model import ElectionModel

    return ElectionModel(scenario, society=society, history=history).run().outcome


def answer(outcome: Outcome, society: int, history: int, *, story: bool) -> dict[str, Any]:
    """The whole result for other programs: seats, measures and parties, and the story where it is asked for."""
    spec = outcome.model.spec
    tables = outcome.tables()
    told = {"story": [{"day": event.day.isoformat(), "text": event.text} for event in outcome.model.chronicle]}
    return {
        "caution": caution(outcome.model),
        "scenario": spec.name,
        "title": spec.title,
        "level": spec.level,
        "society": society,
        "history": history,
        "voters": spec.population.voters,
        "sampling_error_points": 100 * outcome.sampling_error,
        "seats": outcome.seats,
        "measures": tables["runs"][0],
        "parties": tables["parties"],
        **(told if story else {}),
    }


def told(model: ElectionModel) -> list[str]:
    """The chronicle, a paragraph a day's event."""
    margin = " " * 12
    lines = [SIMULATED, ""]
    lines += [
        line.replace("\0", " ")  # a number and its % stay in one line
        for event in model.chronicle
        for line in textwrap.wrap(
            f"{event.day.isoformat()}  {event.text}".replace(" %", "\0%"), WIDTH, subsequent_indent=margin
        )
    ]
    return [*lines, ""]


def summary(outcome: Outcome, society: int, history: int) -> list[str]:
    """The result on one page of 80 columns."""
    spec, measures = outcome.model.spec, outcome.measures()
    level = "level: the scenario's own reading of the official totals" if spec.reading else LEVELS[spec.level]
    if outcome.model.case.fictional:
        level = level.removesuffix(" to lie behind the official totals")
    seeds = f"society {society}, history {history}, {spec.population.voters:,} simulated voters"
    lines = [*_wrapped(spec.title), *_wrapped(level), seeds, "", *_table(outcome), ""]
    for label, text in _facts(measures, sum(outcome.seats.values())):
        lines += textwrap.wrap(f"{label:18}{text}", WIDTH, subsequent_indent=" " * 18, break_on_hyphens=False)
    lines += textwrap.wrap(f"{'Sampling error':18}{_sampling(outcome)}", WIDTH, subsequent_indent=" " * 18)
    for note in _notes(outcome):
        lines += _wrapped(f"note: {note}")
    return [*lines, "", *_wrapped(caution(outcome.model))]


def _sampling(outcome: Outcome) -> str:
    """What simulating some voters for all leaves open."""
    if not outcome.sampling_error:
        return "none: every person on the register is simulated"
    return f"an honest share of 50 % to {100 * outcome.sampling_error:.2g} points either way (95 %)"


def caution(model: ElectionModel) -> str:
    """What goes with every result."""
    return INVENTED if model.case.fictional else CAUTION


def _table(outcome: Outcome) -> Iterator[str]:
    """A line for every list on the ballot, the independents together, against all, and the sums."""
    parties = outcome.tables()["parties"]
    votes = [ballots.sum(axis=0).tolist() for ballots in (outcome.ledger.true_votes, outcome.ledger.official_votes)]
    percent = [[100 * n / max(sum(count), 1) for n in count] for count in votes]
    share = dict(zip(outcome.options, zip(*percent, strict=True), strict=True))
    yield f"{'votes, %':>59}{'seats':>20}"
    yield _line("list", "conduct", "true", "official", "list", "district", "all")
    shown = [row for row in parties if row["on_ballot"] or (row["seats"] and row["origin"] != "independent")]
    for row in sorted(shown, key=lambda row: (-row["seats"], -row["official_votes"])):
        shares = [f"{part:.1f}" for part in share.get(row["party"], ())] or ["", ""]
        seats = [str(row[tier]) for tier in ("list_seats", "district_seats", "seats")]
        yield _line(row["display"], CONDUCT[row["conduct"]], *shares, *seats)
    alone = sum(row["seats"] for row in parties if row["origin"] == "independent")
    yield _line("Independents", CONDUCT["independent"], "", "", "0", str(alone), str(alone))
    keys = {row["party"] for row in parties}
    for key in (key for key in share if key not in keys):
        yield _line("Against all", "", *(f"{part:.1f}" for part in share[key]), "", "", "")
    tiers = [sum(row[tier] for row in parties) for tier in ("list_seats", "district_seats", "seats")]
    yield _line("All", "", "100.0", "100.0", *map(str, tiers))


def _line(name: str, conduct: str, *figures: str) -> str:
    cut = name if len(name) <= 27 else f"{name[:24]}..."
    cells = "".join(f"{figure:>{width}}" for figure, width in zip(figures, (7, 9, 6, 9, 5), strict=True))
    return f"{cut:27} {conduct:15}{cells}".rstrip()


def _facts(m: dict[str, Any], seats: int) -> Iterator[tuple[str, str]]:
    """What is read beside the seats, each with its label."""
    from sim.analysis.outcomes import figure

    yield "Turnout", f"true {_percent(m['true_turnout'])}, official {_percent(m['official_turnout'])}"
    yield (
        "Effective parties",
        f"{figure(m['enp_seats'])} by seats (independents singly; {figure(m['enp_seats_bloc'])} as one bloc), "
        f"{figure(m['enp_votes'])} by official votes, {figure(m['enp_autonomous'])} among autonomous deputies",
    )
    coded = ", ".join(f"{coding} {m[f'autonomous_seats_{coding}']}" for coding in ("strict", "middle", "broad"))
    yield (
        "Autonomous seats",
        f"{coded}, of {seats} (strict: hard opposition; middle: soft too; broad: unclear and no party too)",
    )
    yield (
        "Registration",
        f"{m['groups']} groups formed, {m['notices']} gave notice, {m['confirmed']} confirmed, {m['congresses']} held "
        f"a congress, {m['registered_new']} registered ({m['registered_new_disloyal']} in opposition); {m['refusals']} "
        f"{'refusal' if m['refusals'] == 1 else 'refusals'}, {m['refusals_discretionary']} of them at discretion",
    )
    yield (
        "The count",
        f"{m['stuffed_votes']:,} ballots stuffed, {m['stolen_votes']:,} stolen, {m['rewritten_votes']:,} written in; "
        f"observers in {_percent(m['observed_share'])} of stations",
    )


def _notes(outcome: Outcome) -> Iterator[str]:
    """Ties, and seats that nobody won, which a table of seats does not show."""
    rules = outcome.model.rules_on(outcome.model.case.day)
    allocation = outcome.official.allocation
    for tie in allocation.ties:
        yield f"{tie}."
    if allocation.unfilled:
        why = "too few lists passed" if allocation.passed else "no list passed"
        yield f"{why} {_percent(float(rules.list.threshold))}: {allocation.unfilled} list seats unfilled."
    if not rules.chamber.list_seats:
        yield "no seats are filled from lists: the votes shown are those that the lists would have got."
    empty = rules.chamber.district_seats - sum(outcome.official.districts.values())
    if empty:
        yield f"{empty} district seats unfilled: nobody stood, or nobody had a vote."


def _next(
    given: str, scenario: Scenario, society: int, history: int, *, level: Level | None, size: list[str]
) -> list[str]:
    """Commands that follow: the same run told as a story, the other reading, many runs."""
    again = ["majilis", "run", given, "--society", str(society), "--history", str(history)]
    own = [] if level is None else ["--level", level.value]
    other = ["--level", "high" if scenario.level == "low" else "low"]
    return [
        f"Next: {shlex.join([*again, *size, *own, '--story'])}",
        f"      {shlex.join([*again, *size, *other])}",
        "      majilis batch demo",
    ]


def _print_csv(whole: dict[str, Any]) -> None:
    """A row a party or independent deputy, with what was asked in front."""
    asked = {key: whole[key] for key in ("scenario", "level", "society", "history")}
    rows = [asked | party for party in whole["parties"]]
    table = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
