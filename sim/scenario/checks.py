"""Whether a scenario makes sense as a whole: what cannot be run, and what runs but deserves a word."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from sim import cases
from sim.law.rules import Overrides, Rules
from sim.law.timeline import AmendedLaw
from sim.scenario import case as case_files
from sim.scenario.case import Case
from sim.scenario.explain import Fault, dotted
from sim.scenario.schema import Scenario
from sim.society.memory import BYTES_A_VOTER
from sim.society.settings import PopulationSettings
from sim.strict import InputError

VOTERS_A_DISTRICT = 4
"""Simulated voters beyond one a cell that leave no single-member district empty."""

MOST_PAIRS_OF_TIES = 7
"""Ties come in pairs; counts of neighbours are kept in four bits."""

MOST_SEATS = 10_000
"""More than any chamber has; a larger number is a slip."""

MOST_VOTERS = 50_000_000
"""Simulated voters beyond which a run is refused; one to one is about 12 million."""


@dataclass(frozen=True)
class Remark:
    """Something a reader should know before reading results; a warning says that something will come to nothing."""

    kind: Literal["note", "warning"]
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


ACTING = frozenset(
    f"{section}.{rule}"
    for section, rules in {
        "registration": (
            *("members", "members_per_region", "initiative_group", "initiative_regions_share", "organising_committee"),
            *("notice_by", "congress_in_person", "congress_deadline", "filing_deadline", "review_days", "barred_bases"),
        ),
        "list": (
            *("threshold", "threshold_base", "formula"),
            *("two_party_rule", "two_party_minimum", "two_party_correction", "blocs"),
        ),
        "funding": ("founding", "campaign"),
        "ballot": ("against_all",),
        "chamber": ("list_seats", "district_seats", "quota_seats", "seats", "district_rule"),
    }.items()
    for rule in rules
)
"""Rules of law that a run reads, or that must agree with those it reads."""

ACTING_OVER_DECADES = frozenset(
    f"registration.{rule}" for rule in ("branches_deadline", "lapse_days", "reregistration")
)
"""Rules that only a run of decades reads."""


def faults(scenario: Scenario) -> list[Fault]:
    """Every reason why a scenario that is spelled rightly still cannot be run."""
    if scenario.case not in cases.names():
        near = difflib.get_close_matches(scenario.case, cases.names(), n=1)
        advice = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(cases.names())}."
        return [Fault(("case",), f'unknown case "{scenario.case}". {advice}')]
    if scenario.decades is not None:
        return _faults_over_decades(scenario)
    try:
        case = case_files.load(scenario.case, scenario.election)
    except InputError as fault:
        return [Fault(("election",), str(fault))]
    return [
        *_voters(scenario, case),
        *_ties(scenario),
        *_venue(scenario, case),
        *_law(scenario, case),
        *_reading(scenario, case),
    ]


def remarks(scenario: Scenario) -> list[Remark]:
    """What runs but deserves a word: rules that cannot bind, that nobody can meet, or that decide alone.

    The scenario must be free of :func:`faults`. Numbers are those of the law on election day; of a run of decades,
    which has the law of each day, only what the scenario itself writes into the law is remarked on.
    """
    if scenario.decades is not None:
        return _remarks_over_decades(scenario)
    case = case_files.load(scenario.case, scenario.election)
    rules = case.law_on(case.day, scenario)
    return [*_inert(scenario), *_registration(scenario, case, rules), *_ballot(rules), *_people(scenario, case)]


def too_few(voters: object) -> str:
    """The message for a number of voters below one."""
    default = PopulationSettings().voters
    return f"population.voters = {voters}: an election needs at least 1 voter per region; the default is {default}."


def _ties(scenario: Scenario) -> Iterator[Fault]:
    network = scenario.mechanism.network
    pairs = network.local + network.regional + network.national
    if pairs > MOST_PAIRS_OF_TIES:
        yield Fault(
            ("mechanism", "network"),
            f"mechanism.network: local {network.local} + regional {network.regional} + national {network.national} "
            f"give {2 * pairs} ties a voter; at most {2 * MOST_PAIRS_OF_TIES} are counted, and surveys find about ten.",
        )


def _voters(scenario: Scenario, case: Case) -> Iterator[Fault]:
    voters, place = scenario.population.voters, ("population", "voters")
    urban = [case.geography.regions[r].urban for r in case.geography.locality_region]
    cells = sum((u > 0) + (u < 1) for u in urban)
    if voters < cells:
        yield Fault(
            place,
            f"population.voters = {voters}: an election needs at least 1 voter in town and country of every locality, "
            f"{cells} in all; the default is {PopulationSettings().voters}.",
        )
    elif voters < cells + VOTERS_A_DISTRICT * (seats := _drawn_districts(scenario, case)):
        yield Fault(
            place,
            f"population.voters = {voters}: {seats} districts need at least {cells + VOTERS_A_DISTRICT * seats}; the "
            f"default is {PopulationSettings().voters}.",
        )
    if voters > MOST_VOTERS:
        memory = voters * BYTES_A_VOTER / 1e9
        persons = int(case.geography.register.sum())
        yield Fault(
            place,
            f"population.voters = {voters}: would need about {memory:,.1f} GB of memory; at most {MOST_VOTERS} are "
            f"allowed, and one to one is {persons}.",
        )


def _drawn_districts(scenario: Scenario, case: Case) -> int:
    """Single-member districts cut across localities; 0 where they are the localities or the law is at fault."""
    if scenario.decades is not None:  # votes are those for lists
        return 0
    try:
        seats = case.law_on(case.day, scenario).chamber.district_seats
    except InputError:
        return 0
    return 0 if seats == len(case.geography.locality_register) or seats > MOST_SEATS else seats


def _venue(scenario: Scenario, case: Case) -> Iterator[Fault]:
    place = ("mechanism", "founding", "venue")
    venue = scenario.mechanism.founding.venue
    if venue is not None and (said := _not_a_region(venue, case)):
        yield Fault(place, f"{dotted(place)}: {said}")


def _not_a_region(name: str, case: Case) -> str:
    """Why a text is not the code of a region of the case, with the code that may be meant; empty where it is one."""
    if name in case.geography.codes:
        return ""
    try:
        code = case.law.regions.code(name, case.day)
    except InputError as fault:
        return str(fault)
    if code in case.geography.codes:
        return f'"{name}" is the name of a region; write its code, "{code}".'
    return f'"{name}": no such region on {case.day}.'


def _reading(scenario: Scenario, case: Case) -> Iterator[Fault]:
    """A reading of one's own names parties by key and gives every region an order."""
    if scenario.reading is None:
        if scenario.level not in case.readings:
            known = ", ".join(case_files.fitted_elections(case.name))
            said = f'level = "{scenario.level}": the results of {case.election} were not fitted (fitted: {known})'
            yield Fault(("level",), f"{said}; give a [reading] of your own.")
        return
    place = ("reading", "valence")
    keys = [*(party.key for party in case.parties), *(bloc.key for bloc in case.blocs)]
    for name in scenario.reading.valence:
        if name not in keys:
            yield Fault((*place, name), f'{dotted(place)}: unknown party "{name}".{_party_meant(name, case)}')
    if case.party_of_power not in scenario.reading.valence:
        yield Fault(place, f"{dotted(place)}: {case.party_of_power} is missing; the party of power needs a value.")
    place = ("reading", "orders")
    for name in scenario.reading.orders:
        if said := _not_a_region(name, case):
            yield Fault((*place, name), f"{dotted(place)}: {said}")
    if missing := [code for code in case.geography.codes if code not in scenario.reading.orders]:
        yield Fault(place, f"{dotted(place)}: {', '.join(missing)} missing; every region needs a value.")


