"""Recruitment: groups gather members by region, in whole persons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.party import Party
from sim.kernels.counts import binomial, draws, poisson
from sim.malpractice.repression import still_join
from sim.malpractice.sponsorship import ordered_members

if TYPE_CHECKING:
    from sim.dated import DatedModel
    from sim.process.decades_settings import SpreadSettings


class Recruitment:
    """The stage in which every group on its way gathers names, once a month.

    With ``spread`` a party also looks near its home first, and members bring their friends.
    """

    def __init__(self, model: DatedModel, spread: SpreadSettings | None = None) -> None:
        self.model, self.settings, self.spread = model, model.mechanism.recruitment, spread
        self._near: dict[int, NDArray[np.float64]] = {}

    def month(self, groups: Sequence[Party], sympathies: NDArray[np.float64], occasion: int) -> None:
        """Poisson gains, binomial losses, group by group and region by region; ``sympathies`` (groups, R) are shares.

        Lists of parties that were ordered are filled by the state instead.
        """
        own = [g for g, party in enumerate(groups) if not party.sponsored]
        for party in groups:
            if party.sponsored:
                self.deliver(party)
        if own:
            self._gather([groups[g] for g in own], sympathies[own], occasion)

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

    def _gather(self, groups: Sequence[Party], sympathy: NDArray[np.float64], occasion: int) -> None:
        s, register, strength = self.settings, self.model.geography.register, self.model.practice.repression
        fear = self.model.mechanism.repression
        willing = np.array([still_join(fear, strength, party.character.loyalty) for party in groups])[:, None]
        money = np.array([self.money(party) for party in groups])[:, None]
        members = np.array([party.members for party in groups])
        room = s.reach * sympathy * register * np.array([party.character.profile for party in groups]) * willing
        full = np.clip(1 - members / np.maximum(room, 1), 0, 1)
        mean = s.names * money * self._effort(groups, members) * sympathy / s.usual_sympathy * willing * full
        if self.spread:
            mean = mean + self.spread.bring * members * willing * full
        shape, key = members.shape, self.model.history.key
        gains, losses = (
            draws(np.array([key(f"{what}/{party.address}", occasion=occasion) for party in groups]), shape[1]).T
            for what in ("join", "leave")
        )
        lost = binomial(losses.ravel(), members.ravel(), np.full(members.size, s.leave)).reshape(shape)
        left = np.maximum(np.floor(room).astype(np.int64) - members, 0)
        members = members + np.minimum(poisson(gains.ravel(), mean.ravel()).reshape(shape), left) - lost
        for party, own in zip(groups, members, strict=True):
            party.members = own

    def _effort(self, groups: Sequence[Party], members: NDArray[np.int64]) -> NDArray[np.float64]:
        """Where groups look (groups, R), each row a share: at people, until there are enough and only regions lack."""
        rules = self.model.rules_on(self.model.today).registration
        asked = self.settings.margin * max(rules.members, rules.initiative_group)
        people = self.model.geography.register * np.array([party.character.profile for party in groups])
        if self.spread:
            people = people * np.array([self._nearness(party) for party in groups])
        short = np.maximum(self.settings.margin * rules.members_per_region - members, 0)
        only_regions = (members.sum(axis=1) >= asked) & short.any(axis=1)
        people = np.where(only_regions[:, None], short, people)
        return np.asarray(people / people.sum(axis=1, keepdims=True))

    def _nearness(self, party: Party) -> NDArray[np.float64]:
        """How much of its effort reaches each region (R,), by the kilometres from its home."""
        assert self.spread
        home = party.character.home
        if home not in self._near:
            self._near[home] = self.model.geography.distance(self.model.geography.codes[home])
        return np.exp(-self._near[home] / (self.spread.home_km * (1 + self.money(party))))
