"""The life of a party as a state machine: which state may follow which, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Status = Literal[
    "group",
    "notice_review",
    "cooling",
    "confirmed",
    "congress_held",
    "review",
    "suspended",
    "provisional",
    "registered",
    "reregistration",
    "lapsed",
    "dissolved",
    "merged",
    "banned",
    "ended",
]

STANDING: frozenset[Status] = frozenset({"provisional", "registered", "reregistration"})
"""States of a party that exists in law."""

GONE: frozenset[Status] = frozenset({"lapsed", "dissolved", "merged", "banned", "ended"})
"""States that nothing follows."""


def _to(*states: Status) -> frozenset[Status]:
    return frozenset(states)


_STOP: frozenset[Status] = frozenset({"lapsed", "banned"})
_END: frozenset[Status] = frozenset({"dissolved", "merged", "banned", "ended"})

LIFE: Mapping[Status, frozenset[Status]] = {
    # a group on its way; "cooling" was refused, or missed a term, and will file again
    "group": _to("notice_review", "merged") | _STOP,
    "notice_review": _to("confirmed", "cooling", "merged") | _STOP,
    "cooling": _to("notice_review", "merged") | _STOP,
    "confirmed": _to("congress_held", "cooling", "merged") | _STOP,
    "congress_held": _to("review", "cooling", "merged") | _STOP,
    "review": _to("provisional", "registered", "suspended", "cooling", "merged") | _STOP,
    "suspended": _to("review", "registered", "cooling", "merged", "dissolved") | _STOP,
    # a party; "provisional" still owes the law its branches
    "provisional": _to("registered", "reregistration", "suspended") | _END,
    "registered": _to("reregistration", "suspended") | _END,
    "reregistration": _to("provisional", "registered", "suspended") | _END,
    **dict.fromkeys(GONE, frozenset[Status]()),
}
"""For each state those that may follow it. FINDINGS of the prototype, with suspension and the ends on record."""


def check(before: Status, after: Status) -> None:
    """Raises ValueError where one state cannot follow another."""
    if after not in LIFE[before]:
        raise ValueError(f"a party that is {before!r} cannot become {after!r}; it may become {sorted(LIFE[before])}")