def _party_meant(name: str, case: Case) -> str:
    """' Did you mean ...?' with the key of the party of that or the nearest spelling."""
    spelled = {text.casefold(): party.key for party in case.parties for text in (party.key, party.name, *party.aliases)}
    near = difflib.get_close_matches(name.casefold(), spelled, n=1)
    if near:
        return f' Did you mean "{spelled[near[0]]}"?'
    return f" Known: {', '.join(party.key for party in case.parties)}."


def _law(scenario: Scenario, case: Case) -> Iterator[Fault]:
    """The amended law must hold together and elect somebody."""
    try:
        rules = case.law_on(case.day, scenario)
    except InputError as fault:
        for line in str(fault).splitlines():
            yield Fault(("law",), f"law.chamber: {line.removeprefix(f'law on {case.day}: ')}")
        return
    chamber = rules.chamber
    for tier in ("list_seats", "district_seats"):
        if (seats := getattr(chamber, tier)) > MOST_SEATS:
            said = f"law.chamber.{tier} = {seats} is more than any chamber has; at most {MOST_SEATS} are allowed."
            yield Fault(("law", "chamber", tier), said)
    if chamber.list_seats + chamber.district_seats == 0:
        yield Fault(("law", "chamber"), "law.chamber: no seat is elected; raise list_seats or district_seats.")


