"""What one test returns: an estimate with its interval, what it rests on, and what it cannot tell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Value = float | int | None
Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Finding:
    """The answer of one test.

    ``estimate`` is the headline, in ``unit``, with a 95 % ``interval``; both None where the test ``refused`` to answer,
    which ``why`` explains. ``p`` is the chance of such a result or a stronger one under the test's null, where it has
    one. ``values`` are the figures by their names in JSON.
    """

    test: str
    question: str
    estimate: float | None
    unit: str
    interval: Interval
    interval_of: str
    assumptions: tuple[str, ...]
    cannot_tell: str
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    p: float | None = None
    refused: bool = False
    why: str = ""
    reading: str = ""
    warning: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Everything for other programs; the test's own figures stand beside what every test has."""
        common = {
            "question": self.question,
            "refused": self.refused,
            "why": self.why or None,
            "estimate": self.estimate,
            "unit": self.unit,
            "interval": None if self.interval is None else list(self.interval),
            "interval_of": self.interval_of,
            "p": self.p,
            "reading": self.reading or None,
            "assumptions": list(self.assumptions),
            "cannot_tell": self.cannot_tell,
            "warning": self.warning or None,
            "source": self.source,
        }
        return {**common, **self.values}

    def lines(self, width: int) -> Iterator[str]:
        """The finding in words, in lines of at most ``width`` columns."""
        yield from _wrapped(self.question, width, "")
        if self.refused:
            yield from _wrapped(f"No answer: {self.why}", width)
        else:
            yield from _wrapped(self.reading, width)
        if self.warning:
            yield from _wrapped(f"Warning: {self.warning}", width)
        if not self.refused:
            yield from _wrapped(f"Assumes: {'; '.join(self.assumptions)}.", width)
        yield from _wrapped(f"Cannot tell: {self.cannot_tell}", width)


def _wrapped(text: str, width: int, margin: str = "  ") -> list[str]:
    held = text.replace(" %", "\0%").replace(" [", "\0[")
    lines = textwrap.wrap(
        held, width, initial_indent=margin, subsequent_indent=margin + "  " if margin else "", break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in lines]


def no_answer(
    test: str, question: str, why: str, *, unit: str, cannot_tell: str, source: str, **values: Any
) -> Finding:
    """A test that does not answer, and why; its figures are there, without a value."""
    return Finding(test, question, None, unit, None, "", (), cannot_tell, source, values=values, refused=True, why=why)
