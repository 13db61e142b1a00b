"""The verbs `seats` and `indices`, on anybody's CSV file of votes: exact, and strict about what they read."""

from __future__ import annotations

import csv
import difflib
import json
import shlex
import sys
import textwrap
from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.law import WIDTH, Format
from sim.cli.sheet import MOST_SEATS, Sheet, a_chamber, a_count, a_percent, a_text, fault_of
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.law.apportionment import Allocation, ListVotes, Tie

ELECTIONS = ("election", "election_id")
"""Columns that tell the elections of a file apart."""

PLACES = ("district", "constituency", "region", "state", "province", "municipality", "year", "date")
"""Columns that tell ballots apart, where they are: seats are given out for one ballot."""

INDEPENDENTS = {
    *("independents", "independent", "non-partisans", "nonpartisans", "non-partisan", "nonpartisan", "no party"),
    *("self-nominated", "unaffiliated", "others (independents)", "независимые", "самовыдвиженцы", "беспартийные"),
    *("тәуелсіздер", "өзін-өзі ұсынғандар"),
}
"""Names under which deputies without a party appear in one row."""

AGAINST_ALL = {"against all", "against_all", "none of the above", "против всех", "бәріне қарсымын"}
"""Names under which the line against all appears."""


class Counted(StrEnum):
    """How deputies without a party in one row are counted."""

    one = "one"
    singly = "singly"


def read_lists(
    path: Path, against_all: str | None, faults: list[str], notes: list[str], election: str | None = None
) -> list[ListVotes]:
    """The lines of a ballot in the order of the rows; appends to `faults` and `notes` what is wrong or doubtful.

    Of a file with several elections only the rows of ``election`` are read.
    """
    from sim.law.apportionment import ListVotes

    sheet = Sheet(path, ["party", "votes"], ["threshold_pct"])
    if several := _several(sheet, election):
        faults += [*sheet.faults, *several]
        return []
    lists = []
    for line, row in sheet.rows:
        party = sheet.read(line, row, "party", a_text, "write the name of the list")
        votes = sheet.read(line, row, "votes", a_count, "write a whole number, 0 or more, without separators")
        bar = None
        if row.get("threshold_pct"):
            bar = sheet.read(line, row, "threshold_pct", a_percent, "write percent from 0 to 100, such as 7")
        line_against_all = against_all is not None and party == against_all
        if bar is not None and line_against_all:
            sheet.fault(line, f'"{party}" wins no seats; leave its threshold_pct empty')
        lists.append(ListVotes(party or "", votes or 0, bar, line_against_all))
    sheet.repeated((line, (row.get("party", ""),)) for line, row in sheet.rows)
    if not sheet.faults and not any(line.votes for line in lists):
        sheet.fault(0, "zero votes in total; seats need at least one vote")
    faults += sheet.faults
    names = [line.party for line in lists if line.party]
    if against_all is not None and sheet.rows and against_all not in names:
        faults.append(f'--against-all "{against_all}": no such row in {path}; {_nearest(against_all, names)}')
    notes += sheet.notes
    notes += [
        f'"{line.party}" is read as a list; if it is the line against all, add --against-all {shlex.quote(line.party)}'
        for line in lists
        if not line.against_all and line.party.casefold() in AGAINST_ALL
    ]
    return lists


def _several(sheet: Sheet, election: str | None) -> list[str]:
    """Why a file is not one ballot; leaves in the sheet the rows of one election where it is asked for."""
    column = next((name for name in ELECTIONS if sheet.has(name)), None)
    if election is not None:
        if column is None:
            return [f'--election "{election}": {sheet.path} has no column election; leave the option out.']
        held = list(dict.fromkeys(row[column] for _, row in sheet.rows))
        if election not in held:
            return [f'--election "{election}": no such election in {sheet.path}; {_nearest(election, held)}']
        sheet.rows = [(line, row) for line, row in sheet.rows if row[column] == election]
        return []
    for name in (column, *PLACES):
        held = list(dict.fromkeys(row[name] for _, row in sheet.rows)) if name and sheet.has(name) else []
        if len(held) > 1:
            some = ", ".join(held[:4]) + (", ..." if len(held) > 4 else "")
            then = (
                f"choose one with --election {shlex.quote(held[-1])}"
                if name == column
                else "add the votes up, or keep the rows of one in a file of its own"
            )
            return [
                f'{sheet.path}: the column "{name}" tells {len(held)} ballots apart ({some}), and seats are given out '
                f"for one; {then}. majilis indices measures several elections at once."
            ]
    return []