def elections_within(scenario: Scenario) -> list[Case]:
    """The elections that a run of decades holds, by day."""
    assert scenario.decades is not None
    every = [case_files.load(scenario.case, name) for name in case_files.elections(scenario.case)]
    return [case for case in every if scenario.decades.since < case.day <= scenario.decades.until]


def _faults_over_decades(scenario: Scenario) -> list[Fault]:
    """Why a run of decades cannot be run: no election, none to start from, or a law that contradicts itself."""
    assert scenario.decades is not None
    since, until, given = scenario.decades.since, scenario.decades.until, scenario.decades.given_until
    found = list(_ties(scenario))
    every = [case_files.load(scenario.case, name) for name in case_files.elections(scenario.case)]
    ground = replace(every[0], geography=case_files.ground(scenario.case))
    found += [*_voters(scenario, ground), *_venue(scenario, ground)]
    if given < since:
        said = "the record must give the parties that stand on the first day; write that day or a later one."
        found.append(
            Fault(("decades", "given_until"), f"decades.given_until = {given} is before since = {since}: {said}")
        )
    held = elections_within(scenario)
    if not held:
        known = ", ".join(f"{case.election} on {case.day}" for case in every)
        said = f"no election of {scenario.case} lies between since = {since} and until = {until} (elections: {known})."
        return [*found, Fault(("decades",), f"decades: {said}")]
    if held[0].lists_close <= since:
        said = (
            f"lists of the election {held[0].election} closed on {held[0].lists_close}; start before that day, or after"
        )
        found.append(Fault(("decades", "since"), f"decades.since = {since}: {said} the election on {held[0].day}."))
    return [*found, *_readings(scenario, held), *_laws(scenario, held[0])]


def _readings(scenario: Scenario, held: Sequence[Case]) -> Iterator[Fault]:
    """Each election needs a fitted one to take the party of power's appeal from: itself or an earlier one."""
    assert scenario.decades is not None
    for case in held:
        usable = [one for one in held if one.day <= min(case.day, scenario.decades.cutoff) and one.readings]
        if scenario.level not in (usable or held[:1])[-1].readings:
            fitted = ", ".join(case_files.fitted_elections(scenario.case)) or "none"
            yield Fault(
                ("decades", "since"),
                f"decades.since = {scenario.decades.since}: the first election, {case.election}, was not fitted at "
                f'level "{scenario.level}" (fitted: {fitted}); start after it, or choose another level.',
            )
            return


def _laws(scenario: Scenario, case: Case) -> Iterator[Fault]:
    """The law with what the scenario changes must hold together on every day of the run; the first day it does not."""
    assert scenario.decades is not None
    ends = scenario.decades.until
    changes = sorted(scenario.decades.amendment, key=lambda change: change.on)
    given = dict(scenario.law.given)
    yield from _contradiction(case, given, scenario.decades.since, ends, scenario.law_day, ("law",), "law.chamber")
    for number, change in enumerate(changes):
        if change.law.given:
            given |= change.law.given
            later = next((one.on for one in changes[number + 1 :] if one.law.given), ends)
            place = ("decades", "amendment")
            yield from _contradiction(
                case, given, change.on, later, scenario.law_day, place, f"{dotted(place)} on {change.on}"
            )


def _contradiction(
    case: Case, given: dict[str, object], since: date, until: date, fixed: date | None, place: tuple[str, ...], key: str
) -> Iterator[Fault]:
    """The first day in a span on which the amended law contradicts itself, in words."""
    amended = AmendedLaw(case.law, given)
    days = [fixed] if fixed else [since, *(day for day in case.law.changes if since < day < until)]
    for day in days:
        try:
            amended.on(day)
        except InputError as fault:
            for line in str(fault).splitlines():
                yield Fault(place, f"{key}: {line}")
            return


