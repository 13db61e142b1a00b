"""The law as resolved, a frozen tree, and a scenario's amendments to it, as the same tree with gaps."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, create_model, model_validator

from sim.law.parameter import Status
from sim.strict import Strict

Origin = Status | Literal["scenario"]
"""Where a resolved value comes from: the dated law, or an amendment by the scenario."""


def exact(value: object) -> Fraction:
    """The fraction that is written: "2/3", "5%", 0.05 and "0.05" mean what they say. ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
        raise ValueError('write a number such as 0.05, or a fraction in quotes such as "2/3"')
    text = str(value).strip()
    try:
        return Fraction(text[:-1].strip()) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError('write a number such as 0.05, or a fraction in quotes such as "2/3"') from None


def _share(value: object) -> Fraction:
    share = exact(value)
    if 1 < share <= 100:
        raise ValueError(f"must lie between 0 and 1; did you mean {float(share) / 100:g} ({float(share):g}%)?")
    if not 0 <= share <= 1:
        raise ValueError("must lie between 0 and 1")
    return share


def _ratio(value: object) -> Fraction:
    ratio = exact(value)
    if ratio < 0:
        raise ValueError("must not be negative")
    return ratio


_AS_TEXT = PlainSerializer(str, return_type=str)
_NUMBER_OR_TEXT = WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]})

ExactShare = Annotated[Fraction, PlainValidator(_share), _AS_TEXT, _NUMBER_OR_TEXT]
"""A share of a whole, 0 to 1, held exactly, because a list exactly on a threshold is past it."""

Ratio = Annotated[Fraction, PlainValidator(_ratio), _AS_TEXT, _NUMBER_OR_TEXT]
"""An exact multiple that may exceed 1."""

Count = Annotated[int, Field(strict=True, ge=0)]
Flag = Annotated[bool, Field(strict=True)]
Words = tuple[str, ...]
ThresholdBase = Literal["cast", "valid"]
Ties = Literal["order of registration", "lot"]
DistrictRule = Literal["majority runoff", "plurality"]
Formula = Literal["hare", "droop", "dhondt", "sainte-lague", "modified-sainte-lague"]


def _rule(description: str, unit: str = "") -> Any:
    """A rule of law; it has no default, because what the law says comes from a case."""
    return Field(description=description, json_schema_extra={"unit": unit})


class Registration(Strict):
    """What a party must bring to exist."""

    registrar: str = _rule("Body that registers parties")
    members: Count = _rule("Members a party needs to be registered", "members")
    members_per_region: Count = _rule("Members it needs in every region", "members")
    initiative_group: Count = _rule("Citizens who must found a party, and whom its congress must gather", "citizens")
    initiative_regions_share: ExactShare = _rule("Regions the initiative group must come from", "share of regions")
    organising_committee: Count = _rule("Members of the organising committee that gives notice", "persons")
    notice_by: Literal["organising committee", "initiative group"] = _rule("Who must stand behind the first notice")
    congress_in_person: Flag = _rule("The founding congress must meet in person, without proxies")
    congress_deadline: Count = _rule("Time from the confirmed notice to the congress; 0 is no limit", "months")
    filing_deadline: Count = _rule("Time from the congress to filing the documents; 0 is no limit", "months")
    review_days: Count = _rule("Time for review, stopped while names are checked; 0 is no limit", "days")
    branches_deadline: Count = _rule("Time from registration to registered branches; 0 is no limit", "months")
    lapse_days: Count = _rule("Time after which a pending application lapses; 0 is never", "days")
    reregistration: Count = _rule(
        "Time in which parties that exist must register again after this law; 0 is not asked", "months"
    )
    barred_bases: Words = _rule("Grounds on which no party may be founded")


class PartyList(Strict):
    """How the list vote becomes seats."""

    threshold: ExactShare = _rule("Share of votes a list needs to win seats", "share of votes")
    threshold_base: ThresholdBase = _rule("Votes the threshold is a share of: all cast, or the valid ones")
    ties: Ties = _rule("What decides between equal remainders")
    two_party_rule: Flag = _rule("Where one list passes the threshold, the next gets seats too")
    two_party_minimum: Count = _rule("Seats the next list gets at least", "seats")
    two_party_correction: ExactShare = _rule("Factor on the next list's seats", "share")
    blocs: Flag = _rule("Parties may run a joint list")
    quota: ExactShare = _rule("Names on a list kept for the quota groups", "share of names")
    quota_groups: Words = _rule("Groups the quota is for")
    quota_in_seats: Flag = _rule("The quota binds also when seats are given out")
    max_length: Ratio = _rule("Names a list may hold per list seat; 0 is no limit", "names per seat")
    formula: Formula = _rule("Formula that turns votes into seats")


class Ballot(Strict):
    """What a voter may mark."""

    against_all: Flag = _rule("The ballot has a line against all")


