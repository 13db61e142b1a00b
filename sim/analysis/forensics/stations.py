"""A table of polling stations as columns, whoever made it, and how its rows fall into clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.strict import InputError

Counts = NDArray[np.int64]
Names = NDArray[Any]


class Clusters(NamedTuple):
    """Groups of rows that share their chance: the number of each row's group (S,), how many, and what they are."""

    of: NDArray[np.int64]
    number: int
    kind: str


@dataclass(frozen=True)
class Stations:
    """Protocols of S stations: whole numbers ``voters``, ``given`` (ballots handed out), ``cast`` (ballots in the box)
    and ``leader`` (votes of the list or candidate asked about), each of shape (S,).

    ``lists`` holds other lists' votes by name where they are known, ``columns`` what each column was called, and
    ``observed`` which stations had observers. What was used instead of what is not there, and what was left out, stands
    in ``missing``, ``notes`` and ``excluded`` (reason: lines).
    """

    region: Names
    station: Names
    voters: Counts
    given: Counts
    cast: Counts
    leader: Counts
    territory: Names | None = None
    observed: NDArray[np.bool_] | None = None
    lists: Mapping[str, Counts] = field(default_factory=dict)
    leader_name: str = "leader"
    title: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: int = 0
    simulated: bool = False

    def __len__(self) -> int:
        return len(self.voters)

    def take(self, which: NDArray[Any]) -> Stations:
        """Some of the stations, by a mask or by their places."""
        return replace(
            self,
            region=self.region[which],
            station=self.station[which],
            voters=self.voters[which],
            given=self.given[which],
            cast=self.cast[which],
            leader=self.leader[which],
            territory=None if self.territory is None else self.territory[which],
            observed=None if self.observed is None else self.observed[which],
            lists={name: votes[which] for name, votes in self.lists.items()},
        )

    def of_region(self, name: str) -> Stations:
        """The stations of one region. Raises InputError with the nearest name for one that is not there."""
        import difflib

        held = list(dict.fromkeys(map(str, self.region)))
        if name not in held:
            near = difflib.get_close_matches(name, held, n=1)
            known = ", ".join(held[:5]) + (", ..." if len(held) > 5 else "")
            guess = f'did you mean "{near[0]}"?' if near else f"known: {known}"
            raise InputError(f'no region "{name}" in {self.title or "the table"}; {guess}')
        return self.take(self.region == name)

    @property
    def turnout(self) -> NDArray[np.float64]:
        """Ballots given out over voters (S,)."""
        return self.given / self.voters

    @property
    def share(self) -> NDArray[np.float64]:
        """The leader's votes over ballots in the box (S,); NaN where the box was empty."""
        return np.divide(self.leader, self.cast, out=np.full(len(self), np.nan), where=self.cast > 0)

    def counted(self) -> Stations:
        """The stations with a ballot in the box."""
        return self if (self.cast > 0).all() else self.take(self.cast > 0)

    def clusters(self, few: int) -> Clusters:
        """Regions as clusters; where there are fewer than ``few``, territories; where these too, stations."""
        for names, kind in ((self.region, "regions"), (self.places, "territories")):
            if names is not None:
                _, of = np.unique(names.astype(str), return_inverse=True)
                if of.size and of.max() + 1 >= few:
                    return Clusters(of.astype(np.int64), int(of.max()) + 1, kind)
        return Clusters(np.arange(len(self)), len(self), "stations")

    @property
    def places(self) -> Names | None:
        """Territories told apart by their region too: names like "1 Central" repeat from region to region."""
        if self.territory is None:
            return None
        return np.char.add(np.char.add(self.region.astype(str), "\x1f"), self.territory.astype(str))

    def totals(self) -> dict[str, float | int | None]:
        """Number of stations, and sums: voters, turnout and the leader's share in percent."""
        voters, cast = int(self.voters.sum()), int(self.cast.sum())
        return {
            "stations": len(self),
            "voters": voters,
            "turnout": 100 * int(self.given.sum()) / voters if voters else None,
            "leader": 100 * int(self.leader.sum()) / cast if cast else None,
        }

    def shapes(self) -> dict[str, float | int | None]:
        """How stations with a ballot in the box spread: percent, points, correlation.

        Turnout here counts ballots in the box over voters.
        """
        there = self.counted()
        if not len(there):
            return dict.fromkeys(
                ("stations", "leader", "turnout", "sd_leader", "sd_turnout", "correlation", "turnout_95"), None
            ) | {"stations": 0}
        turnout, share = 100 * there.cast / there.voters, 100 * there.share
        varied = len(there) > 2 and turnout.std() > 0 and share.std() > 0
        return {
            "stations": len(there),
            "leader": 100 * int(there.leader.sum()) / int(there.cast.sum()),
            "turnout": 100 * int(there.cast.sum()) / int(there.voters.sum()),
            "sd_leader": float(share.std(ddof=1)) if len(there) > 1 else None,
            "sd_turnout": float(turnout.std(ddof=1)) if len(there) > 1 else None,
            "correlation": float(np.corrcoef(turnout, share)[0, 1]) if varied else None,
            "turnout_95": int((turnout >= 95).sum()),
        }
