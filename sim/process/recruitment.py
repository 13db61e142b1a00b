"""Recruitment: groups gather members by region, in whole persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Party
from sim.kernels.counts import binomial, poisson
from sim.malpractice.repression import still_join
from sim.malpractice.sponsorship import ordered_members

if TYPE_CHECKING:
    from sim.model import ElectionModel


class Recruitment:
    """The stage in which every group on its way gathers names, once a month."""

    def __init__(self, model: ElectionModel) -> None:
        self.model, self.settings = model, model.mechanism.recruitment

    def month(self, occasion: int) -> None:
        """Poisson gains, binomial losses, region by region."""
        groups = [party for party in self.model.parties.values() if party.active]
        if not groups:
            return
        sympathies = self.model.voting.sympathy(groups)
        for party, sympathy in zip(groups, sympathies, strict=True):
            if party.sponsored:
                self.deliver(party)
            else:
                self._gather(party, sympathy, occasion)

    def deliver(self, party: Party) -> None:
        """The state fills the lists of a party that the administration ordered."""
        rules = self.model.rules_on(self.model.today).registration
        party.members = np.maximum(
            party.members,
            ordered_members(
                self.model.mechanism.sponsorship,
                days=(self.model.today - party.reached.formed).days,
                members=rules.members,
                per_region=rules.members_per_region,
                initiative=rules.initiative_group,
                register=self.model.geography.register,
            ),
        )

    def money(self, party: Party) -> float:
        """A group's own money, and public money once its notice is confirmed."""
        public = float(self.model.rules_on(self.model.today).funding.founding) if party.reached.confirmed else 0.0
        return party.character.money + public

    def _gather(self, party: Party, sympathy: NDArray[np.float64], occasion: int) -> None:
        s, register = self.settings, self.model.geography.register
        willing = still_join(
            self.model.mechanism.repression, self.model.spec.practice.repression, party.character.loyalty
        )
        room = s.reach * sympathy * register * party.character.profile * willing
        full = np.clip(1 - party.members / np.maximum(room, 1), 0, 1)
        mean = s.names * self.money(party) * self._effort(party) * sympathy / s.usual_sympathy * willing * full
        regions = len(register)
        gains, losses = (
            self.model.history.uniform(f"{what}/{party.address}", regions, occasion=occasion)
            for what in ("join", "leave")
        )
        lost = binomial(losses, party.members, np.full(regions, s.leave))
        left = np.maximum(np.floor(room).astype(np.int64) - party.members, 0)
        party.members = party.members + np.minimum(poisson(gains, mean), left) - lost

    def _effort(self, party: Party) -> NDArray[np.float64]:
        """Where a group looks: in proportion to people, until it has enough of them and lacks only regions."""
        rules = self.model.rules_on(self.model.today).registration
        asked = self.settings.margin * max(rules.members, rules.initiative_group)
        people = self.model.geography.register * party.character.profile
        if party.members.sum() >= asked:
            short = np.maximum(self.settings.margin * rules.members_per_region - party.members, 0)
            if short.any():
                people = short
        return np.asarray(people / people.sum())
