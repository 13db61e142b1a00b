"""The formal half of party registration: every ground on which an application fails the written law, and no mind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sim.law.calendar import last_day
from sim.law.rules import Rules

NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Application:
    """What a group has put before the registrar by the day it files. Counts are accepted persons, by region code.

    `delegates_by_region` is None where no founding congress met in person. `confirmed` is the day the notice was
    confirmed, `congress` the day the congress met; None where there was none yet. `basis` names what the party is
    founded on, such as "religious", where that is something the law may bar.
    """

    group: str
    filed: date
    members_by_region: Mapping[str, int] = field(default_factory=dict)
    initiative_by_region: Mapping[str, int] = field(default_factory=dict)
    organisers: int = 0
    delegates_by_region: Mapping[str, int] | None = None
    basis: str | None = None
    confirmed: date | None = None
    congress: date | None = None


class Ground(NamedTuple):
    """One formal ground for refusal: its code, the rule of law it rests on, and the finding in plain words."""

    code: str
    rule: str
    message: str


def notice_grounds(
    application: Application, rules: Rules, regions: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> tuple[Ground, ...]:
    """Every formal ground against the first notice.

    The organising committee must be large enough; where the law has the initiative group give notice, so must the
    group, and it must come from enough of the `regions` of the day (codes; `names` turns them into words).
    """
    law = rules.registration
    grounds = []
    if application.organisers < law.organising_committee:
        found = f"organising committee {application.organisers}, {law.organising_committee} required"
        grounds.append(Ground("organising_committee", "registration.organising_committee", found))
    if law.notice_by == "initiative group":
        grounds += _group_grounds("initiative group", application.initiative_by_region, rules, regions, names)
    return tuple(grounds)


def congress_grounds(
    application: Application, rules: Rules, regions: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> tuple[Ground, ...]:
    """Every formal ground against the founding congress: its form, its day, its size and where it came from.

    The congress must gather the initiative group. Where the law asks for no congress in person, one that was not
    held in person is no ground, and its size is not looked at.
    """
    law = rules.registration
    grounds = []
    if application.delegates_by_region is not None:
        grounds += _group_grounds("founding congress", application.delegates_by_region, rules, regions, names)
    elif law.congress_in_person:
        found = "no founding congress met in person, which is required"
        grounds.append(Ground("congress_in_person", "registration.congress_in_person", found))
    if application.confirmed and application.congress:
        latest = last_day(application.confirmed, law.congress_deadline)
        if latest and application.congress > latest:
            found = f"founding congress on {application.congress}, due by {latest}"
            grounds.append(Ground("congress_late", "registration.congress_deadline", found))
    return tuple(grounds)


def list_grounds(
    application: Application, rules: Rules, regions: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> tuple[Ground, ...]:
    """Every formal ground against registration on the member list: number, each region, day of filing, basis.

    Only members in the `regions` of the day are counted.
    """
    law = rules.registration
    accepted = sum(application.members_by_region.get(code, 0) for code in regions)
    grounds = []
    if accepted < law.members:
        found = f"members {accepted} accepted, {law.members} required"
        grounds.append(Ground("members", "registration.members", found))
    for code in regions:
        here = application.members_by_region.get(code, 0)
        if here < law.members_per_region:
            found = f"{_named(code, names)}: {here} accepted, {law.members_per_region} required"
            grounds.append(Ground("members_per_region", "registration.members_per_region", found))
    latest = last_day(application.congress, law.filing_deadline) if application.congress else None
    if latest and application.filed > latest:
        found = f"documents filed on {application.filed}, due by {latest}"
        grounds.append(Ground("filed_late", "registration.filing_deadline", found))
    if application.basis in law.barred_bases:
        found = f"founded on a basis that is barred: {application.basis}"
        grounds.append(Ground("barred_basis", "registration.barred_bases", found))
    return tuple(grounds)


def regions_required(rules: Rules, regions: Sequence[str]) -> int:
    """From how many of the regions the initiative group must come: the share, rounded up to whole regions."""
    return math.ceil(rules.registration.initiative_regions_share * len(regions))


def effective_threshold(rules: Rules, register_by_region: Mapping[str, int]) -> int:
    """Members needed by a party that recruits in proportion to the register: max(N, n_r / smallest region's share).

    `register_by_region` holds persons by region code, each at least 1. ValueError for a region without any.
    """
    smallest, total = min(register_by_region.values()), sum(register_by_region.values())
    if smallest < 1:
        raise ValueError("every region needs at least one person on its register")
    per_region = -(-rules.registration.members_per_region * total // smallest)  # rounded up: persons are whole
    return max(rules.registration.members, per_region)


def _group_grounds(
    what: str, by_region: Mapping[str, int], rules: Rules, regions: Sequence[str], names: Mapping[str, str]
) -> list[Ground]:
    """Whether a gathering is as large as the initiative group must be, and from as many regions."""
    law = rules.registration
    size = sum(by_region.get(code, 0) for code in regions)
    missing = [code for code in regions if by_region.get(code, 0) < 1]
    present, required = len(regions) - len(missing), regions_required(rules, regions)
    code = what.replace(" ", "_")
    grounds = []
    if size < law.initiative_group:
        found = f"{what} {size} accepted, {law.initiative_group} required"
        grounds.append(Ground(code, "registration.initiative_group", found))
    if present < required:
        absent = ", ".join(_named(unit, names) for unit in missing)
        found = f"{what} from {present} of {len(regions)} regions, {required} required; nobody from {absent}"
        grounds.append(Ground(f"{code}_regions", "registration.initiative_regions_share", found))
    return grounds


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else code
