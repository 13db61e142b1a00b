"""One number of the law through time: its honest dates, its acts, its sources, and what held before the first."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, PlainSerializer, PlainValidator, model_validator

from sim.strict import Strict

Status = Literal["enacted", "assumed", "absent", "unknown"]
"""Enacted: a source gives it. Assumed: nobody gives it, and we say why. Absent: the law had no such rule. Unknown: it
may have had one."""

Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Period:
    """When something took effect, as exactly as is known: one day, or the first and the last that it can have been."""

    first: date
    last: date

    @classmethod
    def read(cls, text: object) -> Period:
        """A period from "2022-06-05", "2009-02", "2022", or two of these with a slash between.

        Raises ValueError where the text is none of these or runs backwards.
        """
        if isinstance(text, Period):
            return text
        ends = str(text).split("/")
        if len(ends) > 2:
            raise ValueError(f"{text!r} has more than two ends; write one day or first/last")
        first, last = _span(ends[0])[0], _span(ends[-1])[1]
        if first > last:
            raise ValueError(f"{text!r} ends before it begins")
        return cls(first, last)

    @property
    def known_on(self) -> date:
        """The day from which a reader of the newspapers can have known it: the latest it can have happened."""
        return self.last

    @property
    def midpoint(self) -> date:
        """The day the program goes on where it needs one [assumed]."""
        return self.first + timedelta(days=(self.last - self.first).days // 2)

    def __str__(self) -> str:
        """The shortest spelling that `read` takes back: days, or whole months or years where both ends allow it."""
        for form in ("%Y", "%Y-%m"):
            first, last = self.first.strftime(form), self.last.strftime(form)
            if (_span(first)[0], _span(last)[1]) == (self.first, self.last):
                return first if first == last else f"{first}/{last}"
        return str(self.first) if self.first == self.last else f"{self.first}/{self.last}"


def _span(text: str) -> tuple[date, date]:
    """First and last day of a year, a month or a day."""
    match [*map(_whole, text.split("-"))]:
        case [year]:
            return date(year, 1, 1), date(year, 12, 31)
        case [year, month]:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        case [year, month, day]:
            return date(year, month, day), date(year, month, day)
    raise ValueError(f"{text!r} is not a date; write 2022, 2022-06 or 2022-06-05")


def _whole(part: str) -> int:
    if not part.isdecimal():
        raise ValueError(f"{part!r} is not part of a date; write 2022, 2022-06 or 2022-06-05")
    return int(part)


Since = Annotated[Period, PlainValidator(Period.read), PlainSerializer(str, return_type=str)]


class Variant[T](Strict):
    """What another source says, kept beside the value that was chosen."""

    value: T
    source: Text
    why_not: Text


class Enacted[T](Strict):
    """A value and the act that set it.

    `checked` is true where the source is the text of the act itself, or a translation of it, and not a report about it.
    `assumed` gives the reason where no source gives this value for this day.
    """

    since: Since
    value: T
    act: Text
    citation: str = ""
    source: str = ""
    confidence: Literal["high", "medium", "low"]
    checked: bool = False
    assumed: str = ""
    note: str = ""
    variants: tuple[Variant[T], ...] = ()

    @model_validator(mode="after")
    def _sourced_or_assumed(self) -> Self:
        if not self.source and not self.assumed:
            raise ValueError("needs a source, or under `assumed` the reason for taking it without one")
        return self

    @property
    def status(self) -> Status:
        """Enacted where a source gives it, else assumed."""
        return "assumed" if self.assumed else "enacted"

    @property
    def known_on(self) -> date:
        """The first day on which a fit may use this entry."""
        return self.since.known_on


class Before[T](Strict):
    """What holds before the first entry, and the value that the program goes on meanwhile."""

    status: Literal["absent", "unknown", "assumed"]
    value: T
    reason: Text


class Standing[T](NamedTuple):
    """Where a parameter stands on a day; `entry` is None before its first entry."""

    status: Status
    value: T
    entry: Enacted[T] | None
    reason: str


class Parameter[T](Strict):
    """A dated parameter of the law. Its title and unit come from the rule that it fills."""

    name: Text
    title: Text
    unit: str = ""
    before: Before[T]
    history: tuple[Enacted[T], ...]  # empty for what the law never ruled

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [entry.since.midpoint for entry in self.history]
        for earlier, later in pairwise(days):
            if earlier >= later:
                raise ValueError(f"the entry of {later} must come after the entry of {earlier}")
        return self

    def on(self, day: date) -> Standing[T]:
        """Where the parameter stands on a day; an entry counts from the midpoint of its interval."""
        in_force = [entry for entry in self.history if entry.since.midpoint <= day]
        if not in_force:
            return Standing(self.before.status, self.before.value, None, self.before.reason)
        entry = in_force[-1]
        return Standing(entry.status, entry.value, entry, entry.assumed)