def seats(
    file: Annotated[Path, typer.Argument(help="CSV: party,votes[,threshold_pct]; rows in order of registration.")],
    seats: Annotated[int, typer.Option(help="Seats to give out.")],
    threshold_pct: Annotated[str, typer.Option(metavar="PCT", help="Threshold in percent; on it is past it.")] = "0",
    formula: Annotated[str, typer.Option(help="hare, droop, dhondt, sainte-lague, modified-sainte-lague.")] = "hare",
    base: Annotated[str, typer.Option(help="What the threshold is a share of: valid or cast.")] = "valid",
    cast: Annotated[int | None, typer.Option(metavar="N", help="Ballots cast, for --base cast.")] = None,
    two_party_rule: Annotated[
        bool, typer.Option("--two-party-rule", help="The rule of 2009: one passes, two sit.")
    ] = False,
    against_all: Annotated[str | None, typer.Option(metavar="NAME", help="The row against all.")] = None,
    election: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which one, where a column election holds several.")
    ] = None,
    ties: Annotated[str, typer.Option(help="order: of the rows; votes: more votes first, then order.")] = "order",
    format: Annotated[Format, typer.Option(help="How the seats are printed.")] = Format.table,
) -> None:
    """Give out seats by the votes in a CSV file, exactly, and report every tie."""
    from sim.law.apportionment import FORMULAS, RULE_OF_TIES, TwoPartyRule, allocate

    faults: list[str] = []
    notes: list[str] = []
    lists = read_lists(file, against_all, faults, notes, election)
    votes = sum(line.votes for line in lists)
    threshold = a_percent(threshold_pct)
    if threshold is None:
        faults.append(f"--threshold-pct {fault_of(threshold_pct, whole=False)}; write percent from 0 to 100, such as 7")
    if not 1 <= seats <= MOST_SEATS:
        faults.append(f"--seats {seats}: write a number from 1 to {MOST_SEATS}")
    faults += _unknown("--formula", formula, FORMULAS) + _unknown("--ties", ties, RULE_OF_TIES)
    faults += _unknown("--base", base, ["valid", "cast"]) or _wrong_cast(base, cast, votes, file)
    rule = next((key for key in RULE_OF_TIES if key == ties), None)
    if faults or threshold is None or rule is None:
        raise InputError("\n".join(faults))
    two = TwoPartyRule() if two_party_rule else None
    result = allocate(lists, seats, threshold, cast, formula, two, rule)
    if not result.passed:
        notes.append(f"no list passed {threshold_pct}%: list seats unfilled ({seats} of {seats}); what follows is law")
    notes += [_told(tie) for tie in result.ties]
    if result.admitted:
        notes.append(f"{result.passed[0]} alone passed; {result.admitted} got seats by the two-party rule of 2009")
    bar = f"{threshold_pct} % of {votes:,} valid votes" if cast is None else f"{threshold_pct} % of {cast:,} votes cast"
    done = f"{seats - result.unfilled} of {seats} seats of {file} given out by {formula}, threshold {bar}."
    other = "dhondt" if formula != "dhondt" else "hare"
    again = ["majilis", "seats", str(file), "--seats", str(seats), "--threshold-pct", threshold_pct]
    again += [] if cast is None else ["--base", "cast", "--cast", str(cast)]
    again += ["--two-party-rule"] if two_party_rule else []
    again += [] if against_all is None else ["--against-all", against_all]
    again += [] if election is None else ["--election", election]
    again += [] if ties == "order" else ["--ties", ties]
    _print_seats(lists, result, format)
    _end(notes, done, f"Next: {shlex.join([*again, '--formula', other])}", format)


def indices_of(path: Path, notes: list[str], *, singly: bool = False) -> list[dict[str, Any]]:
    """One row of indices for each election in a CSV file; raises InputError with all its faults.

    ``singly`` counts each deputy of a row of independents as a party of one seat, in what is measured on seats alone;
    how the votes of such a row divide is not known, so what needs votes takes it as one party.
    """
    optional = ["seats_total", *ELECTIONS]
    sheet = Sheet(path, ["party", "votes|vote_share", "seats"], optional)
    elections: dict[str, list[dict[str, Any]]] = {}
    keys = []
    for line, row in sheet.rows:
        found = _result_row(sheet, line, row)
        elections.setdefault(found["election"], []).append(found)
        keys.append((line, (found["election"], found["party"] or "")))
    sheet.repeated(keys)
    faults = sheet.faults or [fault for name, rows in elections.items() for fault in _impossible(path, name, rows)]
    if faults:
        raise InputError("\n".join(faults))
    notes += sheet.notes
    if sheet.has("votes") and sheet.has("vote_share"):
        notes.append('column "vote_share" is not read, because "votes" is there and exact')
    notes += _of_independents(elections, singly=singly)
    return [_measured(name, rows, singly=singly) for name, rows in elections.items()]