def _remarks_over_decades(scenario: Scenario) -> list[Remark]:
    """What deserves a word of a run of decades: settings it does not read, and rules that it writes itself."""
    assert scenario.decades is not None
    first = elections_within(scenario)[0]
    ground = replace(first, geography=case_files.ground(scenario.case))
    found = list(_inert(scenario))
    found += [
        Remark("note", f"{name} is not read by a run of decades.")
        for name in ("election", "years_before", "reading")
        if getattr(scenario, name) != type(scenario).model_fields[name].default
    ]
    given = dict(scenario.law.given)
    for day, law in [(scenario.decades.since, scenario.law), *((c.on, c.law) for c in scenario.decades.amendment)]:
        given |= law.given
        if law.given:
            rules = AmendedLaw(first.law, given).on(scenario.law_day or day)
            found += _written(scenario, ground, rules, law)
    late = [case for case in elections_within(scenario) if case.day <= scenario.decades.given_until]
    if len(late) == len(elections_within(scenario)):
        said = f"decades.given_until = {scenario.decades.given_until} is after the last election of the run"
        found.append(Remark("note", f"{said}: parties are those of the record in all of it."))
    return list(dict.fromkeys([*found, *_people(scenario, ground)]))


def _written(scenario: Scenario, case: Case, rules: Rules, law: Overrides) -> Iterator[Remark]:
    """Remarks on rules that a scenario writes, by the law of the day from which they hold."""
    if "registration.members" in law.given:
        yield from _beyond_reach(scenario, case, rules)
    if "list.threshold" in law.given:
        yield from _ballot(rules)


def _inert(scenario: Scenario) -> Iterator[Remark]:
    """Amendments that nothing in a run reads."""
    acting, given = ACTING, list(scenario.law.given)
    if scenario.decades is not None:
        acting = ACTING | ACTING_OVER_DECADES
        given = list(dict.fromkeys([*given, *(name for c in scenario.decades.amendment for name in c.law.given)]))
    for name in given:
        if name not in acting:
            yield Remark("note", f"law.{name} is on record only: nothing in a run depends on it (docs/odd.md, 7.19).")


def _registration(scenario: Scenario, case: Case, rules: Rules) -> Iterator[Remark]:
    law, regions = rules.registration, len(case.law.regions_on(case.day))
    yield from _beyond_reach(scenario, case, rules)
    if law.members_per_region * regions > law.members:
        product = law.members_per_region * regions
        yield Remark(
            "note",
            f"members_per_region {law.members_per_region} x {regions} regions = {product} is more than members "
            f"{law.members}: the regional rule decides.",
        )
    if law.congress_in_person and law.initiative_group > law.members:
        yield Remark(
            "note",
            f"initiative_group {law.initiative_group} is above members {law.members}; no applicant at the threshold "
            "could fill the hall of its founding congress.",
        )
    enacted = case.law.on(case.day).registration.members
    if law.members > enacted:
        start = case.day.year - scenario.years_before
        yield Remark(
            "note",
            f"members {law.members} (law of the day: {enacted}) binds new groups only: parties registered before the "
            f"run starts in {start} stay.",
        )


def _beyond_reach(scenario: Scenario, case: Case, rules: Rules) -> Iterator[Remark]:
    """Whether the number of members asked is more than groups can gather: even if all liked them, or as usual."""
    recruitment, persons = scenario.mechanism.recruitment, int(case.geography.register.sum())
    asked = f"law.registration.members = {rules.registration.members}"
    most, usual = int(recruitment.reach * persons), int(recruitment.reach * recruitment.usual_sympathy * persons)
    if rules.registration.members > most:
        yield Remark(
            "warning",
            f"{asked} exceeds every group's possible members ({most}: {recruitment.reach:.0%} of {persons} voters "
            "would ever sign, mechanism.recruitment.reach). No group will register, unless the administration orders "
            "it; pluralism among new parties is then undefined and reported as missing, not 0.",
        )
    elif rules.registration.members > usual:
        yield Remark(
            "note",
            f"{asked} is more than the {usual} who would sign for a group that {recruitment.usual_sympathy:.0%} of "
            "voters would choose; only better liked or ordered ones can register.",
        )


def _ballot(rules: Rules) -> Iterator[Remark]:
    if rules.chamber.list_seats and rules.list.threshold > 1 / 2:
        yield Remark(
            "warning",
            f"law.list.threshold = {rules.list.threshold}: at most one list can pass; where none does, list seats stay "
            "unfilled.",
        )


def _people(scenario: Scenario, case: Case) -> Iterator[Remark]:
    voters, persons = scenario.population.voters, int(case.geography.register.sum())
    if voters > persons:
        yield Remark("note", f"population.voters = {voters} is more than the {persons} persons on the register.")
    elif voters * BYTES_A_VOTER > 1e9:
        memory = voters * BYTES_A_VOTER / 1e9
        yield Remark("note", f"population.voters = {voters} needs about {memory:.1f} GB of memory.")
