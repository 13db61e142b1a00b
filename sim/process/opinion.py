"""The monthly round of the society: opinion, grievance, and which parties people have heard of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Party
from sim.kernels import ballots, months, threads
from sim.malpractice.media_closure import campaign_reach, media_reach
from sim.strict import InputError

if TYPE_CHECKING:
    from sim.model import ElectionModel

PLACES, PAGE = 64, 32  # bits of a voter's awareness, and how many are heard of in one go


class Mood(NamedTuple):
    """Means over persons after a month: accountability with its spread, and grievance."""

    accountability: float
    spread: float
    grievance: float


class Society:
    """The stage that moves the electorate month by month."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.electorate = model, model.electorate
        self.settings, self.media = model.mechanism.opinion, model.mechanism.media
        self.usual_grievance = self.electorate.grievance.copy()
        self.shocks = sorted(model.case.shocks, key=lambda shock: shock.day)
        self.felt = {shock.day for shock in self.shocks if shock.day < model.start}  # decayed before the run begins

    def month(self, occasion: int) -> Mood:
        """One month: news, talk, and what is left of old anger; ``occasion`` numbers the month."""
        e, s = self.electorate, self.settings
        for party in self.model.parties.values():
            if party.slot >= 0 and party.gone and not party.on_ballot:
                self.forget(party)
        rules = months.Round(
            bound=np.float32(s.bound),
            step=np.float32(s.attraction / max(e.ties.degree, 1)),
            noise=np.float32(s.noise),
            left=np.float32(s.grievance_decay),
            shock=np.float32(self._shock()),
        )
        sums = np.zeros((len(e.chunks), 3), np.int64)
        threads.each(
            months.opinion,
            e.chunks,
            e.ties.local,
            e.ties.far,
            self.model.history.key("opinion", occasion=occasion),
            rules,
            e.records,
            e.next_records,
            self.usual_grievance,
            sums,
        )
        e.records, e.next_records = e.next_records, e.records
        self._talk(occasion)
        mean, square, grievance = e.by_cell(sums).sum(axis=0) / (float(months.UNIT) * e.persons)
        return Mood(float(mean), float(np.sqrt(square - mean**2)), float(grievance))

    def _talk(self, occasion: int) -> None:
        """What people hear of parties this month, page by page of their masks."""
        e = self.electorate
        heard = [party for party in self.model.parties.values() if _can_be_heard_of(party)]
        for party in heard:
            self.place(party)
        for page in range(PLACES // PAGE):
            on_page = [party for party in heard if party.slot // PAGE == page]
            if on_page:
                news = self._news(on_page, occasion)
                threads.each(months.hear, e.chunks, e.ties.local, e.ties.far, news, page, e.aware, e.next_aware)
                e.aware, e.next_aware = e.next_aware, e.aware

    def place(self, party: Party) -> np.uint64:
        """The bit of a party in what voters know, given to it when people could first have heard of it.

        Raises:
            InputError: as many parties as voters can tell apart are known already.
        """
        if party.slot < 0:
            taken = {other.slot for other in self.model.parties.values()}
            party.slot = next((slot for slot in range(PLACES) if slot not in taken), -1)
            if party.slot < 0:
                raise InputError(
                    f"more than {PLACES} parties and groups known to voters at once; lower mechanism.formation.rate or"
                    " mechanism.formation.unlisted, or simulate fewer years."
                )
        return np.uint64(1 << party.slot)

    def forget(self, party: Party) -> None:
        """Free the place of a party that is gone."""
        self.electorate.aware &= ~np.uint64(1 << party.slot)
        party.slot = -1

    def knows(self, party: Party) -> NDArray[np.bool_]:
        """Which voters (N,) have heard of a party: nobody of one without a place."""
        if party.slot < 0:
            return np.zeros(len(self.electorate), np.bool_)
        return self.electorate.aware & self.place(party) != 0

    def campaign(self, lists: Sequence[Party]) -> None:
        """What the weeks before the vote teach about the lists that stand."""
        closure = self.model.practice.media_closure
        paid = float(self.model.rules_on(self.model.today).funding.campaign)
        for party in lists:
            reach = campaign_reach(self.media, closure, loyal=not party.autonomous("broad"), public_money=paid)
            self.teach(party, reach, self.model.history.key(f"campaign/{party.address}"))

    def teach(self, party: Party, reach: float, key: NDArray[np.uint64]) -> None:
        """Make a party known to each voter with one chance, by the draws of a key."""
        e = self.electorate
        threads.each(ballots.teach, e.chunks, e.aware, self.place(party), key, np.float32(reach))

    def _shock(self) -> float:
        """Grievance added this month."""
        total = 0.0
        for shock in self.shocks:
            if shock.day <= self.model.today and shock.day not in self.felt:
                self.felt.add(shock.day)
                total += shock.grievance
                self.model.tell(f"{shock.name}: grievance rises by {shock.grievance:.2f}")
        return total

    def _news(self, heard: Sequence[Party], occasion: int) -> months.News:
        """Parties of one page of the masks, and how likely people are to hear of them this month."""
        silent = (1 - self.media.word_of_mouth) ** 2.0 ** np.arange(4)
        return months.News(
            bit=np.array([1 << party.slot % PAGE for party in heard], np.uint32),
            key=self.model.history.keys([f"hear/{party.address}" for party in heard], occasion=occasion),
            reach=self._reach(heard).T.astype(np.float32, order="C"),
            silent=silent.astype(np.float32),
        )

    def _reach(self, heard: Sequence[Party]) -> NDArray[np.float64]:
        """Chance to hear of each party this month from media or from a member, by region (P, R).

        Members are too few to be sampled voters, so their talk counts apart.
        """
        closure = self.model.practice.media_closure
        by_media = [media_reach(self.media, closure, loyal=not party.autonomous("broad")) for party in heard]
        members = np.array([party.members for party in heard]) / self.model.geography.register
        no_member_talks = (1 - self.media.word_of_mouth) ** (self.electorate.ties.degree * members)
        return np.asarray(1 - (1 - np.array(by_media)[:, None]) * no_member_talks)


def _can_be_heard_of(party: Party) -> bool:
    return party.registered or (party.reached.noticed is not None and not party.gone)