def _of_independents(elections: dict[str, list[dict[str, Any]]], *, singly: bool) -> list[str]:
    """How rows of independents were counted, and how to count them otherwise."""
    names = list(
        dict.fromkeys(row["party"] for rows in elections.values() for row in rows if _alone(row) and row["seats"] != 1)
    )
    if not names:
        return []
    rows = " and ".join(f'"{name}"' for name in names)
    if singly:
        return [f"{rows}: each deputy is counted as a party of one seat; in what needs votes the row is one party"]
    return [f"{rows} is counted as one party; --independents singly counts each deputy for themselves"]


def _alone(row: dict[str, Any]) -> bool:
    """Whether a row is that of deputies without a party."""
    return str(row["party"]).casefold().strip() in INDEPENDENTS


def indices(
    file: Annotated[Path, typer.Argument(help="CSV: party, votes or vote_share (percent), seats[, seats_total].")],
    independents: Annotated[
        Counted, typer.Option(help="A row of independents: one party, or each deputy for themselves.")
    ] = Counted.one,
    format: Annotated[Format, typer.Option(help="How the figures are printed.")] = Format.table,
) -> None:
    """Measure each election in a CSV file: effective parties, disproportionality, voting power."""
    notes: list[str] = []
    rows = indices_of(file, notes, singly=independents is Counted.singly)
    if format is Format.json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif format is Format.csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        plain = [
            {k: json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for k, v in r.items()} for r in rows
        ]
        writer.writerows(plain)
    else:
        _print_indices(rows)
    if any(value is None for row in rows for value in row.values()):
        notes.append("undefined is shown as - (JSON null): without seats there is nothing to count, which is not 0")
    many = "1 election" if len(rows) == 1 else f"{len(rows)} elections"
    done = f"{many} in {file} measured; disproportionality in percentage points, shares 0-1."
    same = "" if independents is Counted.one else " --independents singly"
    _end(notes, done, f"Next: majilis indices {shlex.quote(str(file))}{same} --format json", format)


def _result_row(sheet: Sheet, line: int, row: dict[str, str]) -> dict[str, Any]:
    """One party's result; None for what could not be read."""
    whole = "write a whole number, 0 or more, without separators"
    seats = f"write a whole number from 0 to {MOST_SEATS}"
    election: str | None = sheet.path.stem
    for column in ("election", "election_id"):
        if sheet.has(column):
            election = sheet.read(line, row, column, a_text, "write the name of the election")
            break
    percent = "write percent as published, 0 to 100, such as 53.9"
    votes: int | Fraction | None = (
        sheet.read(line, row, "votes", a_count, whole)
        if sheet.has("votes")
        else sheet.read(line, row, "vote_share", a_percent, percent)
    )
    return {
        "election": election or "",
        "party": sheet.read(line, row, "party", a_text, "write the name of the party"),
        "votes": votes,
        "published": not sheet.has("votes"),
        "seats": sheet.read(line, row, "seats", a_chamber, seats),
        "total": sheet.read(line, row, "seats_total", a_chamber, seats),
    }


def _impossible(path: Path, election: str, rows: list[dict[str, Any]]) -> list[str]:
    """What the rows of one election, each sound, say that cannot be true together."""
    faults = []
    where = f'{path}, election "{election}"'
    votes, seats = sum(row["votes"] for row in rows), sum(row["seats"] for row in rows)
    totals = sorted({row["total"] for row in rows if row["total"] is not None})
    # rounded figures may sum to a little more than the whole, whether they are percent or were taken for it
    if not votes:
        faults.append(f"{where}: zero votes in total; indices need at least one vote")
    elif rows[0]["published"] and votes <= Fraction(101, 10_000):
        sums = f"vote_share sums to {float(100 * votes):g} %"
        faults.append(f"{where}: {sums}; write percent (53.9), not fractions (0.539)")
    elif rows[0]["published"] and votes > Fraction(101, 100):
        sums = f"vote_share sums to {float(100 * votes):g} %"
        faults.append(f"{where}: {sums}, more than 100; add a column election where the file holds several")
    if len(totals) > 1:
        faults.append(f"{where}: seats_total is {' and '.join(map(str, totals))}; it must be the same in every row")
    elif totals and totals[0] < seats:
        faults.append(f"{where}: seats sum to {seats}, more than seats_total {totals[0]}; correct one of them")
    return faults