class Chamber(Strict):
    """The lower house by tier."""

    list_seats: Count = _rule("Seats filled from national lists", "seats")
    district_seats: Count = _rule("Seats filled in single-member districts", "seats")
    quota_seats: Count = _rule("Seats filled by the Assembly of the People", "seats")
    seats: Count = _rule("Seats of the lower house", "seats")
    district_rule: DistrictRule = _rule("How a district seat is won")

    @model_validator(mode="after")
    def _tiers_sum(self) -> Self:
        tiers = {"list_seats": self.list_seats, "district_seats": self.district_seats, "quota_seats": self.quota_seats}
        if self.seats != sum(tiers.values()):
            terms = " + ".join(f"{name} {seats}" for name, seats in tiers.items() if seats)
            raise ValueError(f"seats = {self.seats} but {terms or 'all tiers'} = {sum(tiers.values())}.")
        return self


class Senate(Strict):
    """The upper house."""

    seats: Count = _rule("Seats of the Senate, elected and appointed", "seats")


class Parliament(Strict):
    """The legislature."""

    chambers: Count = _rule("Chambers of parliament", "chambers")


class Nomination(Strict):
    """Who may run and what it costs."""

    deposit: Count = _rule("Deposit for each person on a list", "minimum wages")
    deposit_payable: tuple[tuple[ExactShare, ExactShare], ...] = _rule(
        "Share of the deposit to pay from a share of votes at the last election up", "pairs: votes, deposit"
    )
    deposit_refund: ExactShare = _rule("Share of votes from which the deposit comes back", "share of votes")
    maslikhat_deposit: Count = _rule("Deposit of a maslikhat candidate", "minimum wages")
    maslikhat_refund: ExactShare = _rule("Share of votes from which that deposit comes back", "share of votes")
    maslikhat_self: Flag = _rule("Citizens may nominate themselves to maslikhats")
    record_bar: Flag = _rule("An unexpunged criminal record bars a candidate")
    min_age: Count = _rule("Age of a candidate", "years")
    residence: Count = _rule("Years a candidate must have lived in the country", "years")


class Funding(Strict):
    """What the budget pays to parties."""

    founding: Ratio = _rule("Public money of a group once its notice is confirmed", "times a median group's own money")
    campaign: Ratio = _rule("Public money for the campaign of every registered list", "campaigns")


class Mandate(Strict):
    """What ties a deputy."""

    imperative: Flag = _rule("A deputy who leaves the party loses the seat")


class Observation(Strict):
    """Who may watch."""

    foreign: Literal["open", "states only"] = _rule("Foreign observers: any, or only from states and their bodies")


class Stations(Strict):
    """Where votes are cast."""

    count: Count = _rule("Polling stations", "stations")


class Commissions(Strict):
    """Who counts."""

    professional: Flag = _rule("Territorial commissions are professional and permanent")


class Rules(Strict):
    """The law of the days between two of its changes.

    `origins` says of each value whether a source, an assumption or the scenario gives it.
    """

    origins: dict[str, Origin]
    registration: Registration
    list: PartyList
    ballot: Ballot
    chamber: Chamber
    senate: Senate
    parliament: Parliament
    nomination: Nomination
    funding: Funding
    mandate: Mandate
    observation: Observation
    stations: Stations
    commissions: Commissions

    @property
    def max_names(self) -> int | None:
        """Names the longest list may hold, rounded up to whole persons; None where the law sets no limit."""
        return math.ceil(self.list.max_length * self.chamber.list_seats) or None


SECTIONS: dict[str, type[Strict]] = {
    "registration": Registration,
    "list": PartyList,
    "ballot": Ballot,
    "chamber": Chamber,
    "senate": Senate,
    "parliament": Parliament,
    "nomination": Nomination,
    "funding": Funding,
    "mandate": Mandate,
    "observation": Observation,
    "stations": Stations,
    "commissions": Commissions,
}
"""The parts of the law by the name they have in files."""


def _amendable(name: str, section: type[Strict]) -> type[Strict]:
    """A section in which every rule may be left as the law has it."""
    rules: dict[str, Any] = {}
    for rule, field in section.model_fields.items():
        kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        mark = Field(None, description=field.description, json_schema_extra=field.json_schema_extra)
        rules[rule] = (kind | None, mark)
    return create_model(f"Amended{section.__name__}", __base__=Strict, __doc__=f"Amendments to `{name}`.", **rules)


AMENDED: dict[str, type[Strict]] = {name: _amendable(name, section) for name, section in SECTIONS.items()}
"""The same parts with every rule optional."""

globals().update({part.__name__: part for part in AMENDED.values()})  # workers unpickle a class by its name here

if TYPE_CHECKING:
    _Tree = Strict
else:
    _Tree = create_model("_Tree", __base__=Strict, **{name: (part, part()) for name, part in AMENDED.items()})


class Overrides(_Tree):
    """A scenario's amendments: the tree of `Rules` in which a rule left out stays as the law of the day has it."""

    @property
    def given(self) -> dict[str, Any]:
        """Each amended rule by its dotted name, with its new value."""
        return {
            f"{section}.{rule}": value
            for section in SECTIONS
            for rule, value in getattr(self, section)
            if value is not None
        }
