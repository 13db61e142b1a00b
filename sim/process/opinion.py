"""The monthly round of the society: opinion, grievance, and which parties people have heard of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels import rounds
from sim.malpractice.media_closure import campaign_reach, media_reach

if TYPE_CHECKING:
    from sim.actors.party import Party
    from sim.model import ElectionModel


class Society:
    """The stage that moves the electorate month by month."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.electorate = model, model.electorate
        self.settings = model.mechanism.opinion
        self.usual_grievance = self.electorate.grievance.copy()
        self.shocks = sorted(model.case.shocks, key=lambda shock: shock.day)
        self.felt = {shock.day for shock in self.shocks if shock.day < model.start}  # decayed before the run begins

    def month(self, occasion: int) -> None:
        """One month: news, talk, and what is left of old anger; ``occasion`` numbers the month."""
        self._feel()
        self._talk(occasion)
        self._hear(occasion)

    def _feel(self) -> None:
        left = self.settings.grievance_decay
        grievance = self.usual_grievance + left * (self.electorate.grievance - self.usual_grievance)
        for shock in self.shocks:
            if shock.day <= self.model.today and shock.day not in self.felt:
                self.felt.add(shock.day)
                grievance = grievance + shock.grievance
                self.model.tell(f"{shock.name} raise grievance by {shock.grievance:.2f}")
        self.electorate.grievance[:] = np.clip(grievance, 0, 1)

    def _talk(self, occasion: int) -> None:
        position = self.electorate.position
        noise = np.stack(
            [
                self.model.history.normal(f"opinion/{axis}", len(position), occasion=occasion)
                for axis in range(position.shape[1])
            ],
            axis=1,
        )
        s = self.settings
        position[:] = rounds.opinion(position, self.electorate.neighbour, s.noise * noise, s.attraction, s.bound)

    def campaign(self, lists: Sequence[Party]) -> None:
        """What the weeks before the vote teach about the lists that stand."""
        settings, closure = self.model.mechanism.media, self.model.spec.practice.media_closure
        paid = float(self.model.rules_on(self.model.today).funding.campaign)
        for party in lists:
            reach = campaign_reach(settings, closure, loyal=not party.autonomous("broad"), public_money=paid)
            heard = self.model.history.uniform(f"campaign/{party.address}", len(self.electorate)) < reach
            self.electorate.aware[heard] |= np.uint64(1) << np.uint64(party.slot)

    def _hear(self, occasion: int) -> None:
        media = self.model.mechanism.media
        closure = self.model.spec.practice.media_closure
        for party in self.model.parties.values():
            if not party.registered and (party.reached.noticed is None or party.status == "lapsed"):
                continue  # nobody could have heard of it yet, or it is gone
            by_media = media_reach(media, closure, loyal=not party.autonomous("broad"))
            members = (party.members / self.model.geography.register)[self.electorate.region]
            met_none = (1 - media.word_of_mouth) ** (self.electorate.neighbour.shape[1] * members)
            reach = (
                1 - (1 - by_media) * met_none
            )  # members are too few to be sampled voters, so their talk counts apart
            u = self.model.history.uniform(f"hear/{party.address}", len(self.electorate), occasion=occasion)
            self.electorate.aware[:] = rounds.hear(
                self.electorate.aware, self.electorate.neighbour, party.slot, u, reach, media.word_of_mouth
            )