def _measured(election: str, rows: list[dict[str, Any]], *, singly: bool) -> dict[str, Any]:
    """The indices of one election; None for what is undefined."""
    from sim.measures import indices as measure
    from sim.measures import power

    won = [row["seats"] for row in rows]
    total = rows[0]["total"] if rows[0]["total"] is not None else sum(won)
    votes = [float(row["votes"]) for row in rows]
    vote_shares = votes if rows[0]["published"] else measure.shares(votes)
    seat_shares = measure.shares(won, total)
    quota = power.majority(total)
    holders = _holders(rows, singly=singly)
    names, held = [name for name, _ in holders], [seats for _, seats in holders]
    held_shares = measure.shares(held, total)

    def by_party(values: list[Fraction] | None) -> dict[str, float] | None:
        return None if values is None else dict(zip(names, map(float, values), strict=True))

    return {
        "election": election,
        "enp_votes": measure.enp(vote_shares),
        "enp_seats": measure.enp(held_shares),
        "gallagher": measure.gallagher(vote_shares, seat_shares),
        "loosemore_hanby": measure.loosemore_hanby(vote_shares, seat_shares),
        "golosov_votes": measure.golosov(vote_shares),
        "golosov_seats": measure.golosov(held_shares),
        "rae_seats": measure.rae(held_shares),
        "largest_seat_share": measure.largest_share(held_shares),
        "banzhaf": by_party(power.banzhaf(held, quota)),
        "shapley_shubik": by_party(power.shapley_shubik(held, quota)),
    }


def _holders(rows: list[dict[str, Any]], *, singly: bool) -> list[tuple[str, int]]:
    """Who holds how many seats: parties, and deputies of a row of independents one by one where asked."""
    found: list[tuple[str, int]] = []
    for row in rows:
        if singly and _alone(row):
            found += [(f"{row['party']} {number}", 1) for number in range(1, row["seats"] + 1)]
        else:
            found.append((row["party"], row["seats"]))
    return found


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(name, names, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(names)}"


def _unknown(option: str, given: str, known: Iterable[str]) -> list[str]:
    names = list(known)
    return [] if given in names else [f'{option} "{given}" is unknown; {_nearest(given, names)}']


def _wrong_cast(base: str, cast: int | None, votes: int, file: Path) -> list[str]:
    """What is wrong with the number of ballots cast, given the base."""
    if base == "valid":
        return [] if cast is None else [f"--cast {cast}: add --base cast, or leave it out; the base is valid votes"]
    if cast is None:
        return ["--base cast: add --cast N, the number of ballots cast"]
    fault = f"--cast {cast} is smaller than the {votes} votes in {file}; give all ballots cast"
    return [] if cast >= votes else [fault]


def _told(tie: Tie) -> str:
    """A tie as it goes on record."""
    return f"{tie} (law of 2009), recorded" if tie.rule == "order" else f"{tie}, recorded"


def _print_seats(lists: Sequence[ListVotes], result: Allocation, format: Format) -> None:
    votes = {line.party: line.votes for line in lists}
    if format is Format.json:
        ties = [
            {"parties": tie.parties, "over": tie.over, "equal": tie.equal, "won_by": tie.winners, "rule": tie.rule}
            for tie in result.ties
        ]
        answer = {"seats": result.seats, "unfilled": result.unfilled, "ties": ties}
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif format is Format.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["party", "votes", "seats"])
        writer.writerows([party, votes[party], won] for party, won in result.seats.items())
    else:
        total = sum(votes.values())
        rows = [
            [line.party, f"{line.votes:,}", f"{100 * line.votes / total:.2f}", str(result.seats.get(line.party, "-"))]
            for line in lists
        ]
        _table(["party", "votes", "% of votes", "seats"], rows)


def _print_indices(rows: list[dict[str, Any]]) -> None:
    """A line for each election; voting power by party where there is one election only."""
    heads = ["election", "ENP\nvotes", "ENP\nseats", "Galla-\ngher", "Loose-\nmore-H."]
    heads += ["Golosov\nvotes", "Golosov\nseats", "Rae\nseats", "largest\nshare"]
    figures = [key for key, value in rows[0].items() if key not in ("election", "banzhaf", "shapley_shubik")]
    _table(heads, [[row["election"], *(_figure(row[key]) for key in figures)] for row in rows])
    if len(rows) == 1 and rows[0]["banzhaf"] is not None:
        power = [
            [party, _figure(b), _figure(rows[0]["shapley_shubik"][party])] for party, b in rows[0]["banzhaf"].items()
        ]
        _table(["party", "Banzhaf", "Shapley-Shubik"], power)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _table(heads: list[str], rows: list[list[str]]) -> None:
    """Names to the left, figures to the right, in the columns that every terminal has."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(heads[0], overflow="fold")
    for head in heads[1:]:
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(*row)
    # names of parties are text: "[red]" is no colour and ":)" no picture
    Console(width=WIDTH, markup=False, emoji=False, highlight=False).print(table)


def _end(notes: list[str], done: str, following: str, format: Format) -> None:
    """Notes, what was done and what to type next: under a table, and beside figures that another program reads."""
    lines = [f"note: {note}" for note in notes]
    if format is Format.table:
        lines = [part for line in [*lines, done] for part in textwrap.wrap(line, WIDTH, break_on_hyphens=False)]
        typer.echo("\n".join([*lines, following]))
    else:
        typer.echo("\n".join([*lines, done, following]), err=True)
