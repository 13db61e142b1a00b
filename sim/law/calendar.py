"""The law's clocks: months as a statute counts them, and review periods that stop while names are checked."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last day where it is shorter."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def last_day(start: date, months: int) -> date | None:
    """The last day of a statutory term of so many months; None where the law sets no term (0 months)."""
    return add_months(start, months) if months else None


@dataclass(frozen=True)
class Clock:
    """A statutory term in days that may be stopped and set going again.

    The starting day is not counted: 30 days from 1 March run out on 31 March. A day on which the clock stands still
    is not counted either. A term of 0 days is no term and never runs out.
    """

    started: date
    days: int
    stopped_for: int = 0
    stopped_on: date | None = None

    def stop(self, day: date) -> Clock:
        """Stand still from a day on; a clock that stands already is left as it is. ValueError before the start."""
        if day < self.started:
            raise ValueError(f"the clock starts on {self.started} and cannot stop on {day}")
        return self if self.stopped_on else replace(self, stopped_on=day)

    def resume(self, day: date) -> Clock:
        """Run on from a day; a running clock is left as it is. ValueError where that is before the stop."""
        if self.stopped_on is None:
            return self
        if day < self.stopped_on:
            raise ValueError(f"the clock stopped on {self.stopped_on} and cannot run again from {day}")
        return replace(self, stopped_for=self.stopped_for + (day - self.stopped_on).days, stopped_on=None)

    def elapsed(self, day: date) -> int:
        """Days counted up to and including a day that is not before the last stop or start."""
        until = min(day, self.stopped_on) if self.stopped_on else day
        return (until - self.started).days - self.stopped_for

    @property
    def due(self) -> date | None:
        """The last day of the term as things are; None while the clock stands or where there is no term."""
        if self.stopped_on or not self.days:
            return None
        return self.started + timedelta(days=self.days + self.stopped_for)

    def expired(self, day: date) -> bool:
        """Whether the term has run out before a day."""
        return self.due is not None and day > self.due
